"""What a reply cost, by the version that served it; unknown stays unknown, never 0."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from pytest_modelpin.providers import Reply, bare, identify, provider_named
from pytest_modelpin.providers.openai_compatible import OpenAICompatible
from pytest_modelpin.providers.wire import JSON

Prices = Mapping[str, Mapping[str, float]]
"""As in models.yml's `settings.prices`: US dollars a million tokens, `input` and `output`."""


def price(reply: Reply, prices: Prices) -> float | None:
    """US dollars for one reply; None where its usage or the price of its version is unknown.

    Priced is the version that served. An alias is never priced, because what it serves may cost
    several times as much or as little; the id asked for stands in only where the wire names no
    model and that id is a pin. models.yml comes first, then genai-prices.
    """
    usage = reply.usage
    if usage.input_tokens is None or usage.output_tokens is None:
        return None
    model = _priced_model(reply.served_model, reply.requested_model, reply.provider)
    if model is None:
        return None
    cached = usage.cached_tokens or 0
    provider = provider_named(reply.provider)
    read = usage.input_tokens + (cached if provider is not None and provider.caches_apart else 0)
    for name in (model, bare(model)):
        if name in prices:
            own = prices[name]
            if "input" not in own or "output" not in own:
                return None
            return (read * own["input"] + usage.output_tokens * own["output"]) / 1_000_000
    if _floating(model, reply.provider):
        return None
    seller = provider.price_name if provider is not None else None
    return _list_price(model, seller, read, usage.output_tokens, min(cached, read))


def counts_tokens(reply: Reply) -> bool:
    """Whether the provider said how many tokens it read and wrote."""
    return reply.usage.input_tokens is not None and reply.usage.output_tokens is not None


def why_uncounted(reply: Reply, body: JSON) -> str:
    """What replies that count no tokens are, behind how many; and what helps, where something
    does. `body` is the request's.
    """
    asked = body if isinstance(body, dict) else {}
    if asked.get("stream") is not True:
        return "without a count of tokens"
    if not isinstance(provider_named(reply.provider), OpenAICompatible) or "input" in asked:
        return _STREAMED
    options = asked.get("stream_options")
    if isinstance(options, dict) and options.get("include_usage") is True:
        return f"{_STREAMED}, which comes last: the test stopped reading before it"
    return f'{_STREAMED}; have the code that asks send `stream_options={{"include_usage": true}}`'


_STREAMED = "streamed without a count of tokens"


def why_unpriced(reply: Reply) -> str:
    """Why `price` knows none, as what comes behind "price unknown: "."""
    if not counts_tokens(reply):
        return "the replies count no tokens"
    model = _priced_model(reply.served_model, reply.requested_model, reply.provider)
    if model is None or _floating(model, reply.provider):
        asked = model or reply.requested_model or "the model"
        return f"which version answered for {asked} is not known, and an alias has no price"
    provider = provider_named(reply.provider)
    if provider is None or provider.price_name is None:
        return f"nobody lists what {model} costs at this base URL"
    return f"no price of {model} is listed"


def million_tokens(model: str, provider: str | None, prices: Prices) -> tuple[float, float] | None:
    """US dollars for a million tokens read, and written; None where the price is unknown.

    By the list price of a short request, where long ones cost more. An alias has none.
    """
    for name in (model, bare(model)):
        own = prices.get(name, {})
        if "input" in own and "output" in own:
            return own["input"], own["output"]
    named = provider_named(provider)
    if named is None or _floating(model, provider):
        return None
    read = _list_price(model, named.price_name, 1000, 0, 0)
    written = _list_price(model, named.price_name, 0, 1000, 0)
    return None if read is None or written is None else (read * 1000, written * 1000)


def listed_models(provider: str) -> tuple[str, ...]:
    """The ids that the list of prices names for a provider, as it spells them."""
    named = provider_named(provider)
    if named is None or _genai_prices() is None:
        return ()
    from genai_prices.data import providers

    models = (each.models for each in providers if each.id == named.price_name)
    return tuple(model.id for listed in models for model in listed)


def _priced_model(served: str | None, requested: str | None, provider: str | None) -> str | None:
    if served:
        return served
    if requested and identify(requested, provider).kind == "pinned":
        return requested
    return None


@lru_cache(maxsize=1024)
def _floating(model: str, provider: str | None) -> bool:
    return identify(model, provider).kind == "floating"


@lru_cache(maxsize=65536)
def _list_price(
    model: str, seller: str | None, read: int, written: int, cached: int
) -> float | None:
    """`seller` is the provider's id in genai-prices; without one there is no list price."""
    genai_prices = _genai_prices() if seller else None
    if genai_prices is None:
        return None
    usage = genai_prices.Usage(input_tokens=read, output_tokens=written, cache_read_tokens=cached)
    try:
        return float(
            genai_prices.calc_price(usage, model_ref=model, provider_id=seller).total_price
        )
    except (LookupError, ValueError):
        return None


@cache
def _genai_prices() -> Any:
    """The list prices, loaded at the first question; None where somebody took them out."""
    try:
        import genai_prices
    except ImportError:
        return None
    return genai_prices
