"""Google's generateContent."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_modelpin.demo.dialects.answer import Answer, Dialect, Document, event, pieces
from pytest_modelpin.providers import Reply


def _plain(answer: Answer) -> Document:
    return _gemini(answer, _parts(answer.reply), last=True)


def _streamed(answer: Answer) -> Iterator[str]:
    for piece in pieces(answer.reply.text):
        yield event(_gemini(answer, [{"text": piece}], last=False))
    calls = [part for part in _parts(answer.reply) if "functionCall" in part]
    yield event(_gemini(answer, calls or [{"text": ""}], last=True))


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


def _parts(reply: Reply) -> list[Document]:
    text: list[Document] = [{"text": reply.text}] if reply.text or not reply.tools else []
    return text + [{"functionCall": {"name": name, "args": args}} for name, args in reply.tools]


def _error(status: int, message: str) -> Document:
    words = {404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE"}
    word = words.get(status, "INTERNAL" if status >= 500 else "INVALID_ARGUMENT")
    return {"error": {"code": status, "message": message, "status": word}}


GEMINI = Dialect("google", _plain, _streamed, _error)
