"""How each API words an answer: the plain document, the events of a stream, and an error."""

from __future__ import annotations

from pytest_modelpin.demo.dialects.anthropic_and_google import GEMINI, MESSAGES
from pytest_modelpin.demo.dialects.openai import CHAT, RESPONSES
from pytest_modelpin.demo.exchange import Dialect

_BY_END = {
    "/chat/completions": CHAT,
    "/responses": RESPONSES,
    "/v1/messages": MESSAGES,
    ":rawPredict": MESSAGES,
    ":streamRawPredict": MESSAGES,
    ":generateContent": GEMINI,
    ":streamGenerateContent": GEMINI,
}


def dialect_at(path: str) -> Dialect | None:
    """The API that lives at a URL's path; None where none does."""
    return next((dialect for end, dialect in _BY_END.items() if path.endswith(end)), None)
