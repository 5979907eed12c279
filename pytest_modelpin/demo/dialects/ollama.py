"""Ollama's own chat: one JSON object, or one on each line as it streams."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from pytest_modelpin.demo.dialects.answer import Answer, Dialect, Document, pieces
from pytest_modelpin.providers import Reply


def _plain(answer: Answer) -> Document:
    return _line(answer, answer.reply.text, _calls(answer.reply)) | _end(answer)


def _streamed(answer: Answer) -> Iterator[str]:
    for piece in pieces(answer.reply.text):
        yield _text(_line(answer, piece))
    if answer.reply.tools:
        yield _text(_line(answer, "", _calls(answer.reply)))
    yield _text(_line(answer, "") | _end(answer))


def _line(answer: Answer, text: str, calls: list[Document] | None = None) -> Document:
    message: Document = {"role": "assistant", "content": text}
    if calls:
        message["tool_calls"] = calls
    made = datetime.fromtimestamp(answer.created, UTC).isoformat().replace("+00:00", "Z")
    return {"model": answer.served, "created_at": made, "message": message, "done": False}


def _end(answer: Answer) -> Document:
    return {
        "done": True,
        "done_reason": answer.reply.finish_reason or "stop",
        "total_duration": 1,
        "prompt_eval_count": answer.usage.input_tokens or 0,
        "eval_count": answer.usage.output_tokens or 0,
    }


def _calls(reply: Reply) -> list[Document]:
    return [{"function": {"name": name, "arguments": given}} for name, given in reply.tools]


def _text(document: Document) -> str:
    return f"{json.dumps(document)}\n"


def _error(status: int, message: str) -> Document:
    return {"error": message}


OLLAMA = Dialect("ollama", _plain, _streamed, _error, "application/x-ndjson")
