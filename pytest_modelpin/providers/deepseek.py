"""DeepSeek. Since V4, its replies resolve the two aliases (`deepseek-reasoner`) to an id."""

from __future__ import annotations

from pytest_modelpin.providers.openai_compatible import OpenAICompatible
from pytest_modelpin.providers.own_requests import ModelList
from pytest_modelpin.providers.provider import Naming, Rule

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
    base_url_variables=(
        "DEEPSEEK_BASE_URL",
        "DEEPSEEK_API_BASE",
    ),
    route_prefixes=("deepseek",),
    price_name="deepseek",
    model_list=ModelList("/models"),
    echoes=False,
    kept_headers=frozenset({"x-ds-trace-id"}),
)
