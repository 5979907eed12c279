"""The APIs of vendors that have one way each: Anthropic, Google, Cohere and Ollama.

Cohere's replies name no model. Ollama streams one JSON object on each line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from pytest_modelpin.demo.exchange import (
    Answer,
    Dialect,
    Document,
    arguments_text,
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


GEMINI = Dialect("google", _gemini_plain, _gemini_streamed, _gemini_error)


def _cohere_plain(answer: Answer) -> Document:
    reply = answer.reply
    message: Document = {"role": "assistant"}
    if reply.text or not reply.tools:
        message["content"] = [{"type": "text", "text": reply.text}]
    if reply.tools:
        message["tool_calls"] = [
            _cohere_call(name, arguments_text(given), index)
            for index, (name, given) in enumerate(reply.tools)
        ]
    return {"id": f"chat-{answer.number}", "message": message, **_cohere_end(answer)}


def _cohere_end(answer: Answer) -> Document:
    given, taken = answer.usage.input_tokens or 0, answer.usage.output_tokens or 0
    tokens = {"input_tokens": given, "output_tokens": taken}
    return {
        "finish_reason": _cohere_finish(answer.reply),
        "usage": {"billed_units": tokens, "tokens": tokens},
    }


def _cohere_finish(reply: Reply) -> str:
    return reply.finish_reason or ("TOOL_CALL" if reply.tools else "COMPLETE")


def _cohere_call(name: str, arguments: str, index: int) -> Document:
    function = {"name": name, "arguments": arguments}
    return {"id": f"{name}_{index}", "type": "function", "function": function}


def _cohere_streamed(answer: Answer) -> Iterator[str]:
    for document in _cohere_events(answer):
        yield event(document, document["type"])


def _cohere_events(answer: Answer) -> Iterator[Document]:
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
        yield delta("tool-call-start", {"tool_calls": _cohere_call(name, "", index)}, index)
        for half in halves(given):
            function = {"tool_calls": {"function": {"arguments": half}}}
            yield delta("tool-call-delta", function, index)
        yield {"type": "tool-call-end", "index": index}
    yield {"type": "message-end", "delta": _cohere_end(answer)}


def _cohere_error(status: int, message: str) -> Document:
    return {"message": message}


COHERE = Dialect("cohere", _cohere_plain, _cohere_streamed, _cohere_error)


def _ollama_plain(answer: Answer) -> Document:
    return _ollama_line(answer, answer.reply.text, _ollama_calls(answer.reply)) | _ollama_end(
        answer
    )


def _ollama_streamed(answer: Answer) -> Iterator[str]:
    for piece in pieces(answer.reply.text):
        yield _ollama_text(_ollama_line(answer, piece))
    if answer.reply.tools:
        yield _ollama_text(_ollama_line(answer, "", _ollama_calls(answer.reply)))
    yield _ollama_text(_ollama_line(answer, "") | _ollama_end(answer))


def _ollama_line(answer: Answer, text: str, calls: list[Document] | None = None) -> Document:
    message: Document = {"role": "assistant", "content": text}
    if calls:
        message["tool_calls"] = calls
    made = datetime.fromtimestamp(answer.created, UTC).isoformat().replace("+00:00", "Z")
    return {"model": answer.served, "created_at": made, "message": message, "done": False}


def _ollama_end(answer: Answer) -> Document:
    return {
        "done": True,
        "done_reason": answer.reply.finish_reason or "stop",
        "total_duration": 1,
        "prompt_eval_count": answer.usage.input_tokens or 0,
        "eval_count": answer.usage.output_tokens or 0,
    }


def _ollama_calls(reply: Reply) -> list[Document]:
    return [{"function": {"name": name, "arguments": given}} for name, given in reply.tools]


def _ollama_text(document: Document) -> str:
    return f"{json.dumps(document)}\n"


def _ollama_error(status: int, message: str) -> Document:
    return {"error": message}


OLLAMA = Dialect("ollama", _ollama_plain, _ollama_streamed, _ollama_error, "application/x-ndjson")
