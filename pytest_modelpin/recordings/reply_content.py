"""A reply's body as it stands in a recording: JSON, events, text, or bytes, without secrets, and
what is large and no text in a file of its own beside it.

Secrets are taken out of JSON field by field, of streams also across their events.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pytest_modelpin.providers.streams import (
    AWS_CONTENT_TYPE,
    lines,
    looks_like_events,
    messages,
    with_payloads,
)
from pytest_modelpin.providers.wire import JSON, refuse_constant
from pytest_modelpin.recordings.exchange import Response
from pytest_modelpin.recordings.large_bodies import (
    LARGE,
    Aside,
    LargeBody,
    Take,
    none_beside,
    put_aside,
    put_back,
    put_texts_aside,
)

_DEEPEST = 100
"""Levels of a reply that is written as JSON; Python gives up near 1,000, minus its callers'."""

_BEGINS_JSON = ("{", "[", '"', "-", "t", "f", "n", "N", "I", *"0123456789")

_COMPACT = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False
)  # what was read from JSON holds itself nowhere


def write_content(response: Response, aside: Aside | None = None) -> dict[str, JSON]:
    """The reply's content in the form that is best to review: JSON, events, text, or bytes.

    `aside` takes what is large and no text; without it all stands in the recording.
    """
    try:
        text = response.content.decode()
    except UnicodeDecodeError:
        if aside is not None and len(response.content) >= LARGE:
            return {"file": put_aside(response.content, aside).written()}
        return {"base64": base64.b64encode(response.content).decode()}
    if response.headers.get("content-type", "").startswith("text/event-stream"):
        return {"events": split_events(text)}
    try:
        body = parse_exactly(text)
    except (ValueError, RecursionError):
        # A batch's results, or Ollama's stream: read in a review line by line.
        return {"events": lines(text)} if "}\n{" in text else {"text": text}
    files = [] if aside is None or len(text) < LARGE else put_texts_aside(body, aside)
    return {"body": body, **({"files": files} if files else {})}


def read_content(response: Mapping[str, Any], take: Take) -> bytes:
    """The content again. Raises what damaged JSON raises, and what `take` does."""
    if "body" in response:
        for entry in response.get("files", ()):
            put_back(response["body"], entry["at"], take(LargeBody.read(entry)))
        return compact(response["body"]).encode()
    if "events" in response:
        return "".join(response["events"]).encode()
    if "text" in response:
        return str(response["text"]).encode()
    if "file" in response:
        return take(LargeBody.read(response["file"]))
    return base64.b64decode(response["base64"], validate=True)


def settled(response: Response) -> Response:
    """The reply as it reads after being written, so that what is heard is what is replayed."""
    content = read_content(write_content(response), none_beside)
    return response._replace(headers=dict(sorted(response.headers.items())), content=content)


def split_events(text: str) -> list[str]:
    """The server-sent events of a stream, each with the blank line that ends it."""
    if "\r" not in text and "\n\n\n" not in text and not text.startswith("\n"):
        *events, rest = text.split("\n\n")  # as nearly all streams are, and far sooner done
        return [*(event + "\n\n" for event in events), *([rest] if rest else [])]
    return re.findall(r".+?(?:\r\n\r\n|\n\n|\r\r|\Z)", text, re.DOTALL)


def compact(value: JSON) -> str:
    """JSON without white space, its fields in their own order. ValueError for a NaN."""
    return _COMPACT.encode(value)


def parse_exactly(text: str) -> JSON:
    """The JSON value of `text`, where writing it again loses nothing but white space.

    Raises ValueError where it would: for a field given twice, a number beyond a float, a NaN, and
    half a character; and where it is nested deeper than an answer ever is.
    """
    if not text.lstrip().startswith(_BEGINS_JSON):
        raise ValueError("no JSON")  # a stream, most often: not to be gone over for it
    if _depth(text) > _DEEPEST:
        raise ValueError("nested too deep")
    value = json.loads(text, object_pairs_hook=_distinct, parse_constant=refuse_constant)
    compact(value).encode()  # half a surrogate pair, read from an escape, can't be written
    return value


