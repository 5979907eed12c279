"""Providers that speak OpenAI's protocol and differ from it in nothing but names, addresses, and
what their lists of models tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_modelpin.providers.openai_compatible import OpenAICompatible
from pytest_modelpin.providers.own_requests import ListedModel, ModelList
from pytest_modelpin.providers.provider import DAY, MONTH, Naming, Rule

DEEPSEEK = OpenAICompatible(
    name="deepseek",
    naming=Naming(
        provider="deepseek",
        claims=r"deepseek-(?:chat|reasoner|coder|v\d[a-z0-9.\-]*)",
        rules=(
            Rule(
                "floating",
                r"deepseek-(?:chat|reasoner|coder)",
                "DeepSeek's ids by use (chat, reasoner) are aliases of its newest model.",
            ),
        ),
        otherwise="DeepSeek's ids carry no snapshot: it does not say whether this one moves.",
    ),
    hosts=("api.deepseek.com",),
    key_variables=("DEEPSEEK_API_KEY",),
    base_url="https://api.deepseek.com/v1",
    models_page="https://api-docs.deepseek.com/quick_start/pricing",
    base_url_variables=("DEEPSEEK_BASE_URL", "DEEPSEEK_API_BASE"),
    route_prefixes=("deepseek",),
    price_name="deepseek",
    model_list=ModelList("/models"),
    echoes=False,
    kept_headers=frozenset({"x-ds-trace-id"}),
)
"""DeepSeek. Since V4, its replies resolve the two aliases (`deepseek-reasoner`) to an id."""

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
    price_name="fireworks",
    model_list=ModelList("/models"),
)
"""Fireworks, a host of open-weight models. Replies echo the id."""

GROQ = OpenAICompatible(
    name="groq",
    naming=Naming(
        provider="groq",
        claims=r"groq/[a-z0-9.\-]+|compound-beta(?:-mini)?|llama[a-z0-9.\-]*-(?:versatile|instant)"
        r"|(?:llama3|mixtral|gemma)[a-z0-9\-]*-(?:8192|32768)(?:-.+)?",
        rules=(
            Rule(
                "floating",
                r"(?:groq/)?compound(?:-beta)?(?:-mini)?",
                "Groq's Compound is a system of several models that Groq changes under one id.",
            ),
        ),
        otherwise="Groq's ids carry no version: nothing says whether the weights behind one stay.",
        has_pins=False,
    ),
    hosts=("api.groq.com",),
    key_variables=("GROQ_API_KEY",),
    base_url="https://api.groq.com/openai/v1",
    models_page="https://console.groq.com/docs/models",
    base_url_variables=("GROQ_BASE_URL", "GROQ_API_BASE"),
    route_prefixes=("groq",),
    price_name="groq",
    sdk_modules=("groq",),
    model_list=ModelList("/models"),
)
"""Groq, a host of open-weight models. Replies echo the id; its systems' ids move."""


def _mistral_listed(entry: Mapping[str, Any]) -> Iterator[ListedModel]:
    """`ModelCard.aliases`, `.deprecation`, `.deprecation_replacement_model`, mistralai 3.7."""
    end, instead = entry.get("deprecation"), entry.get("deprecation_replacement_model")
    yield ListedModel(entry["id"], end, instead)
    for alias in entry.get("aliases") or ():
        yield ListedModel(alias, end, instead, points_to=entry["id"])


MISTRAL = OpenAICompatible(
    name="mistral",
    naming=Naming(
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
    ),
    hosts=("api.mistral.ai", "codestral.mistral.ai"),
    key_variables=("MISTRAL_API_KEY",),
    base_url="https://api.mistral.ai/v1",
    models_page="https://docs.mistral.ai/getting-started/models/",
    base_url_variables=("MISTRAL_BASE_URL", "MISTRAL_API_BASE"),
    route_prefixes=("mistral", "mistralai"),
    price_name="mistral",
    sdk_modules=("mistralai",),
    synonyms=("mistralai",),
    model_list=ModelList("/models", _mistral_listed, lists_retirements=True),
    kept_headers=frozenset({"mistral-correlation-id"}),
)
"""Mistral. Its replies echo an alias; only `GET /v1/models` (`aliases`) says where one points."""

TOGETHER = OpenAICompatible(
    name="together",
    naming=Naming(
        provider="together",
        claims=r"(?!)",
        rules=(),
        otherwise="Together's ids carry no version: nothing says whether the weights behind one"
        " stay.",
        has_pins=False,
    ),
    hosts=("api.together.xyz", "api.together.ai"),
    key_variables=("TOGETHER_API_KEY",),
    base_url="https://api.together.xyz/v1",
    models_page="https://docs.together.ai/docs/serverless/models",
    base_url_variables=("TOGETHER_BASE_URL",),
    route_prefixes=("together",),
    price_name="together",
    sdk_modules=("together",),
    synonyms=("together_ai",),
)
"""Together, a host of open-weight models. Replies echo the id, which carries no version."""


def _xai_listed(entry: Mapping[str, Any]) -> Iterator[ListedModel]:
    """`LanguageModel.aliases` of xai-sdk 1.21."""
    yield ListedModel(entry["id"])
    for alias in entry.get("aliases") or ():
        yield ListedModel(alias, points_to=entry["id"])


XAI = OpenAICompatible(
    name="xai",
    naming=Naming(
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
    ),
    hosts=("api.x.ai", ".api.x.ai"),
    key_variables=("XAI_API_KEY",),
    base_url="https://api.x.ai/v1",
    models_page="https://docs.x.ai/docs/models",
    base_url_variables=("XAI_BASE_URL", "XAI_API_BASE"),
    route_prefixes=("xai", "grok"),
    price_name="x-ai",
    synonyms=("x-ai", "grok"),
    model_list=ModelList("/language-models", _xai_listed, entries="models"),
)
"""xAI's Grok."""
