"""Bedrock's Converse, which names no model in its replies; plain only."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_modelpin.demo.dialects.answer import Answer, Dialect, Document
from pytest_modelpin.providers import Reply


def _plain(answer: Answer) -> Document:
    given, taken = answer.usage.input_tokens or 0, answer.usage.output_tokens or 0
    return {
        "output": {"message": {"role": "assistant", "content": _parts(answer.reply)}},
        "stopReason": answer.reply.finish_reason or "end_turn",
        "usage": {"inputTokens": given, "outputTokens": taken, "totalTokens": given + taken},
        "metrics": {"latencyMs": 1},
    }


def _parts(reply: Reply) -> list[Document]:
    text: list[Document] = [{"text": reply.text}] if reply.text or not reply.tools else []
    return text + [
        {"toolUse": {"toolUseId": f"tool-{number}", "name": name, "input": arguments}}
        for number, (name, arguments) in enumerate(reply.tools, 1)
    ]


def _streamed(answer: Answer) -> Iterator[str]:
    raise NotImplementedError("Bedrock streams in a binary form of AWS's own.")


def _error(status: int, message: str) -> Document:
    return {"message": message}


CONVERSE = Dialect("bedrock", _plain, _streamed, _error)
