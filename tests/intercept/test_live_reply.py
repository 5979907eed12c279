"""By which headers a cache on the way to a provider says that it answered."""

import json
from types import SimpleNamespace

import pytest

from pytest_modelpin.intercept.live_reply import LiveReply, from_cache
from pytest_modelpin.providers import provider_named
from pytest_modelpin.recordings.outgoing import Outgoing

URL = "https://api.openai.com/v1/chat/completions"


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


@pytest.mark.parametrize(
    ("named", "served"),
    [("gpt-4o-2024-11-20", "gpt-4o-2024-11-20"), ("gpt-Zq7xHeader91bc", None)],
)  # fmt: skip
def test_a_reply_that_names_a_secret_for_its_model_names_none(named, served):
    """It would name a folder, nights and a bump's commits, none of which is redacted."""
    body = {"model": "gpt-4o", "messages": []}
    outgoing = Outgoing(
        provider_named("openai"), "gpt", "gpt-4o", False, "all", None, "POST", URL,
        "/v1/chat/completions", body, [(b"x-api-key", b"Zq7xHeader91bc")], False,
    )  # fmt: skip
    content = json.dumps({"model": named, "choices": [{"message": {"content": "Hi"}}]}).encode()
    heard = []
    capture = SimpleNamespace(sample=1, add=lambda key, call, trouble: heard.append(call))
    live = SimpleNamespace(outgoing=outgoing, capture=capture, key=None)
    head = {"content-type": "application/json"}
    LiveReply.read(live, 200, head, content).note(0.1, exhausted=True)
    assert heard[0].exchange.served == served
    assert heard[0].version == (served or "gpt-4o")