def _depth(text: str) -> int:
    """How deep brackets nest in JSON, at most; those within strings don't count."""
    if max(text.count("["), text.count("{")) <= _DEEPEST // 2:
        return 0
    deepest = depth = 0
    for bracket in re.findall(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        if bracket in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif bracket in "]}":
            depth -= 1
    return deepest


def _distinct(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a field is given twice")
    return fields


# Without secrets

_DATA = "data:"
_TOKENS = re.compile(r'"logprobs\w*"\s*:\s*[\[{]\s*["\[{]')
"""Where a reply repeats its answer token by token: most have the field, and nothing in it."""
_DECODER = json.JSONDecoder()


def redact_reply(
    headers: Mapping[str, str], kept: Collection[str], content: bytes, secrets: Collection[str]
) -> tuple[dict[str, str], bytes]:
    """The headers that may be recorded and a reply's decoded body, both without secrets.

    Those are `content-type` and `kept`, by lower-case name, sorted. JSON comes back without white
    space.
    """
    held = sorted((name.lower(), value) for name, value in headers.items())
    left = {name: value for name, value in held if name == "content-type" or name in kept}
    if "location" in left:
        from pytest_modelpin.redaction.redact import without_parameters

        left["location"] = without_parameters(left["location"])
    declared = left.get("content-type", "").partition(";")[0].strip().lower()
    values, redacted = _redact_together(list(left.values()), content, secrets, declared)
    return dict(zip(left, values, strict=True)), redacted


def _redact_together(
    texts: Sequence[str], content: bytes, secrets: Collection[str], content_type: str
) -> tuple[Sequence[str], bytes]:
    # What is only replayed loads none of this.
    from pytest_modelpin.redaction.redact import redact, redact_together
    from pytest_modelpin.redaction.spellings import PLACEHOLDER

    if content_type == AWS_CONTENT_TYPE:
        messages = _redact_messages(content, secrets)
        return redact_together(texts, None, secrets)[0], messages
    try:
        text = content.decode("utf-8", _odd_bytes(content, content_type))
    except UnicodeDecodeError:
        for secret in secrets:
            content = content.replace(secret.encode(), PLACEHOLDER.encode())
        return redact_together(texts, None, secrets)[0], content
    try:
        value = parse_exactly(text)
    except (ValueError, RecursionError):
        events = redact(_redact_across_events(text, secrets), secrets, framed=True)
        return redact_together(texts, None, secrets)[0], events.encode("utf-8", "surrogateescape")
    if isinstance(value, list):  # Gemini's stream, where it was not asked for events
        from pytest_modelpin.redaction.in_pieces import redact_across

        redact_across(value, secrets)
    elif _TOKENS.search(text):
        from pytest_modelpin.redaction.in_pieces import redact_across

        redact_across([value], secrets)
    texts, value = redact_together(texts, value, secrets)
    return texts, compact(value).encode()


def _odd_bytes(content: bytes, content_type: str) -> str:
    """How bytes that are no UTF-8 are read: as they are in a text, which a stream that broke off
    within a character is, too. What is no text has no pieces that could be redacted.
    """
    if not content_type:
        is_text = looks_like_events(content) or content.lstrip()[:1] in (b"{", b"[")
    else:
        is_text = content_type.startswith("text/") or "json" in content_type
    return "surrogateescape" if is_text else "strict"


def _redact_messages(content: bytes, secrets: Collection[str]) -> bytes:
    """AWS's binary stream without secrets, in what its messages wrap, too."""
    from pytest_modelpin.redaction.in_pieces import redact_across
    from pytest_modelpin.redaction.redact import redact, redact_together

    def as_text(odd: bytes) -> bytes:
        text = redact(odd.decode("utf-8", "surrogateescape"), secrets, framed=True)
        return text.encode("utf-8", "surrogateescape")

    payloads = [payload for _, payload in messages(content)]
    opened = [_opened(payload) for payload in payloads]
    documents = [document for document, _ in opened]
    touched = redact_across(documents, secrets)
    for number, (document, wrapped) in enumerate(opened):
        if document is None:
            payloads[number] = as_text(payloads[number])
            continue
        _, clean = redact_together((), document, secrets)
        if number in touched or clean != document:
            told = _writable(clean).encode()
            payloads[number] = (
                compact({"bytes": base64.b64encode(told).decode()}).encode() if wrapped else told
            )
    whole, torn = with_payloads(content, payloads)
    return whole + as_text(torn)


def _opened(payload: bytes) -> tuple[JSON, bool]:
    """What a message says, and whether it wraps it in base64, as Bedrock's chunks do."""
    try:
        document = _DECODER.decode(payload.decode())
        wrapped = document.get("bytes") if isinstance(document, dict) else None
        if isinstance(wrapped, str):
            return _DECODER.decode(base64.b64decode(wrapped, validate=True).decode()), True
    except (ValueError, RecursionError):
        return None, False
    return document, False


def _writable(document: JSON) -> str:
    """Compact, with half a character as the escape that it was read from."""
    text = compact(document)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(document, separators=(",", ":"))
    return text


def _redact_across_events(text: str, secrets: Collection[str]) -> str:
    """A stream in which no secret is spelt out piece by piece.

    Events are server-sent, or a line of JSON each.
    """
    from pytest_modelpin.redaction.in_pieces import redact_across

    events = split_events(text) if _DATA in text else lines(text)
    documents = [_document(event) for event in events]
    for number in redact_across(documents, secrets):
        events[number] = _with_document(events[number], documents[number])
    return "".join(events)


def _document(event: str) -> JSON:
    """The JSON that an event carries; None where it carries none, or over several lines."""
    told = lines(event.rstrip())
    if len(told) > 1:
        told = [line for line in told if line.startswith(_DATA)] or told
    if len(told) != 1:
        return None
    try:
        return _DECODER.decode(told[0].removeprefix(_DATA))
    except (ValueError, RecursionError):
        return None


def _with_document(event: str, document: JSON) -> str:
    if _DATA not in event:
        return f"{_writable(document)}{event[len(event.rstrip()) :]}"
    return "".join(
        f"{_DATA} {_writable(document)}{line[len(line.rstrip()) :]}"
        if line.startswith(_DATA)
        else line
        for line in lines(event)
    )
