"""Mistral: chat completions and conversations.

Its replies echo an alias; only `GET /v1/models` (`aliases`) says where one points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_modelpin.providers import conversations, responses, wire
from pytest_modelpin.providers.openai_compatible import (
    CHAT,
    WITH_CONVERSATIONS,
    OpenAICompatible,
)
from pytest_modelpin.providers.own_requests import ListedModel, ModelList
from pytest_modelpin.providers.provider import MONTH, Naming, Rule
from pytest_modelpin.providers.wire import JSON

NAMING = Naming(
    provider="mistral",
    claims=r"(?:mistral|ministral|magistral|codestral|devstral|pixtral|voxtral|"
    r"labs-(?:devstral|leanstral|mistral)|open-(?:mistral|mixtral|codestral))-[a-z0-9.\-]+|codestral|mistral-saba",
    rules=(
        Rule(
            "pinned",
            rf".+-2[3-9]{MONTH}",
            "Mistral's ids that end in year and month (YYMM) are versions and never change.",
        ),
        Rule(
            "floating",
            r"(?:mistral|ministral|magistral|codestral|devstral|pixtral|voxtral|open-mistral)"
            r"(?:-(?:embed|tiny|mini|small|medium|large|nemo|saba|3b|8b|12b|14b))*",
            "A Mistral id without year and month is an alias of the newest version.",
        ),
    ),
    otherwise="Mistral's naming rules do not say whether this id moves.",
)


def _listed(entry: Mapping[str, Any]) -> Iterator[ListedModel]:
    """`ModelCard.aliases`, `.deprecation`, `.deprecation_replacement_model`, mistralai 3.7."""
    end, instead = entry.get("deprecation"), entry.get("deprecation_replacement_model")
    yield ListedModel(entry["id"], end, instead)
    for alias in entry.get("aliases") or ():
        yield ListedModel(alias, end, instead, points_to=entry["id"])


class Mistral(OpenAICompatible):
    """OpenAI's shapes, and `POST …/conversations`."""

    __slots__ = ()

    def asks(self, host: str, path: str, body: JSON) -> bool:
        """With a model; an agent, by which both are asked as well, has one that nobody pins."""
        return wire.at(body, "model") is not None


MISTRAL = Mistral(
    name="mistral",
    naming=NAMING,
    hosts=("api.mistral.ai", "codestral.mistral.ai"),
    key_variables=("MISTRAL_API_KEY",),
    base_url="https://api.mistral.ai/v1",
    models_page="https://docs.mistral.ai/getting-started/models/",
    base_url_variables=("MISTRAL_BASE_URL", "MISTRAL_API_BASE"),
    route_prefixes=(
        "mistral",
        "mistralai",
    ),
    price_name="mistral",
    sdk_modules=("mistralai",),
    synonyms=("mistralai",),
    model_list=ModelList("/models", _listed, lists_retirements=True),
    own_question_paths=WITH_CONVERSATIONS,
    shapes=(CHAT, responses.SHAPE, conversations.SHAPE),
    kept_headers=frozenset({"mistral-correlation-id"}),
)
