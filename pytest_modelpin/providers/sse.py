"""Server-sent events, the format in which every provider streams."""

from __future__ import annotations

import re
from typing import NamedTuple

# Only these end a line: str.splitlines would also cut at U+2028 or U+0085 inside a model's text.
# https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
_LINE_END = re.compile(r"\r\n|\n|\r")


class Event(NamedTuple):
    """One server-sent event."""

    name: str
    """The `event` field; empty where the stream gives none."""
    data: str
    """The `data` lines, joined by line feeds."""


def events(content: bytes) -> list[Event]:
    """The events of a stream, in order. Never raises: odd bytes are replaced, odd lines skipped.

    An event that the stream breaks off before its blank line is given too; a reader tells by its
    data whether it is whole. Many servers end with `data: [DONE]` and no blank line.
    """
    found: list[Event] = []
    name = ""
    data: list[str] = []
    text = content.decode("utf-8", "replace").removeprefix("\ufeff")
    for line in [*_LINE_END.split(text), ""]:
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
