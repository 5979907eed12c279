"""How each API words an answer: the plain document, the events of a stream, and an error.

OpenAI's two, chat completions and responses; Anthropic's messages; Gemini's generateContent.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_modelpin.demo.question_and_answer import (
    Answer,
    Dialect,
    Document,
    arguments_text,
    event,
    halves,
    pieces,
)
from pytest_modelpin.providers import Reply, Usage


def _plain(answer: Answer) -> Document:
    reply = answer.reply
    message: Document = {"role": "assistant", "content": reply.text, "refusal": reply.refusal}
    if reply.tools:
        message["content"] = reply.text or None
        message["tool_calls"] = [
            {
                "id": f"call_{answer.number}_{index}",
                "type": "function",
                "function": {"name": name, "arguments": arguments_text(arguments)},
            }
            for index, (name, arguments) in enumerate(reply.tools)
        ]
    choice = {"index": 0, "message": message, "finish_reason": _finish(reply)}
    return {
        **_head(answer, "chat.completion"),
        "choices": [choice],
        "usage": _usage(answer.usage),
        "service_tier": "default",  # which LiteLLM's route to Groq can't do without
    }


def _streamed(answer: Answer) -> Iterator[str]:
    head = _head(answer, "chat.completion.chunk")

    def chunk(delta: Document, finish_reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return event({**head, "choices": [choice]})

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
        for half in halves(arguments):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": half}}]})
    yield chunk({}, _finish(answer.reply))
    if answer.usage_in_stream:
        yield event({**head, "choices": [], "usage": _usage(answer.usage)})
    yield "data: [DONE]\n\n"


def _head(answer: Answer, kind: str) -> Document:
    return {
        "id": f"chatcmpl-{answer.number}",
        "object": kind,
        "created": answer.created,
        "model": answer.served,
    }


def _finish(reply: Reply) -> str:
    return reply.finish_reason or ("tool_calls" if reply.tools else "stop")


def _usage(usage: Usage) -> Document:
    given, taken = usage.input_tokens or 0, usage.output_tokens or 0
    return {
        "prompt_tokens": given,
        "completion_tokens": taken,
        "total_tokens": given + taken,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens or 0},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens or 0},
    }


def _openai_error(status: int, message: str) -> Document:
    """OpenAI's errors, of both its APIs."""
    kind = "rate_limit_exceeded" if status == 429 else "server_error" if status >= 500 else None
    return {"error": {"message": message, "type": kind or "invalid_request_error", "code": kind}}


CHAT = Dialect("openai", _plain, _streamed, _openai_error)


def _response_document(answer: Answer) -> Document:
    given, taken = answer.usage.input_tokens or 0, answer.usage.output_tokens or 0
    return {
        **_response_head(answer, "completed"),
        "output": [item for item, _ in _items(answer)],
        "usage": {
            "input_tokens": given,
            "input_tokens_details": {"cached_tokens": answer.usage.cached_tokens or 0},
            "output_tokens": taken,
            "output_tokens_details": {"reasoning_tokens": answer.usage.reasoning_tokens or 0},
            "total_tokens": given + taken,
        },
    }


def _response_events(answer: Answer) -> Iterator[str]:
    for number, document in enumerate(_response_documents(answer)):
        yield event({**document, "sequence_number": number}, document["type"])


def _response_documents(answer: Answer) -> Iterator[Document]:
    begun = _response_head(answer, "in_progress")
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for index, (item, deltas) in enumerate(_items(answer)):
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
    yield {"type": "response.completed", "response": _response_document(answer)}


def _added(index: int, item: Document) -> Document:
    return {"type": "response.output_item.added", "output_index": index, "item": item}


def _items(answer: Answer) -> Iterator[tuple[Document, list[str]]]:
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
                "arguments": arguments_text(arguments),
                "status": "completed",
            },
            list(halves(arguments)),
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


RESPONSES = Dialect("openai", _response_document, _response_events, _openai_error)


def _claude_plain(answer: Answer) -> Document:
    return {
        **_claude_head(answer),
        "content": _claude_blocks(answer),
        "stop_reason": _claude_stop_reason(answer.reply),
        "usage": _claude_usage(answer.usage),
    }


def _claude_streamed(answer: Answer) -> Iterator[str]:
    for document in claude_events(answer):
        yield event(document, document["type"])


def claude_events(answer: Answer) -> Iterator[Document]:
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
