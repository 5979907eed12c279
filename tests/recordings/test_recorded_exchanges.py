"""What of a recorded reply reaches the client."""

from __future__ import annotations

import pytest

from pytest_modelpin.providers.catalogue import provider_named
from pytest_modelpin.recordings.capture import RequestKey
from pytest_modelpin.recordings.exchange import Exchange, Request, Response
from pytest_modelpin.recordings.outgoing import Outgoing
from pytest_modelpin.recordings.recorded_exchanges import Found, replayed

PIN = "gpt-4o-2024-08-06"


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
    monkeypatch: pytest.MonkeyPatch, status: int, where: str, kept: bool
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://gateway.example/v1")
    url, provider = "https://gateway.example/v1/chat/completions", provider_named("openai")
    assert provider is not None
    asked = Outgoing(
        provider, "gpt", PIN, True, "none", None, "POST", url, "/v1/chat/completions", {}, (), False
    )
    response = Response(status, {"Location": where, "x-request-id": "1"}, b"")
    found = Found(Exchange(Request("POST", url, {}), response, PIN), PIN)
    reply, _ = replayed(found, RequestKey(PIN, "f", 1, 0), asked)
    assert reply.by_name() == {"x-request-id": "1"} | ({"location": where} if kept else {})
