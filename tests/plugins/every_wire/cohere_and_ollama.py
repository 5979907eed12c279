"""Cohere's two chats, whose replies name no model, and Ollama's; the older ones stream an object a
line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from pytest_modelpin.demo.question_and_answer import (
    Answer,
    Dialect,
    Document,
    arguments_text,
    event,
    halves,
    pieces,
)
from pytest_modelpin.providers import Reply


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


def _older_plain(answer: Answer) -> Document:
    reply = answer.reply
    given, taken = answer.usage.input_tokens or 0, answer.usage.output_tokens or 0
    tokens = {"input_tokens": given, "output_tokens": taken}
    calls = [{"name": name, "parameters": parameters} for name, parameters in reply.tools]
    return {
        "response_id": f"response-{answer.number}",
        "generation_id": f"generation-{answer.number}",
        "text": reply.text,
        "chat_history": [{"role": "CHATBOT", "message": reply.text}],
        "finish_reason": reply.finish_reason or "COMPLETE",
        "meta": {"api_version": {"version": "1"}, "billed_units": tokens, "tokens": tokens},
    } | ({"tool_calls": calls} if calls else {})


def _older_streamed(answer: Answer) -> Iterator[str]:
    whole = _older_plain(answer)
    events: list[Document] = [
        {"event_type": "stream-start", "generation_id": whole["generation_id"]},
        *({"event_type": "text-generation", "text": each} for each in pieces(answer.reply.text)),
    ]
    if calls := whole.get("tool_calls"):
        events.append({"event_type": "tool-calls-generation", "tool_calls": calls})
    end = {"event_type": "stream-end", "finish_reason": whole["finish_reason"], "response": whole}
    for document in (*events, end):
        yield _line({"is_finished": document is end, **document})


OLDER_COHERE = Dialect(
    "cohere", _older_plain, _older_streamed, _cohere_error, "application/stream+json"
)


def _ollama_plain(answer: Answer) -> Document:
    return _ollama_line(answer, answer.reply.text, _ollama_calls(answer.reply)) | _ollama_end(
        answer
    )


def _ollama_streamed(answer: Answer) -> Iterator[str]:
    for piece in pieces(answer.reply.text):
        yield _line(_ollama_line(answer, piece))
    if answer.reply.tools:
        yield _line(_ollama_line(answer, "", _ollama_calls(answer.reply)))
    yield _line(_ollama_line(answer, "") | _ollama_end(answer))


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


def _line(document: Document) -> str:
    return f"{json.dumps(document)}\n"


def _ollama_error(status: int, message: str) -> Document:
    return {"error": message}


def _ollama_streams(path: str, body: Document) -> bool:
    return bool(body.get("stream", True))


OLLAMA = Dialect(
    "ollama", _ollama_plain, _ollama_streamed, _ollama_error, "application/x-ndjson",
    _ollama_streams,
)  # fmt: skip


def shown_model(path: str) -> Document | None:
    """What Ollama's `POST /api/show` says of any model; None where the path is another."""
    if not path.endswith("/api/show"):
        return None
    return {"template": "{{ .Prompt }}", "model_info": {}, "capabilities": ["completion", "tools"]}
