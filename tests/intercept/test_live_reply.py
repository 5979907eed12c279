"""By which headers a cache on the way to a provider says that it answered."""

import pytest

from pytest_modelpin.intercept.live_reply import from_cache


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cf-aig-cache-status", "HIT"),
        ("Helicone-Cache", "HIT"),
        ("x-portkey-cache-status", "SEMANTIC HIT"),
        ("X-Cache", "Hit from cloudfront"),
        ("x-cache", "TCP_HIT, MISS"),
        ("cache-status", "gateway; hit; ttl=60"),
        ("x-cache-hit", "true"),
        ("x-litellm-cache-key", "586bf3f3"),
    ],
)
def test_a_hit_is_no_model_s_answer(name, value):
    assert from_cache({"content-type": "application/json", name: value}) == name.lower()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cf-cache-status", "DYNAMIC"),
        ("cf-aig-cache-status", "MISS"),
        ("x-portkey-cache-status", "SEMANTIC MISS"),
        ("cache-control", "no-cache, no-store"),
        ("cache-status", "gateway; fwd=miss; stored"),
        ("x-cache-hit", "false"),
        ("x-prompt-cache", "HIT"),  # of the prompt's beginning, which a model reads none the less
        ("fireworks-cached-prompt-tokens", "128"),
        ("x-request-id", "hit"),
    ],
)
def test_anything_else_is(name, value):
    assert from_cache({name: value}) == ""
