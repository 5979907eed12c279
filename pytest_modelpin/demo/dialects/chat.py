"""OpenAI's chat completions."""

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


def error(status: int, message: str) -> Document:
    """OpenAI's errors, of both its APIs."""
    kind = "rate_limit_exceeded" if status == 429 else "server_error" if status >= 500 else None
    return {"error": {"message": message, "type": kind or "invalid_request_error", "code": kind}}


CHAT = Dialect("openai", _plain, _streamed, error)
