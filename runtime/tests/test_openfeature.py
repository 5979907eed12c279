"""The real OpenFeature SDK, asked for models.yml's names."""

from __future__ import annotations

from collections import Counter

import pytest
from openfeature import api
from openfeature.evaluation_context import EvaluationContext
from openfeature.flag_evaluation import Reason

from modelpin_runtime import load
from modelpin_runtime.openfeature import PinsProvider

YML = """\
models:
  claude:
    production: claude-a
    fallback: [claude-c]
    canary: {model: claude-b, percent: 20}
  gpt: {production: gpt-5}
"""


@pytest.fixture
def served(tmp_path):
    (tmp_path / "models.yml").write_text(YML)
    pins = load(tmp_path / "models.yml", environment={"MODELPIN_GPT": "gpt-4o"})
    api.set_provider(PinsProvider(pins), domain="models")
    yield pins, api.get_client(domain="models")
    api.clear_providers()


def test_a_flag_is_what_the_pins_route_to(served):
    pins, client = served
    asked = Counter()
    for n in range(400):
        user = EvaluationContext(targeting_key=f"user-{n}")
        details = client.get_string_details("claude", "none", user)
        route = pins.route("claude", f"user-{n}")
        assert (details.value, details.variant) == (route.id, route.role)
        assert details.reason == Reason.SPLIT
        asked[details.value] += 1
    assert 0.1 < asked["claude-b"] / 400 < 0.3


def test_without_a_key_and_under_an_override_nothing_is_split(served):
    _, client = served
    details = client.get_string_details("claude", "none")
    assert (details.value, details.reason) == ("claude-a", Reason.STATIC)
    assert client.get_string_value("gpt", "none") == "gpt-4o"


def test_an_object_holds_the_chain(served):
    _, client = served
    found = client.get_object_value("claude", {})
    assert found == {"id": "claude-a", "role": "pin", "chain": ["claude-a", "claude-c"]}


def test_what_is_no_model_is_the_default_with_the_reason(served):
    _, client = served
    unknown = client.get_string_details("clod", "none")
    assert (unknown.value, unknown.reason) == ("none", Reason.ERROR)
    assert "it names: claude, gpt" in unknown.error_message
    number = client.get_integer_details("claude", 3)
    assert number.value == 3
    assert "ask for a string" in number.error_message
    assert client.get_boolean_value("claude", True) is True
    assert client.get_float_value("claude", 0.5) == 0.5
