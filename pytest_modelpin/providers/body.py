"""From a reply's bytes to a Reply: what is the same for every provider.

A provider brings two pure functions, one for the plain JSON document and one for the documents of
a stream. Whether the bytes are one or the other, errors, and broken bodies are settled here, and
how the two sorts of streams are taken apart: server-sent events, in which nearly every provider
streams, and AWS's binary ones.

Bedrock's are `application/vnd.amazon.eventstream`,
https://smithy.io/2.0/aws/amazon-eventstream.html: a message is its length, the length of its
headers, a checksum of the two, the headers, a payload and a checksum of it all. The checksums are
not looked at: TCP and TLS have their own, and a recording may have been redacted since. botocore
has a parser, too; a second way to read the same bytes would be a second home for the fact.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from pytest_modelpin.providers import wire
from pytest_modelpin.providers.reply import JSON, Reply

Document = dict[str, Any]

_LONGEST_ERROR = 2000  # characters; a gateway's HTML page is no message


def _no_answers(reply: Mapping[str, Any]) -> tuple[Reply, ...]:
    return ()


class Shape(NamedTuple):
    """How one API writes its replies."""

    plain: Callable[[Document], Reply]
    """Reads the JSON document of a reply that is not streamed."""
    streamed: Callable[[Sequence[Document], bool], Reply]
    """Reads a stream's JSON documents in order; the flag says whether `[DONE]` came."""
    telling: tuple[str, ...] = ()
    """Fields that only this shape's documents have, plain or streamed."""
    answers: Callable[[Mapping[str, Any]], tuple[Reply, ...]] = _no_answers
    """Text, tool calls and refusal of each answer in a whole reply, as JSON or as an SDK's
    `model_dump` spells it; none where the object is no such reply. It is told by a shape that no
    data of a user's own is likely to have."""


def read(
    shape: Shape,
    status: int,
    headers: Mapping[str, str],
    content: bytes,
    *,
    provider: str | None = None,
    requested_model: str | None = None,
) -> Reply:
    """The reply; `provider` and `requested_model` are what only the request knows. Never raises.

    An error status gives a Reply with `error` and nothing else; bytes that hold no reply at all
    give one that is not complete.
    """
    if status >= 400:
        reply = Reply(error=error_message(wire.parse(content), content, status))
    else:
        reply = _read(shape, headers.get("content-type", ""), content)
    return replace(reply, status=status, provider=provider, requested_model=requested_model)


def _read(shape: Shape, content_type: str, content: bytes) -> Reply:
    kind = content_type.partition(";")[0].strip().lower()
    if kind == AWS_CONTENT_TYPE:
        return shape.streamed(aws_documents(content), False)
    document = None
    if "event-stream" not in kind or not looks_like_events(content):
        document = wire.parse(content)
    if isinstance(document, dict):
        reply = shape.plain(document)
        return replace(reply, error=stream_error(document)) if document.get("error") else reply
    if isinstance(document, list):  # Gemini streams an array where `alt=sse` is not asked for
        return shape.streamed(wire.objects(document), False)
    documents, done = stream_documents(content)
    return shape.streamed(documents, done)


def stream_documents(content: bytes) -> tuple[list[Document], bool]:
    """The JSON documents of a stream of events or of lines, and whether `[DONE]` came."""
    if not looks_like_events(content):
        return wire.objects([wire.parse(line) for line in content.splitlines()]), False
    events = server_sent_events(content)
    documents = wire.objects([wire.parse(event.data) for event in events])
    return documents, any(event.data.strip() == "[DONE]" for event in events)


def shape_by_looks(content: bytes, shapes: Sequence[Shape]) -> Shape:
    """The shape that a reply's documents tell of; the first one where none does."""
    document = wire.parse(content)
    documents = wire.objects(document) or wire.objects([document])
    if not documents:
        documents = stream_documents(content)[0] or aws_documents(content)
    for shape in shapes:
        if any(field in document for field in shape.telling for document in documents):
            return shape
    return shapes[0]


def is_stream(content_type: str) -> bool:
    """Whether a reply of this type comes piece by piece: a client may stop before its end."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind in ("text/event-stream", "application/x-ndjson", AWS_CONTENT_TYPE)


def error_message(document: JSON, content: bytes = b"", status: int = 400) -> str:
    """The provider's own words for what went wrong, wherever its API puts them."""
    if isinstance(document, list):
        document = next(iter(wire.objects(document)), None)
    error = wire.at(document, "error")
    said = (
        wire.word(wire.at(error, "message"))
        or wire.word(error)
        or wire.word(wire.at(document, "message"))
        or wire.word(wire.at(document, "Message"))
        or _detail(wire.at(document, "detail"))
    )
    # OpenRouter says "Provider returned error" and puts the upstream's words beside it.
    raw = wire.word(wire.at(error, "metadata", "raw"))
    if said and raw:
        said = f"{said}: {raw}"
    if not said:
        said = content.decode("utf-8", "replace").strip() or f"HTTP {status}, with no message"
    return wire.joined([said])[:_LONGEST_ERROR]


