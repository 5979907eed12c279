"""From a reply's bytes to a Reply: what is the same for every provider.

A provider brings two pure functions, one for the plain JSON document and one for the documents of
a stream. Whether the bytes are one or the other, errors, and broken bodies are settled here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from pytest_modelpin.providers import streams, wire
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
    if kind == streams.AWS_CONTENT_TYPE:
        return shape.streamed(streams.documents(content), False)
    document = None
    if "event-stream" not in kind or not streams.looks_like_events(content):
        document = wire.parse(content)
    if isinstance(document, dict):
        return shape.plain(document)
    if isinstance(document, list):  # Gemini streams an array where `alt=sse` is not asked for
        return shape.streamed(wire.objects(document), False)
    documents, done = stream_documents(content)
    return shape.streamed(documents, done)


def stream_documents(content: bytes) -> tuple[list[Document], bool]:
    """The JSON documents of a stream of events or of lines, and whether `[DONE]` came."""
    if not streams.looks_like_events(content):
        return wire.objects([wire.parse(line) for line in content.splitlines()]), False
    events = streams.events(content)
    documents = wire.objects([wire.parse(event.data) for event in events])
    return documents, any(event.data.strip() == "[DONE]" for event in events)


def shape_by_looks(content: bytes, shapes: Sequence[Shape]) -> Shape:
    """The shape that a reply's documents tell of; the first one where none does."""
    document = wire.parse(content)
    documents = wire.objects(document) or wire.objects([document])
    if not documents:
        documents = stream_documents(content)[0] or streams.documents(content)
    for shape in shapes:
        if any(field in document for field in shape.telling for document in documents):
            return shape
    return shapes[0]


def is_stream(content_type: str) -> bool:
    """Whether a reply of this type comes piece by piece: a client may stop before its end."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind in ("text/event-stream", "application/x-ndjson", streams.AWS_CONTENT_TYPE)


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
