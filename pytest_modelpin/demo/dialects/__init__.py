"""How each API words an answer: the plain document, the events of a stream, and an error."""

from __future__ import annotations

from typing import Any

from pytest_modelpin.demo.dialects.bedrock import CONVERSE, INVOKE
from pytest_modelpin.demo.dialects.openai import CHAT, RESPONSES
from pytest_modelpin.demo.dialects.other_vendors import COHERE, GEMINI, MESSAGES, OLLAMA
from pytest_modelpin.demo.exchange import Answer, Dialect

__all__ = ["CHAT", "Answer", "Dialect", "dialect_at", "streams"]

_BY_END = {
    "/chat/completions": CHAT,
    "/responses": RESPONSES,
    "/v1/messages": MESSAGES,
    ":rawPredict": MESSAGES,
    ":streamRawPredict": MESSAGES,
    ":generateContent": GEMINI,
    ":streamGenerateContent": GEMINI,
    "/converse": CONVERSE,
    "/converse-stream": CONVERSE,
    "/invoke": INVOKE,
    "/invoke-with-response-stream": INVOKE,
    "/api/chat": OLLAMA,
    "/v2/chat": COHERE,
}
_STREAMS = (":streamGenerateContent", "/converse-stream", "/invoke-with-response-stream")


def dialect_at(path: str) -> Dialect | None:
    """The API that lives at a URL's path; None where none does."""
    return next((dialect for end, dialect in _BY_END.items() if path.endswith(end)), None)


def streams(path: str, body: dict[str, Any]) -> bool:
    """Whether an answer is asked for in pieces: by path, or in the body; Ollama does by itself."""
    return path.endswith(_STREAMS) or bool(body.get("stream", path.endswith("/api/chat")))
