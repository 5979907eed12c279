"""The shape of Mistral's conversations, by mistralai 3.7's `conversations` and its models.

A reply has no finish reason; the entries that a model makes name it.
"""

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

PATH = r"/v1/conversations/*$"
"""Of the URL at which one is begun; many programs have conversations of their own."""
ONE = r"/conversations/[^/]+(?:/restart)?/*$"
"""Of those at which it goes on; no model is named there."""

_DELTAS = {"message.output.delta": "message.output", "function.call.delta": "function.call"}


def read_plain(document: Document) -> Reply:
    """One `ConversationResponse`."""
    entries = wire.objects(document.get("outputs"))
    return replace(
        _answer(entries),
        usage=_usage(document),
        served_model=next(filter(None, (wire.word(each.get("model")) for each in entries)), None),
        complete=isinstance(document.get("outputs"), list),
    )


def read_streamed(documents: Sequence[Document], done: bool) -> Reply:
    """The events of a stream, put together into the response that would have come plain."""
    entries: dict[int, dict[str, Any]] = {}
    end: Document | None = None
    error = None
    for document in documents:
        kind = wire.text(document.get("type"))
        if kind in _DELTAS:
            index = wire.count(document.get("output_index")) or 0
            begun = {**document, "type": _DELTAS[kind], "content": [], "arguments": ""}
            entry = entries.setdefault(index, begun)
            entry["content"] += _chunks(document.get("content"))
            entry["arguments"] += wire.text(document.get("arguments"))
        elif kind == "conversation.response.done":
            end = document
        elif kind == "conversation.response.error":
            error = error or stream_error({"error": document})
    outputs = [entries[index] for index in sorted(entries)]
    reply = read_plain({**(end or {}), "outputs": outputs})
    return replace(reply, complete=end is not None, error=error)


def answers(reply: Mapping[str, Any]) -> tuple[Reply, ...]:
    """Of a response, in the wire's spelling, which is the SDK's."""
    match reply:
        case {"object": "conversation.response", "outputs": [*_] as outputs}:
            return (_answer(wire.objects(outputs)),)
    return ()


SHAPE = Shape(read_plain, read_streamed, ("outputs",), answers)


def _answer(entries: list[Document]) -> Reply:
    """What the model says, and the functions that it has the client call; Mistral runs the tools of
    its own itself.
    """
    chunks = [
        chunk
        for entry in entries
        if entry.get("type") == "message.output"
        for chunk in _chunks(entry.get("content"))
    ]
    texts = (wire.text(each.get("text")) for each in chunks if each.get("type") == "text")
    return Reply(text=wire.joined(texts), tools=real_calls(_calls(entries)))


def _calls(entries: list[Document]) -> Iterator[ToolCall]:
    for entry in entries:
        if entry.get("type") == "function.call":
            yield ToolCall(wire.text(entry.get("name")), wire.arguments(entry.get("arguments")))


def _chunks(content: Any) -> list[Document]:
    """A text, a chunk, or a list of chunks; thoughts and references lie beside the text."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return wire.objects(content if isinstance(content, list) else [content])


def _usage(document: Document) -> Usage:
    usage = wire.mapping(document.get("usage"))
    return Usage(
        input_tokens=wire.count(usage.get("prompt_tokens")),
        output_tokens=wire.count(usage.get("completion_tokens")),
    )
