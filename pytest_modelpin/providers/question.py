"""The request that asks a model one question: for `resolve`, and for a judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pytest_modelpin.providers.reply import JSON

MOST_TOKENS = 1024
"""What an answer may be long, where the API wants a limit and the caller names none."""


class Question(NamedTuple):
    """What to ask a model."""

    model: str
    user: str
    system: str = ""
    most_tokens: int = MOST_TOKENS


class QuestionRequest(NamedTuple):
    """One POST request with a JSON body."""

    url: str
    headers: Mapping[str, str]
    body: dict[str, JSON]


def bearer(key: str) -> dict[str, str]:
    """The header in which most APIs take a key; none where there is no key."""
    return {"authorization": f"Bearer {key}"} if key else {}


def chat_messages(question: Question) -> list[JSON]:
    """The messages of a chat, the system's first."""
    messages: list[JSON] = [{"role": "user", "content": question.user}]
    if question.system:
        messages.insert(0, {"role": "system", "content": question.system})
    return messages


def chat_request(question: Question, key: str, base_url: str) -> QuestionRequest:
    """By OpenAI's chat completions.

    Without a limit of tokens: what its field is called differs from model to model.
    """
    return QuestionRequest(
        f"{base_url}/chat/completions",
        bearer(key),
        {"model": question.model, "messages": chat_messages(question)},
    )
