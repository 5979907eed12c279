"""Cohere's v2 chat, whose replies name no model."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_modelpin.demo.dialects.answer import (
    Answer,
    Dialect,
    Document,
    arguments_text,
    event,
    halves,
    pieces,
)
from pytest_modelpin.providers import Reply


def _plain(answer: Answer) -> Document:
    reply = answer.reply
    message: Document = {"role": "assistant"}
    if reply.text or not reply.tools:
        message["content"] = [{"type": "text", "text": reply.text}]
    if reply.tools:
        message["tool_calls"] = [
            _call(name, arguments_text(given), index)
            for index, (name, given) in enumerate(reply.tools)
        ]
    return {"id": f"chat-{answer.number}", "message": message, **_end(answer)}


def _end(answer: Answer) -> Document:
    given, taken = answer.usage.input_tokens or 0, answer.usage.output_tokens or 0
    tokens = {"input_tokens": given, "output_tokens": taken}
    return {
        "finish_reason": _finish(answer.reply),
        "usage": {"billed_units": tokens, "tokens": tokens},
    }


def _finish(reply: Reply) -> str:
    return reply.finish_reason or ("TOOL_CALL" if reply.tools else "COMPLETE")


def _call(name: str, arguments: str, index: int) -> Document:
    function = {"name": name, "arguments": arguments}
    return {"id": f"{name}_{index}", "type": "function", "function": function}


def _streamed(answer: Answer) -> Iterator[str]:
    for document in _events(answer):
        yield event(document, document["type"])


def _events(answer: Answer) -> Iterator[Document]:
    def delta(kind: str, message: Document, index: int = 0) -> Document:
        return {"type": kind, "index": index, "delta": {"message": message}}

    head: Document = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": []}
    yield {"id": f"chat-{answer.number}", **delta("message-start", head)}
    if answer.reply.text:
        yield delta("content-start", {"content": {"type": "text", "text": ""}})
        for piece in pieces(answer.reply.text):
            yield delta("content-delta", {"content": {"text": piece}})
        yield {"type": "content-end", "index": 0}
    for index, (name, given) in enumerate(answer.reply.tools):
        yield delta("tool-call-start", {"tool_calls": _call(name, "", index)}, index)
        for half in halves(given):
            function = {"tool_calls": {"function": {"arguments": half}}}
            yield delta("tool-call-delta", function, index)
        yield {"type": "tool-call-end", "index": index}
    yield {"type": "message-end", "delta": _end(answer)}


def _error(status: int, message: str) -> Document:
    return {"message": message}


COHERE = Dialect("cohere", _plain, _streamed, _error)
