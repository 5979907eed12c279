"""A reply's body without secrets, and a recorded request without them held against one as sent.

Secrets are taken out of JSON field by field, of streams also across their events. What is a secret
differs from one environment to the next: a request that was recorded where a word of it was one
must be found where it is none.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence

from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.recordings.reply_content import compact, parse_exactly, split_events
from pytest_modelpin.redaction.redact import redact, redact_together, without_parameters
from pytest_modelpin.redaction.spellings import PLACEHOLDER


def has_placeholder(value: JSON) -> bool:
    """Whether something was taken out of a recorded body."""
    return PLACEHOLDER in json.dumps(value)


def stands_for(recorded: JSON, sent: JSON) -> bool:
    """Whether the two are equal where each placeholder in `recorded` may be any text or number."""
    if isinstance(recorded, str):
        return _text_stands_for(recorded, sent)
    if isinstance(recorded, list):
        return (
            isinstance(sent, list)
            and len(recorded) == len(sent)
            and all(map(stands_for, recorded, sent))
        )
    if isinstance(recorded, dict):
        return (
            isinstance(sent, dict)
            and len(recorded) == len(sent)
            and all(_field_stands_for(name, value, sent) for name, value in recorded.items())
        )
    return type(recorded) is type(sent) and recorded == sent


def _field_stands_for(name: str, value: JSON, sent: dict[str, JSON]) -> bool:
    if PLACEHOLDER not in name:
        return name in sent and stands_for(value, sent[name])
    return any(_text_stands_for(name, each) and stands_for(value, sent[each]) for each in sent)


def _text_stands_for(recorded: str, sent: JSON) -> bool:
    if not isinstance(sent, str):
        return recorded == PLACEHOLDER and type(sent) in (int, float)
    if PLACEHOLDER not in recorded:
        return recorded == sent
    first, *between, last = recorded.split(PLACEHOLDER)
    if len(sent) < len(first) + len(last) or not sent.startswith(first):
        return False
    if not sent.endswith(last):
        return False
    at, end = len(first), len(sent) - len(last)
    for piece in between:  # the earliest place for each leaves the most room for the rest
        at = sent.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True


_DATA = "data:"
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
        left["location"] = without_parameters(left["location"])
    values, redacted = _redact_together(list(left.values()), content, secrets)
    return dict(zip(left, values, strict=True)), redacted


def _redact_together(
    texts: Sequence[str], content: bytes, secrets: Collection[str]
) -> tuple[Sequence[str], bytes]:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        for secret in secrets:
            content = content.replace(secret.encode(), PLACEHOLDER.encode())
        return redact_together(texts, None, secrets)[0], content
    try:
        value = parse_exactly(text)
    except (ValueError, RecursionError):
        events = redact(_redact_across_events(text, secrets), secrets, framed=True)
        return redact_together(texts, None, secrets)[0], events.encode()
    if isinstance(value, list):  # Gemini's stream, where it was not asked for events
        _redact_across(value, secrets)
    texts, value = redact_together(texts, value, secrets)
    return texts, compact(value).encode()


_Piece = tuple[int, dict[str, JSON] | list[JSON], str | int]
"""A string in one event: the event's number, what holds the string, and under which key."""


def _redact_across_events(text: str, secrets: Collection[str]) -> str:
    """A stream in which no secret is spelt out piece by piece.

    Events are server-sent, or a line of JSON each.
    """
    events = split_events(text) if _DATA in text else text.splitlines(keepends=True)
    documents = [_document(event) for event in events]
    for number in _redact_across(documents, secrets):
        events[number] = _with_document(events[number], documents[number])
    return "".join(events)


def _redact_across(documents: Sequence[JSON], secrets: Collection[str]) -> set[int]:
    """Take out, in place, what is a secret only together; the numbers of what was changed.

    A model that repeats a key does so a few characters an event. Where the pieces of one place
    make up a secret, the first event gets the whole redacted text, and the others nothing.
    """
    places = _Place()
    for number, document in enumerate(documents):
        places.take(number, document)
    touched: set[int] = set()
    for pieces in places.shared():
        texts = [str(holder[key]) for _, holder, key in pieces]  # type: ignore[index]
        whole = "".join(texts)
        together = redact(whole, secrets)
        if together == whole:
            continue
        if together != "".join(redact(text, secrets) for text in texts):
            for at, (number, holder, key) in enumerate(pieces):
                holder[key] = "" if at else together  # type: ignore[index]
                touched.add(number)
    return touched


class _Place(dict[str | int, "_Place"]):
    """A place that events share, such as `choices.0.delta.content`, and the places below it."""

    __slots__ = ("pieces",)

    def __init__(self) -> None:
        self.pieces: list[_Piece] = []

    def __missing__(self, key: str | int) -> _Place:
        below = self[key] = _Place()
        return below

    def take(self, number: int, value: JSON) -> None:
        """Note each string within an event's `value` under its place.

        Without calling itself: Python 3.12 and later parse what is nested deeper than calls may be.
        """
        left = [(self, value)]
        while left:
            place, holder = left.pop()
            if isinstance(holder, dict | list):
                for key, item in holder.items() if isinstance(holder, dict) else enumerate(holder):
                    if isinstance(item, str):
                        place[key].pieces.append((number, holder, key))
                    elif isinstance(item, dict | list):
                        left.append((place[key], item))

    def shared(self) -> Iterator[list[_Piece]]:
        """The strings of each place."""
        left = [self]
        while left:
            place = left.pop()
            if place.pieces:
                yield place.pieces
            left.extend(place.values())


def _document(event: str) -> JSON:
    """The JSON that an event carries; None where it carries none, or over several lines."""
    lines = event.rstrip().splitlines()
    if len(lines) > 1:
        lines = [line for line in lines if line.startswith(_DATA)] or lines
    if len(lines) != 1:
        return None
    try:
        return _DECODER.decode(lines[0].removeprefix(_DATA))
    except (ValueError, RecursionError):
        return None


def _with_document(event: str, document: JSON) -> str:
    if _DATA not in event:
        return f"{compact(document)}{event[len(event.rstrip()) :]}"
    return "".join(
        f"{_DATA} {compact(document)}{line[len(line.rstrip()) :]}"
        if line.startswith(_DATA)
        else line
        for line in event.splitlines(keepends=True)
    )
