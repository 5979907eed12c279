"""What a provider said, in one shape for all of them, and how it is read from a reply's bytes.

A provider brings two pure functions, one for the plain JSON document and one for the documents of
a stream. Whether the bytes are one or the other, errors, and broken bodies are settled here.

Nobody promises the shape of that JSON: a provider may add, drop or retype a field on any day, and
a recording may be torn or edited by hand. Each look-up gives a value of the type asked for, and
never raises.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, NoReturn

from pytest_modelpin.providers.streams import (
    AWS_CONTENT_TYPE,
    looks_like_events,
    messages,
    server_sent_events,
)

JSON = Any
"""A JSON value: None, bool, int, float, str, list or dict with string keys."""

Document = dict[str, Any]
_COUNTED, _LONGEST_ID = 10**15, 256  # the most of anything, and letters


class ToolCall(NamedTuple):
    """One call of a tool that the model asks for."""

    name: str
    arguments: JSON
    """The arguments as parsed JSON; the raw text where the model's JSON does not parse."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counted them; None where the wire does not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of a model, read from a plain or a streamed HTTP reply.

    Every field has a default, so that `Reply(text="…", tools=[("name", {…})])` is a Reply.
    """

    text: str = ""
    tools: tuple[ToolCall, ...] = ()
    usage: Usage = field(default_factory=Usage)
    requested_model: str | None = None
    served_model: str | None = None
    """As the wire names it, to the letter; None where it names none, or what can be no id."""
    finish_reason: str | None = None
    """The provider's own word: "stop", "end_turn", "MAX_TOKENS" …"""
    refusal: str | None = None
    """The provider's refusal text or safety reason, where it has a field of its own for it."""
    complete: bool = True
    """False where a stream broke off before its end."""
    status: int = 200
    error: str | None = None
    """The provider's error message, where the status is 400 or above or a stream carried one."""
    provider: str | None = None

    def __post_init__(self) -> None:
        if self.tools != ():  # as most replies have none
            object.__setattr__(self, "tools", tuple(ToolCall(*tool) for tool in self.tools))
        if (id := self.served_model) and not (id.isprintable() and len(id) <= _LONGEST_ID):
            object.__setattr__(self, "served_model", None)


def real_calls(calls: Iterable[ToolCall]) -> tuple[ToolCall, ...]:
    """The calls without those that call nothing.

    Several servers write an empty call beside each answer (`"function_call": {"name": ""}`,
    `"tool_calls": [{}]`). One that has arguments but no name is kept: it is a broken call.
    """
    return tuple(call for call in calls if call.name or call.arguments)


# Looking things up in JSON


def parse(content: bytes | bytearray | str) -> JSON:
    """The JSON value; None where it does not parse, is nested beyond reason, or is `null`."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def at(value: JSON, *path: str) -> JSON:
    """What lies at the end of `path` through nested objects; None where the path breaks off."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def mapping(value: JSON) -> dict[str, Any]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: JSON) -> list[dict[str, Any]]:
    """The objects in a list; empty where the value is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def first_answers(documents: Iterable[JSON], field: str) -> list[dict[str, Any]]:
    """Of each document the first answer among the several in its `field`; empty where it has none.

    Of several answers to one question the one with the lowest `index` is *the* answer, wherever
    it stands in a list; a stream mixes the pieces of all. An answer that bears no index is the
    first: protocol buffers leave a zero out.
    """
    listed = [objects(mapping(document).get(field)) for document in documents]
    indexes = {_index(item) for items in listed for item in items}
    lowest = min(indexes, default=0)
    return [next((item for item in items if _index(item) == lowest), {}) for items in listed]


def _index(item: dict[str, Any]) -> int:
    return count(item.get("index")) or 0


def text(value: JSON) -> str:
    """The value where it is text, else an empty text."""
    return value if isinstance(value, str) else ""


def word(value: JSON) -> str | None:
    """The value where it is a text with something in it, else None."""
    return value if isinstance(value, str) and value else None


def count(value: JSON) -> int | None:
    """The value where it is a whole number from 0 up, else None; 7.0 counts as 7.

    More than anything is counted of here, as of tokens, is none either: no arithmetic bears it.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _COUNTED:
        return None
    if isinstance(value, float) and not value.is_integer():
        return None
    return int(value)


def first_count(*values: JSON) -> int | None:
    """The first value that is a count."""
    return next((found for value in values if (found := count(value)) is not None), None)


def joined(parts: Iterable[str]) -> str:
    """The parts as one text that can be written anywhere.

    JSON can escape half of a character's two UTF-16 surrogates, and a stream can put the halves
    into two events. Halves that meet are made whole; one left alone becomes U+FFFD.
    """
    whole = "".join(parts)
    try:
        whole.encode()
    except UnicodeEncodeError:
        return whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole


