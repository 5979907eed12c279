"""What of a recorded reply reaches the client."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_modelpin.intercept.recognising import Recogniser
from pytest_modelpin.providers.catalogue import provider_named
from pytest_modelpin.recordings.exchange import StoredReply


@pytest.mark.parametrize(
    ("status", "where", "kept"),
    [
        (307, "/v2/chat/completions", True),
        (307, "https://gateway.example/v2", True),
        (308, "https://api.openai.com/v1/chat/completions", True),
        (201, "https://evil.example/", True),
        (307, "https://evil.example/v1/chat/completions", False),
        (302, "//evil.example/", False),
        (303, "https://gateway.example@evil.example/", False),
        (301, "https://gateway.example.evil.example/", False),
        (308, "http://gateway.example/v2", False),
        (308, "http://api.openai.com/v1", False),
        (307, "https://[half/", False),
        (307, "file:///etc/passwd", False),
    ],
)
def test_a_redirect_stays_with_the_models_own_hosts(
    words: Any, monkeypatch: Any, status: int, where: str, kept: bool
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://gateway.example/v1")
    reply = StoredReply(status, {"Location": where, "x-request-id": "1"}, ())
    asked: Any = SimpleNamespace(
        url="https://gateway.example/v1/chat/completions", provider=provider_named("openai")
    )
    headers = Recogniser(words.production()).kept_here(reply, asked).by_name()
    assert headers == {"x-request-id": "1"} | ({"location": where} if kept else {})
