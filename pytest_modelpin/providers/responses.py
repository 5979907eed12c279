"""The shape of OpenAI's Responses API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_modelpin.providers import wire
from pytest_modelpin.providers.wire import (
    Document,
    Reply,
    Shape,
    ToolCall,
    Usage,
    real_calls,
    stream_error,
)

_LAST_EVENTS = frozenset({"response.completed", "response.incomplete", "response.failed"})
_CALLS = frozenset({"function_call", "custom_tool_call"})
_CALLS_MADE = _CALLS | {"mcp_call"}
_UNFINISHED = frozenset({"in_progress", "queued"})


def read_plain(document: Document) -> Reply:
    """One `response` object."""
    items = wire.objects(document.get("output"))
    status = wire.word(document.get("status"))
    return replace(
        _answer(items),
        usage=_usage(document),
        served_model=wire.word(document.get("model")),
        finish_reason=wire.word(wire.at(document, "incomplete_details", "reason")) or status,
        complete=status not in _UNFINISHED,
    )


def read_streamed(documents: Sequence[Document], done: bool) -> Reply:
    """The events of a stream; the last one repeats the whole response."""
    response: Document = {}
    ended = False
    error = None
    for document in documents:
        kind = wire.text(document.get("type"))
        if kind == "error":
            error = error or stream_error({"error": document.get("error") or document})
        if isinstance(document.get("response"), dict):
            response = response | {k: v for k, v in document["response"].items() if v is not None}
        ended = ended or kind in _LAST_EVENTS
    # Some compatible servers leave the last event's output empty; a broken stream has no last one.
    if not ended or not wire.objects(response.get("output")):
        response = response | {"output": _output_in_pieces(documents)}
    reply = read_plain(response)
    return replace(
        reply,
        finish_reason=reply.finish_reason if ended else None,
        complete=ended,
        error=stream_error(response) or error,
    )


def answers(reply: Mapping[str, Any]) -> tuple[Reply, ...]:
    """Of a response object, with the calls that OpenAI made of a server of the user's (MCP)."""
    match reply:
        case {"object": "response", "output": list(output)}:
            items = wire.objects(output)
            return (replace(_answer(items), tools=real_calls(_tool_calls(items, _CALLS_MADE))),)
    return ()


SHAPE = Shape(read_plain, read_streamed, ("output", "response"), answers)


def _answer(items: list[Document]) -> Reply:
    return Reply(
        text=wire.joined(_parts(items, "output_text", "text")),
        tools=real_calls(_tool_calls(items)),
        refusal=wire.joined(_parts(items, "refusal", "refusal")) or None,
    )


# Which field of an output item, or of one of its parts, each kind of delta lengthens.
_ITEM_DELTAS = {
    "response.function_call_arguments.delta": "arguments",
    "response.custom_tool_call_input.delta": "input",
}
_PART_DELTAS = {
    "response.output_text.delta": ("output_text", "text"),
    "response.refusal.delta": ("refusal", "refusal"),
}


def _output_in_pieces(documents: Sequence[Document]) -> list[Document]:
    """The output items as far as the stream got: whole ones as sent, others from their deltas."""
    items: dict[int, dict[str, Any]] = {}
    for document in documents:
        kind = wire.text(document.get("type"))
        index = wire.count(document.get("output_index")) or 0
        if kind in ("response.output_item.added", "response.output_item.done"):
            item = wire.mapping(document.get("item"))
            items[index] = item | {"content": wire.objects(item.get("content"))}
        elif kind in _ITEM_DELTAS:
            item = items.setdefault(index, {"type": "function_call"})
            field = _ITEM_DELTAS[kind]
            item[field] = wire.text(item.get(field)) + wire.text(document.get("delta"))
        elif kind in _PART_DELTAS:
            item = items.setdefault(index, {"type": "message", "content": []})
            part_type, field = _PART_DELTAS[kind]
            part = {"type": part_type, field: wire.text(document.get("delta"))}
            item.setdefault("content", []).append(part)
    return [items[index] for index in sorted(items)]


def _parts(items: list[Document], part_type: str, field: str) -> Iterator[str]:
    for item in items:
        if item.get("type") == "message":
            for part in wire.objects(item.get("content")):
                if part.get("type") == part_type:
                    yield wire.text(part.get(field))


def _tool_calls(items: list[Document], kinds: frozenset[str] = _CALLS) -> Iterator[ToolCall]:
    """By default the calls that the client must answer; OpenAI runs its hosted tools itself."""
    for item in items:
        kind = wire.text(item.get("type"))
        if kind not in kinds:
            continue
        name = wire.text(item.get("name"))
        if kind == "custom_tool_call":
            yield ToolCall(name, wire.text(item.get("input")))
        else:
            yield ToolCall(name, wire.arguments(item.get("arguments")))


def _usage(document: Document) -> Usage:
    usage = wire.mapping(document.get("usage"))
    return Usage(
        input_tokens=wire.count(usage.get("input_tokens")),
        output_tokens=wire.count(usage.get("output_tokens")),
        cached_tokens=wire.count(wire.at(usage, "input_tokens_details", "cached_tokens")),
        reasoning_tokens=wire.count(wire.at(usage, "output_tokens_details", "reasoning_tokens")),
    )
