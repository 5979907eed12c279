"""Fireworks, a host of open-weight models. Replies echo the id."""

from __future__ import annotations

from pytest_modelpin.providers.openai_compatible import OpenAICompatible
from pytest_modelpin.providers.own_requests import ModelList
from pytest_modelpin.providers.provider import Naming, Rule

FIREWORKS = OpenAICompatible(
    name="fireworks",
    naming=Naming(
        provider="fireworks",
        claims=r"accounts/[^/]+/(?:models|routers|deployments|deployedModels)/.+",
        rules=(
            Rule(
                "floating",
                r"accounts/[^/]+/routers/.+",
                "A Fireworks router chooses the model that answers.",
            ),
        ),
        otherwise="Fireworks' ids carry no version: nothing says whether the weights behind one"
        " stay.",
        has_pins=False,
    ),
    hosts=("api.fireworks.ai",),
    key_variables=("FIREWORKS_API_KEY",),
    base_url="https://api.fireworks.ai/inference/v1",
    models_page="https://fireworks.ai/models",
    base_url_variables=("FIREWORKS_BASE_URL", "FIREWORKS_API_BASE"),
    route_prefixes=("fireworks",),
    synonyms=("fireworks_ai",),
    price_name="fireworks",
    model_list=ModelList("/models"),
)
