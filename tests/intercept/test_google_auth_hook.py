"""google-auth's credentials in a replay: none are looked for, and no token is fetched."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from pytest_modelpin.registry.selection import Selected

# Clients of others leave connections to the garbage collector, in whichever test that comes.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

GEMINI, CLAUDE = "gemini-2.5-flash", "claude-sonnet-4-5@20250929"
GENERATED = {
    "candidates": [
        {"content": {"role": "model", "parts": [{"text": "Oslo"}]}, "finishReason": "STOP"}
    ],
    "modelVersion": GEMINI,
    "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 1, "totalTokenCount": 4},
}  # fmt: skip
MESSAGE = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929",
    "content": [{"type": "text", "text": "Oslo"}], "stop_reason": "end_turn",
    "stop_sequence": None, "usage": {"input_tokens": 3, "output_tokens": 1},
}  # fmt: skip
TOKEN = {"access_token": "ya29.planted0123456789", "expires_in": 3599, "token_type": "Bearer"}


def gemini(url: str, **options: Any) -> Any:
    from google import genai

    return genai.Client(
        vertexai=True, project="tests", location="europe-west1", http_options={"base_url": url},
        **options,
    )  # fmt: skip


def generated(url: str) -> str:
    with gemini(url) as client:
        return str(client.models.generate_content(model=GEMINI, contents="capital?").text)


def generated_with_an_account(url: str) -> str:
    import os

    from google.oauth2.service_account import Credentials

    found = Credentials.from_service_account_file(
        os.environ["GOOGLE_APPLICATION_CREDENTIALS"],
        scopes=["https://www.googleapis.com/auth/cloud-platform"],
    )
    with gemini(url, credentials=found) as client:
        return str(client.models.generate_content(model=GEMINI, contents="capital?").text)


def generated_asynchronously(url: str) -> str:
    async def ask() -> str:
        async with gemini(url).aio as client:
            reply = await client.models.generate_content(model=GEMINI, contents="capital?")
        return str(reply.text)

    return asyncio.run(ask())


def claude(url: str) -> str:
    from anthropic import AnthropicVertex

    with AnthropicVertex(
        region="europe-west1", project_id="tests", base_url=f"{url}/v1", max_retries=0
    ) as client:
        reply = client.messages.create(
            model=CLAUDE, max_tokens=9, messages=[{"role": "user", "content": "capital?"}]
        )
    return str(reply.content[0].text)  # type: ignore[union-attr]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: Any) -> Path:
    """A service account's file, by which the machine finds its credentials."""
    for name in ("GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))  # no login of gcloud's
    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = tmp_path / "account.json"
    path.write_text(
        json.dumps(
            {
                "type": "service_account", "client_email": "it@tests.iam.gserviceaccount.com",
                "private_key": key.decode(), "private_key_id": "1", "project_id": "tests",
                "token_uri": f"{server.url}/token",
            }
        )
    )  # fmt: skip
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    return path


def pinned(words: Any, record: str) -> Any:
    return words.selection_of(
        Selected("gemini", GEMINI, "production", GEMINI, record, provider="vertex"),
        Selected("claude", CLAUDE, "production", CLAUDE, record, provider="vertex"),
    )


@pytest.mark.parametrize(
    ("ask", "answer", "keeps_account"),
    [
        (generated, GENERATED, False),
        (generated_asynchronously, GENERATED, False),
        (generated_with_an_account, GENERATED, True),
        (claude, MESSAGE, False),
    ],
)
def test_a_replay_on_vertex_looks_for_no_credentials(
    server: Any, stage: Any, words: Any, account: Path, monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[str], str], answer: Any, keeps_account: bool,
) -> None:  # fmt: skip
    """The machine's own, by which it would ask for a token; or in a cloud, for its role."""
    server.scripts = [server.plain(TOKEN), server.plain(answer)]
    recorded, capture = stage.play(pinned(words, "new"), lambda: ask(server.url))
    assert len(capture.calls) == 1
    assert "ya29" not in stage.text()
    server.stop()

    if not keeps_account:
        monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
        account.unlink()
    reached: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _, address: reached.append(address))
    replayed, _ = stage.play(pinned(words, "none"), lambda: ask(server.url))
    assert (replayed, reached) == (recorded, [])


def test_who_is_no_models_client_finds_what_there_is(stage: Any, words: Any, account: Path) -> None:
    import google.auth

    def found() -> Any:
        return google.auth.default()[1]

    assert stage.play(pinned(words, "none"), found)[0] == "tests"
