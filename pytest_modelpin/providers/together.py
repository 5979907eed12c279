"""Together, a host of open-weight models. Replies echo the id, which carries no version."""

from __future__ import annotations

from pytest_modelpin.providers.openai_compatible import OpenAICompatible
from pytest_modelpin.providers.provider import Naming

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
    told_by=("TOGETHER_API_KEY", "ChatTogether", "langchain_together", "api.together."),
    price_name="together",
    sdk_modules=("together",),
    synonyms=("together_ai",),
)
