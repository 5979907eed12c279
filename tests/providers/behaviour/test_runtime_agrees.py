"""What the runtime takes for an id's provider, held to what the plugin does.

The runtime depends on PyYAML alone and can't import the plugin's providers.
"""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from modelpin_runtime.provider_of import provider_of
from pytest_modelpin.providers import identify

_TABLE = json.loads(files("pytest_modelpin.providers").joinpath("retirements.json").read_text())
KNOWN = sorted({row["model"] for row in _TABLE["retirements"]})


def test_the_runtime_names_no_other_provider_than_the_plugin():
    named = {id: provider_of(id) for id in KNOWN}
    assert [
        (id, name, identify(id).provider)
        for id, name in named.items()
        if name is not None and name != identify(id).provider
    ] == []
    assert sum(name is not None for name in named.values()) > len(KNOWN) / 2


@pytest.mark.parametrize(
    ("id", "provider"),
    [
        ("claude-3-5-haiku@20241022", "google"),
        ("claude-3-5-haiku-20241022", "anthropic"),
        ("mixtral-8x7b-32768", "groq"),
        ("mixtral-8x22b", "mistral"),
        ("deepseek-chat", "deepseek"),
        ("deepseek-r1-distill-llama-70b", None),
    ],
)
def test_the_runtime_tells_a_distributors_spelling_from_its_vendors(id, provider):
    assert provider_of(id) == provider
