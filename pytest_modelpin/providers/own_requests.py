"""What pytest-modelpin itself asks a provider: one question, for `resolve` and for a judge, and its
list of models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from pytest_modelpin.providers.wire import JSON

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


class ListedModel(NamedTuple):
    """What a list says about one id."""

    id: str
    retires: object = None
    """As the list writes it; anything but a date is passed over."""
    replacement: str | None = None
    points_to: str | None = None
    """The version behind an alias; None where the list does not tell."""


def _ids(entry: Mapping[str, Any]) -> Iterable[ListedModel]:
    return (ListedModel(entry["id"]),)


class ModelList(NamedTuple):
    """Where a provider lists its models, and how an entry is read."""

    path: str
    """What follows the base URL."""
    read: Callable[[Mapping[str, Any]], Iterable[ListedModel]] = _ids
    """From one entry of the list, of whose shape nothing is promised."""
    headers: Callable[[str], Mapping[str, str]] = bearer
    """From the key."""
    entries: str = "data"
    """The field that holds the entries."""
    lists_retirements: bool = False
    """Whether it says when a model retires."""
    public: bool = False
    """Whether it is read without a key."""
    one: str | None = None
    """The path to one entry, `{id}` in the place of its id, where an alias can be asked for too."""
