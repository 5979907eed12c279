"""Anthropic's messages and Gemini's generateContent."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_modelpin.demo.question_and_answer import (
    Answer,
    Dialect,
    Document,
    event,
    halves,
    pieces,
)
from pytest_modelpin.providers import Reply, Usage


def _claude_plain(answer: Answer) -> Document:
    return {
        **_claude_head(answer),
        "content": _claude_blocks(answer),
        "stop_reason": _claude_stop_reason(answer.reply),
        "usage": _claude_usage(answer.usage),
    }


def _claude_streamed(answer: Answer) -> Iterator[str]:
    for document in events(answer):
        yield event(document, document["type"])


def events(answer: Answer) -> Iterator[Document]:
    """The documents of a stream."""
    begun = {**_claude_usage(answer.usage), "output_tokens": 1}
    yield {"type": "message_start", "message": {**_claude_head(answer), "usage": begun}}
    for index, block in enumerate(_claude_blocks(answer)):
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
    ended = {"stop_reason": _claude_stop_reason(answer.reply), "stop_sequence": None}
    yield {"type": "message_delta", "delta": ended, "usage": _claude_usage(answer.usage)}
    yield {"type": "message_stop"}


def _claude_head(answer: Answer) -> Document:
    return {
        "id": f"msg_{answer.number}",
        "type": "message",
        "role": "assistant",
        "model": answer.served,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def _claude_blocks(answer: Answer) -> list[Document]:
    reply = answer.reply
    blocks: list[Document] = []
    if reply.text or not reply.tools:
        blocks.append({"type": "text", "text": reply.text or reply.refusal or ""})
    for index, (name, arguments) in enumerate(reply.tools):
        id = f"toolu_{answer.number}_{index}"
        blocks.append({"type": "tool_use", "id": id, "name": name, "input": arguments})
    return blocks


def _claude_stop_reason(reply: Reply) -> str:
    if reply.refusal:
        return "refusal"
    return reply.finish_reason or ("tool_use" if reply.tools else "end_turn")


def _claude_usage(usage: Usage) -> Document:
    return {
        "input_tokens": usage.input_tokens or 0,
        "output_tokens": usage.output_tokens or 0,
        "cache_read_input_tokens": usage.cached_tokens or 0,
        "cache_creation_input_tokens": 0,
    }


def _claude_error(status: int, message: str) -> Document:
    kinds = {404: "not_found_error", 429: "rate_limit_error", 529: "overloaded_error"}
    kind = kinds.get(status, "api_error" if status >= 500 else "invalid_request_error")
    return {"type": "error", "error": {"type": kind, "message": message}}


MESSAGES = Dialect("anthropic", _claude_plain, _claude_streamed, _claude_error)


def _gemini_plain(answer: Answer) -> Document:
    return _gemini_document(answer, _gemini_parts(answer.reply), last=True)


def _gemini_streamed(answer: Answer) -> Iterator[str]:
    for piece in pieces(answer.reply.text):
        yield event(_gemini_document(answer, [{"text": piece}], last=False))
    calls = [part for part in _gemini_parts(answer.reply) if "functionCall" in part]
    yield event(_gemini_document(answer, calls or [{"text": ""}], last=True))


def _gemini_document(answer: Answer, parts: list[Document], *, last: bool) -> Document:
    reply, usage = answer.reply, answer.usage
    candidate: Document = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if last:
        refused = "SAFETY" if reply.refusal else "STOP"
        candidate["finishReason"] = reply.finish_reason or refused
    given, taken = usage.input_tokens or 0, usage.output_tokens or 0
    return {
        "candidates": [candidate],
        "usageMetadata": {
            "promptTokenCount": given,
            "candidatesTokenCount": taken,
            "thoughtsTokenCount": usage.reasoning_tokens or 0,
            "totalTokenCount": given + taken + (usage.reasoning_tokens or 0),
        },
        "modelVersion": answer.served,
        "responseId": f"resp-{answer.number}",
    }


def _gemini_parts(reply: Reply) -> list[Document]:
    text: list[Document] = [{"text": reply.text}] if reply.text or not reply.tools else []
    return text + [{"functionCall": {"name": name, "args": args}} for name, args in reply.tools]


def _gemini_error(status: int, message: str) -> Document:
    words = {404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE"}
    word = words.get(status, "INTERNAL" if status >= 500 else "INVALID_ARGUMENT")
    return {"error": {"code": status, "message": message, "status": word}}


def _gemini_streams(path: str, body: Document) -> bool:
    return path.endswith(":streamGenerateContent")


GEMINI = Dialect("google", _gemini_plain, _gemini_streamed, _gemini_error, streams=_gemini_streams)