def stream_error(document: Document) -> str | None:
    """The message of an error that came within a 200; None where the document carries none."""
    error = document.get("error")
    return error_message(document, json.dumps(error).encode()) if error else None


def _detail(detail: JSON) -> str | None:
    """FastAPI's form, which Mistral and vLLM answer with: a text or a list of `{msg}`."""
    listed = "; ".join(filter(None, (wire.text(item.get("msg")) for item in wire.objects(detail))))
    return wire.word(detail) or wire.word(listed)


AWS_CONTENT_TYPE = "application/vnd.amazon.eventstream"

_PRELUDE = struct.Struct(">III")
_LONGEST = 16 * 2**20  # bytes; AWS's own limit of a payload
_FIXED_SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""By type of a header's value; texts and bytes, 6 and 7, bear their length."""

# Only these end a line: str.splitlines would also cut at U+2028 or U+0085 inside a model's text.
# https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
_LINE_END = r"\r\n|\n|\r"


class Event(NamedTuple):
    """One server-sent event."""

    name: str
    """The `event` field; empty where the stream gives none."""
    data: str
    """The `data` lines, joined by line feeds."""


def server_sent_events(content: bytes) -> list[Event]:
    """The events of a stream, in order. Never raises: odd bytes are replaced, odd lines skipped.

    An event that the stream breaks off before its blank line is given too; a reader tells by its
    data whether it is whole. Many servers end with `data: [DONE]` and no blank line.
    """
    found: list[Event] = []
    name = ""
    data: list[str] = []
    text = content.decode("utf-8", "replace").removeprefix("\ufeff")
    for line in [*re.split(_LINE_END, text), ""]:
        if not line:
            if data:
                found.append(Event(name, "\n".join(data)))
            name, data = "", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data.append(value)
        elif field == "event":
            name = value
    return found


def looks_like_events(content: bytes) -> bool:
    """Whether a body of undeclared type starts as an event stream does."""
    return content.lstrip()[:6].startswith((b"data:", b"event:", b":", b"id:", b"retry:"))


def aws_documents(content: bytes) -> list[dict[str, JSON]]:
    """The JSON documents of a stream, in order. Never raises: a torn message ends it.

    A chunk of InvokeModelWithResponseStream is the document that it wraps. Any other event is an
    object with the event's name as its one field; an exception is `{"error": {…}}`.
    """
    return [
        found for headers, payload in messages(content) if (found := _document(headers, payload))
    ]


def messages(content: bytes) -> Iterator[tuple[Mapping[str, str], bytes]]:
    """The textual headers and the payload of each whole message."""
    at = 0
    while at + _PRELUDE.size <= len(content):
        total, headers_length, _ = _PRELUDE.unpack_from(content, at)
        start = at + _PRELUDE.size
        end = at + total - 4
        if total > _LONGEST or end > len(content) - 4 or start + headers_length > end:
            return
        yield (
            _headers(content[start : start + headers_length]),
            content[start + headers_length : end],
        )
        at += total


def _headers(content: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    at = 0
    while at < len(content):
        name_end = at + 1 + content[at]
        if name_end >= len(content):
            return found
        name, kind = content[at + 1 : name_end].decode("utf-8", "replace"), content[name_end]
        at = name_end + 1
        if kind in (6, 7):
            if at + 2 > len(content):
                return found
            (length,) = struct.unpack_from(">H", content, at)
            found[name] = content[at + 2 : at + 2 + length].decode("utf-8", "replace")
            at += 2 + length
        elif kind in _FIXED_SIZES:
            at += _FIXED_SIZES[kind]
        else:
            return found
    return found


def _document(headers: Mapping[str, str], payload: bytes) -> dict[str, JSON] | None:
    document = wire.parse(payload)
    failed = headers.get(":exception-type") or headers.get(":error-code")
    if failed:
        said = wire.word(wire.at(document, "message")) or headers.get(":error-message", failed)
        return {"error": {"type": failed, "message": f"{failed}: {said}"}}
    if not isinstance(document, dict):
        return None
    wrapped = document.get("bytes")
    if headers.get(":event-type") == "chunk" and isinstance(wrapped, str):
        try:
            inner = wire.parse(base64.b64decode(wrapped, validate=True))
        except (binascii.Error, ValueError):
            return None
        return inner if isinstance(inner, dict) else None
    return {headers.get(":event-type", ""): document}
