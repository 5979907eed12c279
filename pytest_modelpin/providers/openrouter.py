"""OpenRouter, which sells other vendors' models as `vendor/model`.

Replies name the canonical slug (`anthropic/claude-4.6-sonnet-20260217`); where a request lists
fallbacks, that may be another vendor's model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_modelpin.providers import anthropic, cohere, google, mistral, openai, xai
from pytest_modelpin.providers.openai_compatible import OpenAICompatible
from pytest_modelpin.providers.own_requests import ListedModel, ModelList
from pytest_modelpin.providers.provider import DAY, MONTH, YEAR, ModelId, Naming, Rule, of_vendor

NAMING = Naming(
    provider="openrouter",
    # In lower case: with capitals, as in meta-llama/Llama-3.3-70B-Instruct, it is Hugging Face's
    # name of the weights, by which many hosts are asked.
    claims=r"~.+|openrouter/.+|(?:openai|anthropic|google|mistralai|cohere|x-ai|deepseek|meta-llama|"
    r"qwen|microsoft|nvidia|moonshotai|z-ai|minimax|amazon|perplexity|nousresearch)/[^/A-Z]+",
    rules=(
        Rule("floating", r"~.+", "OpenRouter's ids that begin with ~ point to the newest model."),
        Rule(
            "floating",
            r"openrouter/.+",
            "OpenRouter's own ids choose the model that answers, request by request.",
        ),
        Rule(
            "floating",
            r".+:(?:free|nitro|floor|online|exacto|extended|thinking|beta)",
            "OpenRouter's variants (`:free`, `:nitro` …) choose among what is offered that day.",
        ),
        Rule(
            "pinned",
            rf"[^/]+/.+-{YEAR}{MONTH}{DAY}",
            "OpenRouter's canonical slugs end in a date (YYYYMMDD) and never change.",
        ),
    ),
    otherwise="OpenRouter's slug carries no version: it may come to mean a newer snapshot.",
)

_VENDORS = {
    "openai": openai.NAMING,
    "anthropic": anthropic.NAMING,
    "google": google.NAMING,
    "mistralai": mistral.NAMING,
    "cohere": cohere.NAMING,
    "x-ai": xai.NAMING,
}


def _listed(entry: Mapping[str, Any]) -> Iterator[ListedModel]:
    """`Model.canonical_slug`, `.alias_target` and `.expiration_date`, openrouter 1.3."""
    end, slug = entry.get("expiration_date"), entry.get("canonical_slug") or entry["id"]
    target = entry.get("alias_target")
    points_to = target.get("slug") if isinstance(target, Mapping) else None
    if slug == entry["id"]:
        yield ListedModel(slug, end, points_to=points_to)
        return
    yield ListedModel(entry["id"], end, points_to=points_to or slug)
    yield ListedModel(slug, end)


class OpenRouter(OpenAICompatible):
    """OpenAI's shapes under `openrouter.ai/api/v1`."""

    __slots__ = ()

    def identify(self, model: str) -> ModelId:
        """By OpenRouter's own rules, else by the vendor's for the part after the slash."""
        found = self.naming.identify(model)
        vendor, _, inner = model.partition("/")
        if found.kind == "unknown" and vendor in _VENDORS and _VENDORS[vendor].owns(inner):
            by_vendor = of_vendor(model, inner, _VENDORS[vendor].identify, self.name)
            return by_vendor if by_vendor.kind != "unknown" else found
        return found


OPENROUTER = OpenRouter(
    name="openrouter",
    naming=NAMING,
    hosts=("openrouter.ai", ".openrouter.ai"),
    key_variables=("OPENROUTER_API_KEY",),
    base_url="https://openrouter.ai/api/v1",
    models_page="https://openrouter.ai/models",
    base_url_variables=(
        "OPENROUTER_BASE_URL",
        "OPENROUTER_API_BASE",
    ),
    route_prefixes=("openrouter",),
    told_by=("openrouter", "OpenRouter", "OPENROUTER"),
    certain_kinds=frozenset(),
    price_name="openrouter",
    model_list=ModelList("/models", _listed, public=True, lists_retirements=True),
    echoes=False,
    kept_headers=frozenset({"x-generation-id"}),
)
