"""Prices are those of the version that served; unknown is unknown."""

import sys

import pytest

from pytest_modelpin.providers import prices
from pytest_modelpin.providers.prices import price, why_uncounted, why_unpriced
from pytest_modelpin.providers.wire import JSON, Reply, Usage

TABLE = {"gpt-4o-2024-08-06": {"input": 2.0, "output": 10.0}}


def reply(
    served: str | None = "gpt-4o-2024-08-06",
    provider: str | None = "openai",
    usage: Usage | None = None,
    requested: str = "gpt-4o",
) -> Reply:
    usage = usage or Usage(1_000_000, 100_000)
    return Reply(usage=usage, requested_model=requested, served_model=served, provider=provider)


def test_models_yml_comes_first() -> None:
    assert price(reply(), TABLE) == pytest.approx(3.0)


def test_the_extra_knows_list_prices() -> None:
    assert price(reply(), {}) == pytest.approx(3.5)


def test_without_the_extra_the_price_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    prices._genai_prices.cache_clear()
    prices._list_price.cache_clear()
    try:
        assert price(reply(), {}) is None
        assert price(reply(), TABLE) is not None
    finally:
        prices._genai_prices.cache_clear()
        prices._list_price.cache_clear()


@pytest.mark.parametrize(
    "unknown",
    [
        reply(served="no-such-model-7"),
        reply(served="mistral-large-latest", provider="mistral"),
        reply(served=None),
        reply(provider="ollama", served="llama3:8b"),
        reply(usage=Usage(None, 5)),
        reply(usage=Usage(5, None)),
    ],
    ids=["model", "alias", "silent wire", "no list price", "input", "output"],
)
def test_what_is_not_known_costs_nothing_known(unknown: Reply) -> None:
    assert price(unknown, {}) is None


@pytest.mark.parametrize(
    ("unknown", "why"),
    [
        (reply(served="no-such-model-7"), "no price of no-such-model-7 is listed"),
        (reply(served="mistral-large-latest", provider="mistral"), "an alias has no price"),
        (reply(served=None), "which version answered"),
        (reply(provider="openai-compatible", served="llama3-8b"), "at this base URL"),
        (reply(usage=Usage(None, 5)), "count no tokens"),
    ],
)
def test_what_is_not_known_says_why(unknown: Reply, why: str) -> None:
    assert price(unknown, {}) is None
    assert why in why_unpriced(unknown)


STREAM = {"stream": True, "messages": []}
HELPS = 'have the code that asks send `stream_options={"include_usage": true}`'


@pytest.mark.parametrize(
    ("provider", "body", "why"),
    [
        ("openai", STREAM, HELPS),
        ("azure", STREAM, HELPS),
        (
            "openai",
            {**STREAM, "stream_options": {"include_usage": True}},
            "stopped reading before it",
        ),
        ("openai", {"stream": True, "input": "?"}, "streamed without a count of tokens"),
        ("anthropic", STREAM, "streamed without a count of tokens"),
        ("openai", {"messages": []}, "without a count of tokens"),
        ("openai", None, "without a count of tokens"),
    ],
)
def test_which_replies_count_no_tokens_and_what_helps(provider: str, body: JSON, why: str) -> None:
    said = why_uncounted(reply(provider=provider, usage=Usage(None, None)), body)
    assert said.endswith(why)


def test_half_a_price_is_no_price() -> None:
    assert price(reply(), {"gpt-4o-2024-08-06": {"input": 1.0}}) is None


def test_a_pin_that_was_asked_for_is_priced_where_the_wire_names_none() -> None:
    asked = "claude-opus-4-5-20251101"
    silent = reply(served=None, requested=asked, provider="anthropic")
    assert price(silent, {asked: {"input": 1.0, "output": 0.0}}) == pytest.approx(1.0)


def test_anthropics_cached_tokens_come_on_top() -> None:
    table = {"claude-opus-4-5-20251101": {"input": 1.0, "output": 0.0}}
    usage = Usage(1_000_000, 0, cached_tokens=1_000_000)
    one = reply("claude-opus-4-5-20251101", "anthropic", usage)
    assert price(one, table) == pytest.approx(2.0)
