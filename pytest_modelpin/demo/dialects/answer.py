"""What every API's way of writing an answer starts from."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pytest_modelpin.providers import Reply, Usage

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply about to be written, with what the wire needs beside it."""

    reply: Reply
    served: str
    usage: Usage
    number: int
    """Counts the server's answers; ids are made of it."""
    created: int
    """Seconds since the epoch."""
    usage_in_stream: bool = False
    """Whether the client asked a chat stream for its usage (`stream_options`)."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One API's way of writing."""

    provider: str
    plain: Callable[[Answer], Document]
    streamed: Callable[[Answer], Iterator[str] | Iterator[bytes]]
    """Whole events."""
    error: Callable[[int, str], Document]
    stream_type: str = "text/event-stream; charset=utf-8"
    """The content type of a stream; server-sent events, mostly."""


def pieces(text: str) -> list[str]:
    """The text cut before each word, as a model's tokens might come."""
    return re.findall(r"\s*\S+|\s+$", text)


def event(document: Document, name: str = "") -> str:
    """One server-sent event, whole."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(document)}\n\n"


def halves(arguments: Any) -> tuple[str, str]:
    """A tool call's arguments as JSON text in two pieces, as streams break them up."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return text[: len(text) // 2], text[len(text) // 2 :]


def arguments_text(arguments: Any) -> str:
    """A tool call's arguments as JSON text."""
    return "".join(halves(arguments))
