"""How each API words an answer: the plain document, the events of a stream, and an error."""

from __future__ import annotations

from pytest_modelpin.demo.dialects.answer import Answer, Dialect
from pytest_modelpin.demo.dialects.converse import CONVERSE
from pytest_modelpin.demo.dialects.gemini import GEMINI
from pytest_modelpin.demo.dialects.messages import MESSAGES
from pytest_modelpin.demo.dialects.openai import CHAT, RESPONSES

__all__ = ["CHAT", "Answer", "Dialect", "dialect_at"]


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
    if path.startswith("/model/") and path.endswith("/converse"):
        return CONVERSE
    return None
