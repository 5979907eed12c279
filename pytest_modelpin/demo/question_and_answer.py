"""What a request asks a model, and what an answer is written from, alike for all providers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pytest_modelpin.providers import Reply, Usage, wire
from pytest_modelpin.providers.wire import JSON

# The fields that hold what the model is told, the system's words first.
_SYSTEM = ("instructions", "system", "systemInstruction")
_TURNS = ("messages", "input", "inputs", "contents", "message", "prompt")
_WITHIN = (
    "content", "parts", "text", "output", "functionResponse", "response", "toolResult", "json",
    "result",
)  # fmt: skip
_DECLARED = ("functionDeclarations", "function_declarations")  # Gemini takes both spellings


@dataclass(frozen=True, slots=True)
class Question:
    """One request for an answer."""

    provider: str
    """Whose API it came by, such as "openai"."""
    asked: str
    """The model id in the request."""
    served: str
    """The version that answers: what the alias points to, or the id itself."""
    text: str
    """The system's words and all the messages, tool results among them, one a line."""
    tools: tuple[str, ...]
    """The names of the tools on offer."""
    body: JSON
    """The request's whole JSON body."""


def text_of(body: dict[str, JSON]) -> str:
    """All that the body tells the model, system first, in order, one piece a line."""
    return "\n".join(piece for field in _SYSTEM + _TURNS for piece in _pieces(body.get(field)))


def tools_of(body: dict[str, JSON]) -> tuple[str, ...]:
    """The names of the functions that the body offers, in any of the APIs' shapes."""
    names: list[str] = []
    configured = body.get("toolConfig")  # Bedrock's place for them; Gemini has other things there
    inside = configured.get("tools") if isinstance(configured, dict) else None
    offered = inside or body.get("tools")
    for tool in wire.objects(offered):
        inner = tool.get("function") or tool.get("toolSpec") or tool
        declared = next((tool[name] for name in _DECLARED if tool.get(name)), [inner])
        names += [function["name"] for function in wire.objects(declared) if "name" in function]
    return tuple(names)


def _pieces(value: JSON) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _pieces(item)
    elif isinstance(value, dict):
        found = [piece for field in _WITHIN if field in value for piece in _pieces(value[field])]
        yield from found
        if not found and "type" not in value and "role" not in value:
            yield json.dumps(value)  # a Gemini function's result is an object of any shape


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


def _streams(path: str, body: Document) -> bool:
    return bool(body.get("stream"))


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
    streams: Callable[[str, Document], bool] = _streams
    """Whether a request, by its path and body, asks for a stream."""


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
