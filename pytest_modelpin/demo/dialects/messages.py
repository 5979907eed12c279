"""Anthropic's messages."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_modelpin.demo.dialects.answer import Answer, Dialect, Document, event, halves, pieces
from pytest_modelpin.providers import Reply, Usage


def _plain(answer: Answer) -> Document:
    return {
        **_head(answer),
        "content": _blocks(answer),
        "stop_reason": _stop_reason(answer.reply),
        "usage": _usage(answer.usage),
    }


def _streamed(answer: Answer) -> Iterator[str]:
    for document in events(answer):
        yield event(document, document["type"])


def events(answer: Answer) -> Iterator[Document]:
    """The documents of a stream."""
    begun = {**_usage(answer.usage), "output_tokens": 1}
    yield {"type": "message_start", "message": {**_head(answer), "usage": begun}}
    for index, block in enumerate(_blocks(answer)):
        is_text = block["type"] == "text"
        empty = {**block, "text": ""} if is_text else {**block, "input": {}}
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        if index == 0:
            yield {"type": "ping"}
        for piece in pieces(block["text"]) if is_text else halves(block["input"]):
            delta = (
                {"type": "text_delta", "text": piece}
                if is_text
                else {"type": "input_json_delta", "partial_json": piece}
            )
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    ended = {"stop_reason": _stop_reason(answer.reply), "stop_sequence": None}
    yield {"type": "message_delta", "delta": ended, "usage": _usage(answer.usage)}
    yield {"type": "message_stop"}


def _head(answer: Answer) -> Document:
    return {
        "id": f"msg_{answer.number}",
        "type": "message",
        "role": "assistant",
        "model": answer.served,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def _blocks(answer: Answer) -> list[Document]:
    reply = answer.reply
    blocks: list[Document] = []
    if reply.text or not reply.tools:
        blocks.append({"type": "text", "text": reply.text or reply.refusal or ""})
    for index, (name, arguments) in enumerate(reply.tools):
        id = f"toolu_{answer.number}_{index}"
        blocks.append({"type": "tool_use", "id": id, "name": name, "input": arguments})
    return blocks


def _stop_reason(reply: Reply) -> str:
    if reply.refusal:
        return "refusal"
    return reply.finish_reason or ("tool_use" if reply.tools else "end_turn")


def _usage(usage: Usage) -> Document:
    return {
        "input_tokens": usage.input_tokens or 0,
        "output_tokens": usage.output_tokens or 0,
        "cache_read_input_tokens": usage.cached_tokens or 0,
        "cache_creation_input_tokens": 0,
    }


def _error(status: int, message: str) -> Document:
    kinds = {404: "not_found_error", 429: "rate_limit_error", 529: "overloaded_error"}
    kind = kinds.get(status, "api_error" if status >= 500 else "invalid_request_error")
    return {"type": "error", "error": {"type": kind, "message": message}}


MESSAGES = Dialect("anthropic", _plain, _streamed, _error)