def arguments(value: JSON) -> JSON:
    """A tool call's arguments: text is parsed as JSON and kept as it is where it does not parse.

    No text at all is how several servers write "no arguments", and reads as an empty object.
    """
    if not isinstance(value, str):
        return value
    if not value.strip():
        return {}
    try:
        return json.loads(value, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        return joined([value])


def refuse_constant(constant: str) -> NoReturn:
    """For `json.loads`: NaN and the infinities are no JSON."""
    raise ValueError(f"{constant} is not JSON")


# From bytes to a reply

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
        reply = Reply(error=error_message(parse(content), content, status))
    else:
        reply = _read(shape, headers.get("content-type", ""), content)
    return replace(reply, status=status, provider=provider, requested_model=requested_model)


def _read(shape: Shape, content_type: str, content: bytes) -> Reply:
    kind = content_type.partition(";")[0].strip().lower()
    if kind == AWS_CONTENT_TYPE:
        return shape.streamed(aws_documents(content), False)
    document = None
    if "event-stream" not in kind or not looks_like_events(content):
        document = parse(content)
    if isinstance(document, dict):
        reply = shape.plain(document)
        return replace(reply, error=stream_error(document)) if document.get("error") else reply
    if isinstance(document, list):  # Gemini streams an array where `alt=sse` is not asked for
        return shape.streamed(objects(document), False)
    documents, done = stream_documents(content)
    return shape.streamed(documents, done)


def stream_documents(content: bytes) -> tuple[list[Document], bool]:
    """The JSON documents of a stream of events or of lines, and whether `[DONE]` came."""
    if not looks_like_events(content):
        return objects([parse(e) for e in content.splitlines() if e.lstrip()[:1] == b"{"]), False
    events = server_sent_events(content)
    documents = objects([parse(event.data) for event in events])
    return documents, any(event.data.strip() == "[DONE]" for event in events)


def aws_documents(content: bytes) -> list[Document]:
    """The JSON documents of a stream, in order. Never raises: a torn message ends it.

    A chunk of InvokeModelWithResponseStream is the document that it wraps. Any other event is an
    object with the event's name as its one field; an exception is `{"error": {…}}`.
    """
    return [
        found for headers, payload in messages(content) if (found := _document(headers, payload))
    ]


def _document(headers: Mapping[str, str], payload: bytes) -> Document | None:
    document = parse(payload)
    failed = headers.get(":exception-type") or headers.get(":error-code")
    if failed:
        said = word(at(document, "message")) or headers.get(":error-message", failed)
        return {"error": {"type": failed, "message": f"{failed}: {said}"}}
    if not isinstance(document, dict):
        return None
    wrapped = document.get("bytes")
    if headers.get(":event-type") == "chunk" and isinstance(wrapped, str):
        try:
            inner = parse(base64.b64decode(wrapped, validate=True))
        except (binascii.Error, ValueError):
            return None
        return inner if isinstance(inner, dict) else None
    return {headers.get(":event-type", ""): document}


def shape_by_looks(content: bytes, shapes: Sequence[Shape]) -> Shape:
    """The shape that a reply's documents tell of; the first one where none does."""
    document = parse(content)
    documents = objects(document) or objects([document])
    if not documents:
        documents = stream_documents(content)[0] or aws_documents(content)
    for shape in shapes:
        if any(field in document for field in shape.telling for document in documents):
            return shape
    return shapes[0]


def is_stream(content_type: str) -> bool:
    """Whether a reply of this type comes piece by piece: a client may stop before its end."""
    kind = content_type.partition(";")[0].strip().lower()
    by_lines = "application/x-ndjson", "application/stream+json"  # Ollama's, Cohere's first chat
    return kind in ("text/event-stream", AWS_CONTENT_TYPE, *by_lines)


def error_message(document: JSON, content: bytes = b"", status: int = 400) -> str:
    """The provider's own words for what went wrong, wherever its API puts them."""
    if isinstance(document, list):
        document = next(iter(objects(document)), None)
    error = at(document, "error")
    said = (
        word(at(error, "message"))
        or word(error)
        or word(at(document, "message"))
        or word(at(document, "Message"))
        or _detail(at(document, "detail"))
    )
    # OpenRouter says "Provider returned error" and puts the upstream's words beside it.
    raw = word(at(error, "metadata", "raw"))
    if said and raw:
        said = f"{said}: {raw}"
    if not said:
        said = content.decode("utf-8", "replace").strip() or f"HTTP {status}, with no message"
    return joined([said])[:_LONGEST_ERROR]


def stream_error(document: Document) -> str | None:
    """The message of an error that came within a 200; None where the document carries none."""
    error = document.get("error")
    return error_message(document, json.dumps(error).encode()) if error else None


def _detail(detail: JSON) -> str | None:
    """FastAPI's form, which Mistral and vLLM answer with: a text or a list of `{msg}`."""
    listed = "; ".join(filter(None, (text(item.get("msg")) for item in objects(detail))))
    return word(detail) or word(listed)
