"""xAI's Grok."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pytest_modelpin.providers import wire
from pytest_modelpin.providers.openai_compatible import OpenAICompatible
from pytest_modelpin.providers.own_requests import ListedModel, ModelList
from pytest_modelpin.providers.provider import DAY, MONTH, Naming, Rule
from pytest_modelpin.providers.wire import JSON, Reply

NAMING = Naming(
    provider="xai",
    claims=r"grok-[a-z0-9.\-]+",
    rules=(
        Rule(
            "pinned",
            rf"grok-.+-{MONTH}{DAY}(?:-(?:non-)?reasoning)?",
            "xAI's ids with month and day (MMDD) are releases and never change.",
        ),
        Rule(
            "floating",
            r"grok-(?!.*\d{4})[a-z0-9.\-]+",
            "An xAI id without month and day is an alias of the newest release.",
        ),
    ),
    otherwise="xAI's naming rules do not say whether this id moves.",
)


def _listed(entry: Mapping[str, Any]) -> Iterator[ListedModel]:
    """`LanguageModel.aliases` of xai-sdk 1.21."""
    yield ListedModel(entry["id"])
    for alias in entry.get("aliases") or ():
        yield ListedModel(alias, points_to=entry["id"])


_DEFERRED = r"/chat/deferred-completion/[^/]+/?$"


class Grok(OpenAICompatible):
    """OpenAI's shapes; a chat may be deferred: https://docs.x.ai/docs/guides/deferred-chat-completions"""

    __slots__ = ()

    def may_be_pending(self, method: str, path: str, body: JSON) -> bool:
        """A chat that is deferred, too, and each look at it."""
        deferred = wire.at(body, "deferred") is True or re.search(_DEFERRED, path) is not None
        return deferred or OpenAICompatible.may_be_pending(self, method, path, body)

    def read(
        self, path: str, body: JSON, status: int, headers: Mapping[str, str], content: bytes
    ) -> Reply:
        """The reply to a chat that is deferred is where to look for the answer."""
        reply = OpenAICompatible.read(self, path, body, status, headers, content)
        deferred = wire.at(body, "deferred") is True and reply.error is None
        return replace(reply, complete=False) if deferred else reply


XAI = Grok(
    name="xai",
    naming=NAMING,
    hosts=("api.x.ai", ".api.x.ai"),
    key_variables=("XAI_API_KEY",),
    base_url="https://api.x.ai/v1",
    models_page="https://docs.x.ai/docs/models",
    base_url_variables=("XAI_BASE_URL", "XAI_API_BASE"),
    route_prefixes=(
        "xai",
        "grok",
    ),
    price_name="x-ai",
    synonyms=("x-ai", "grok"),
    model_list=ModelList("/language-models", _listed, entries="models"),
)
