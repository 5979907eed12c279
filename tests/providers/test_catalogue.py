from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from pytest_modelpin.providers import PROVIDERS, provider_for

HOSTS = ("api.openai.com", "api.anthropic.com", "api.cohere.com", "h:11434", "127.0.0.1:9")
PATHS = (
    "/v1/chat/completions", "/v1/responses/", "/v1/messages", "/v1/messages/count_tokens",
    "/v2/chat", "/api/chat", "/model/m/converse", "/model/m/invoke", "/model/m/count-tokens",
    "/openai/deployments/d/chat/completions", "/v1/models/g:generateContent",
    "/v1/models/count-tokens:rawPredict", "/",
)  # fmt: skip
BODY = {"model": "llama3:8b", "messages": [], "input": "", "prompt": ""}


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_no_provider_recognises_what_it_does_not_declare(provider):
    """Requests are shown to those alone that declare the path."""
    for host, path in product(HOSTS, PATHS):
        if provider.recognises("POST", host, path, BODY):
            assert provider.asks_at(host, path), (host, path)


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/v1/chat/completions", ["openai_compatible"]),
        ("/v1/messages", ["anthropic"]),
        ("/v1/models/g:generateContent", ["google"]),
        ("/elsewhere", []),
    ],
)
def test_a_body_is_shown_to_the_provider_whose_path_it_is(monkeypatch, path, asked):
    shown = []

    def noting(kind: type) -> Any:
        recognises = kind.recognises  # type: ignore[attr-defined]

        def noted(self: Any, *arguments: Any) -> bool:
            shown.append(self.name)
            return bool(recognises(self, *arguments))

        return noted

    for kind in {type(provider) for provider in PROVIDERS if "recognises" in vars(type(provider))}:
        monkeypatch.setattr(kind, "recognises", noting(kind))
    for base in {base for kind in map(type, PROVIDERS) for base in kind.__mro__[1:-1]}:
        if "recognises" in vars(base) and base not in map(type, PROVIDERS):
            monkeypatch.setattr(base, "recognises", noting(base))
    provider_for("POST", f"http://127.0.0.1:9{path}", BODY)
    assert shown == asked
