"""How each API words an answer: the plain document, the events of a stream, and an error."""

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
    streamed: Callable[[Answer], Iterator[str]]
    """Whole server-sent events."""
    error: Callable[[int, str], Document]


def pieces(text: str) -> list[str]:
    """The text cut before each word, as a model's tokens might come."""
    return re.findall(r"\s*\S+|\s+$", text)


def _event(document: Document, name: str = "") -> str:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(document)}\n\n"


def _halves(arguments: Any) -> tuple[str, str]:
    """A tool call's arguments as JSON text in two pieces, as streams break them up."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return text[: len(text) // 2], text[len(text) // 2 :]


def _text(arguments: Any) -> str:
    return "".join(_halves(arguments))


# OpenAI, chat completions


def _chat_plain(answer: Answer) -> Document:
    reply = answer.reply
    message: Document = {"role": "assistant", "content": reply.text, "refusal": reply.refusal}
    if reply.tools:
        message["content"] = reply.text or None
        message["tool_calls"] = [
            {
                "id": f"call_{answer.number}_{index}",
                "type": "function",
                "function": {"name": name, "arguments": _text(arguments)},
            }
            for index, (name, arguments) in enumerate(reply.tools)
        ]
    choice = {"index": 0, "message": message, "finish_reason": _chat_finish(reply)}
    return {
        **_chat_head(answer, "chat.completion"),
        "choices": [choice],
        "usage": _chat_usage(answer.usage),
    }


def _chat_streamed(answer: Answer) -> Iterator[str]:
    head = _chat_head(answer, "chat.completion.chunk")

    def chunk(delta: Document, finish_reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return _event({**head, "choices": [choice]})

    yield chunk({"role": "assistant", "content": ""})
    for piece in pieces(answer.reply.text):
        yield chunk({"content": piece})
    for piece in pieces(answer.reply.refusal or ""):
        yield chunk({"refusal": piece})
    for index, (name, arguments) in enumerate(answer.reply.tools):
        begin = {
            "id": f"call_{answer.number}_{index}",
            "type": "function",
            "function": {"name": name, "arguments": ""},
        }
        yield chunk({"tool_calls": [{"index": index, **begin}]})
        for half in _halves(arguments):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": half}}]})
    yield chunk({}, _chat_finish(answer.reply))
    if answer.usage_in_stream:
        yield _event({**head, "choices": [], "usage": _chat_usage(answer.usage)})
    yield "data: [DONE]\n\n"


def _chat_head(answer: Answer, kind: str) -> Document:
    return {
        "id": f"chatcmpl-{answer.number}",
        "object": kind,
        "created": answer.created,
        "model": answer.served,
    }


def _chat_finish(reply: Reply) -> str:
    return reply.finish_reason or ("tool_calls" if reply.tools else "stop")


def _chat_usage(usage: Usage) -> Document:
    given, taken = usage.input_tokens or 0, usage.output_tokens or 0
    return {
        "prompt_tokens": given,
        "completion_tokens": taken,
        "total_tokens": given + taken,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens or 0},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens or 0},
    }


def _openai_error(status: int, message: str) -> Document:
    kind = "rate_limit_exceeded" if status == 429 else "server_error" if status >= 500 else None
    return {"error": {"message": message, "type": kind or "invalid_request_error", "code": kind}}


# OpenAI, responses


def _response_plain(answer: Answer) -> Document:
    given, taken = answer.usage.input_tokens or 0, answer.usage.output_tokens or 0
    return {
        **_response_head(answer, "completed"),
        "output": [item for item, _ in _response_items(answer)],
        "usage": {
            "input_tokens": given,
            "input_tokens_details": {"cached_tokens": answer.usage.cached_tokens or 0},
            "output_tokens": taken,
            "output_tokens_details": {"reasoning_tokens": answer.usage.reasoning_tokens or 0},
            "total_tokens": given + taken,
        },
    }


def _response_streamed(answer: Answer) -> Iterator[str]:
    for number, document in enumerate(_response_events(answer)):
        yield _event({**document, "sequence_number": number}, document["type"])


def _response_events(answer: Answer) -> Iterator[Document]:
    begun = _response_head(answer, "in_progress")
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for index, (item, deltas) in enumerate(_response_items(answer)):
        at = {"item_id": item["id"], "output_index": index}
        if item["type"] == "message":
            part = item["content"][0]
            within = {**at, "content_index": 0}
            kind = "output_text" if part["type"] == "output_text" else "refusal"
            field = "text" if kind == "output_text" else "refusal"
            yield _added(index, {**item, "content": [], "status": "in_progress"})
            empty = {**part, field: ""}
            yield {"type": "response.content_part.added", **within, "part": empty}
            for delta in deltas:
                yield {"type": f"response.{kind}.delta", **within, "delta": delta, "logprobs": []}
            yield {"type": f"response.{kind}.done", **within, field: part[field], "logprobs": []}
            yield {"type": "response.content_part.done", **within, "part": part}
        else:
            kind = "response.function_call_arguments"
            yield _added(index, {**item, "arguments": "", "status": "in_progress"})
            for delta in deltas:
                yield {"type": f"{kind}.delta", **at, "delta": delta}
            done = {"arguments": item["arguments"], "name": item["name"]}
            yield {"type": f"{kind}.done", **at, **done}
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    yield {"type": "response.completed", "response": _response_plain(answer)}


def _added(index: int, item: Document) -> Document:
    return {"type": "response.output_item.added", "output_index": index, "item": item}


def _response_items(answer: Answer) -> Iterator[tuple[Document, list[str]]]:
    """Each output item, whole, and the pieces in which a stream gives it."""
    reply = answer.reply
    if reply.text or reply.refusal or not reply.tools:
        part: Document = {"type": "output_text", "text": reply.text, "annotations": []}
        if reply.refusal:
            part = {"type": "refusal", "refusal": reply.refusal}
        message = {"type": "message", "id": f"msg_{answer.number}", "role": "assistant"}
        yield (
            {**message, "status": "completed", "content": [part]},
            pieces(reply.refusal or reply.text),
        )
    for index, (name, arguments) in enumerate(reply.tools):
        yield (
            {
                "type": "function_call",
                "id": f"fc_{answer.number}_{index}",
                "call_id": f"call_{answer.number}_{index}",
                "name": name,
                "arguments": _text(arguments),
                "status": "completed",
            },
            list(_halves(arguments)),
        )


def _response_head(answer: Answer, status: str) -> Document:
    return {
        "id": f"resp_{answer.number}",
        "object": "response",
        "created_at": answer.created,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "model": answer.served,
        "output": [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": None,
    }


# Anthropic, messages


def _message_plain(answer: Answer) -> Document:
    return {
        **_message_head(answer),
        "content": _message_blocks(answer),
        "stop_reason": _stop_reason(answer.reply),
        "usage": _message_usage(answer.usage),
    }


def _message_streamed(answer: Answer) -> Iterator[str]:
    for document in _message_events(answer):
        yield _event(document, document["type"])


def _message_events(answer: Answer) -> Iterator[Document]:
    begun = {**_message_usage(answer.usage), "output_tokens": 1}
    yield {"type": "message_start", "message": {**_message_head(answer), "usage": begun}}
    for index, block in enumerate(_message_blocks(answer)):
        is_text = block["type"] == "text"
        empty = {**block, "text": ""} if is_text else {**block, "input": {}}
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        if index == 0:
            yield {"type": "ping"}
        for piece in pieces(block["text"]) if is_text else _halves(block["input"]):
            delta = (
                {"type": "text_delta", "text": piece}
                if is_text
                else {"type": "input_json_delta", "partial_json": piece}
            )
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    ended = {"stop_reason": _stop_reason(answer.reply), "stop_sequence": None}
    yield {"type": "message_delta", "delta": ended, "usage": _message_usage(answer.usage)}
    yield {"type": "message_stop"}


def _message_head(answer: Answer) -> Document:
    return {
        "id": f"msg_{answer.number}",
        "type": "message",
        "role": "assistant",
        "model": answer.served,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def _message_blocks(answer: Answer) -> list[Document]:
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


def _message_usage(usage: Usage) -> Document:
    return {
        "input_tokens": usage.input_tokens or 0,
        "output_tokens": usage.output_tokens or 0,
        "cache_read_input_tokens": usage.cached_tokens or 0,
        "cache_creation_input_tokens": 0,
    }


def _anthropic_error(status: int, message: str) -> Document:
    kinds = {404: "not_found_error", 429: "rate_limit_error", 529: "overloaded_error"}
    kind = kinds.get(status, "api_error" if status >= 500 else "invalid_request_error")
    return {"type": "error", "error": {"type": kind, "message": message}}


# Google, generateContent


def _gemini_plain(answer: Answer) -> Document:
    return _gemini(answer, _gemini_parts(answer.reply), last=True)


def _gemini_streamed(answer: Answer) -> Iterator[str]:
    for piece in pieces(answer.reply.text):
        yield _event(_gemini(answer, [{"text": piece}], last=False))
    calls = [part for part in _gemini_parts(answer.reply) if "functionCall" in part]
    yield _event(_gemini(answer, calls or [{"text": ""}], last=True))


def _gemini(answer: Answer, parts: list[Document], *, last: bool) -> Document:
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


def _google_error(status: int, message: str) -> Document:
    words = {404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE"}
    word = words.get(status, "INTERNAL" if status >= 500 else "INVALID_ARGUMENT")
    return {"error": {"code": status, "message": message, "status": word}}


CHAT = Dialect("openai", _chat_plain, _chat_streamed, _openai_error)
RESPONSES = Dialect("openai", _response_plain, _response_streamed, _openai_error)
MESSAGES = Dialect("anthropic", _message_plain, _message_streamed, _anthropic_error)
GEMINI = Dialect("google", _gemini_plain, _gemini_streamed, _google_error)


def dialect_at(path: str) -> Dialect | None:
    """The API that lives at a URL's path; None where none does."""
    if path.endswith("/chat/completions"):
        return CHAT
    if path.endswith("/responses"):
        return RESPONSES
    if path.endswith("/v1/messages"):
        return MESSAGES
    if path.endswith((":generateContent", ":streamGenerateContent")):
        return GEMINI
    return None
