"""azure-identity's logins in a replay: none is looked for, and no token is fetched."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_modelpin.registry.selection import Selected

# Clients of others leave connections to the garbage collector, in whichever test that comes.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

DEPLOYMENT = "gpt-4.1-2025-04-14"
SCOPE = "https://cognitiveservices.azure.com/.default"
ANSWER = {
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": DEPLOYMENT,
    "choices": [
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Oslo"}}
    ],
    "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
}  # fmt: skip
TOKEN = "planted0entra0token0123456789"
QUESTION = {"model": DEPLOYMENT, "messages": [{"role": "user", "content": "capital?"}]}


class Login:
    """A login that finds its token, as one does in the session that records."""

    def get_token(self, *scopes: str, **_options: Any) -> Any:
        return SimpleNamespace(token=TOKEN, expires_on=2_000_000_000)


class EntraTransport:
    """Entra's servers, which give a token out."""

    def open(self) -> None: ...
    def close(self) -> None: ...

    def __enter__(self) -> EntraTransport:
        return self

    def __exit__(self, *_of: object) -> None: ...

    def send(self, request: Any, **_options: Any) -> Any:
        host = "https://login.microsoftonline.com/tests"
        answer = {
            "token_endpoint": f"{host}/oauth2/v2.0/token", "issuer": f"{host}/v2.0",
            "authorization_endpoint": f"{host}/oauth2/v2.0/authorize",
            "access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer",
        }  # fmt: skip
        text = json.dumps(answer)
        return SimpleNamespace(
            status_code=200, headers={}, content_type="application/json", reason="OK",
            text=lambda encoding=None: text, body=text.encode, request=request,
        )  # fmt: skip


def default_login() -> Any:
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential()


def secret_login(**options: Any) -> Any:
    from azure.identity import ClientSecretCredential

    return ClientSecretCredential("tests", "client", "planted0client0secret", **options)


def asked(url: str, login: Callable[[], Any]) -> str:
    from azure.identity import get_bearer_token_provider
    from openai import AzureOpenAI

    provider = get_bearer_token_provider(login(), SCOPE)
    with AzureOpenAI(
        azure_endpoint=url, api_version="2024-10-21", azure_ad_token_provider=provider,
        max_retries=0,
    ) as client:  # fmt: skip
        reply = client.chat.completions.create(**QUESTION)  # type: ignore[call-overload]
    return str(reply.choices[0].message.content)


def asked_by_a_function(url: str, login: Callable[[], Any]) -> str:
    """As it is written where no provider of tokens is known."""
    from openai import OpenAI

    found = login()
    with OpenAI(
        base_url=f"{url}/openai/v1", api_key=lambda: found.get_token(SCOPE).token, max_retries=0
    ) as client:
        reply = client.chat.completions.create(**QUESTION)  # type: ignore[call-overload]
    return str(reply.choices[0].message.content)


def asked_asynchronously(url: str, login: Callable[[], Any]) -> str:
    from azure.identity.aio import DefaultAzureCredential, get_bearer_token_provider
    from openai import AsyncAzureOpenAI

    async def own_token() -> str:
        return TOKEN

    async def ask() -> str:
        async with DefaultAzureCredential() as found:
            recording = isinstance(login(), Login)
            async with AsyncAzureOpenAI(
                azure_endpoint=url, api_version="2024-10-21", max_retries=0,
                azure_ad_token_provider=(
                    own_token if recording else get_bearer_token_provider(found, SCOPE)
                ),
            ) as client:  # fmt: skip
                reply = await client.chat.completions.create(**QUESTION)  # type: ignore[call-overload]
        return str(reply.choices[0].message.content)

    return asyncio.run(ask())


def asked_by_litellm(url: str, login: Callable[[], Any]) -> str:
    import litellm
    from azure.identity import get_bearer_token_provider

    reply = litellm.completion(
        f"azure/{DEPLOYMENT}", messages=QUESTION["messages"], api_base=url,
        api_version="2024-10-21", num_retries=0, client=None,
        azure_ad_token_provider=get_bearer_token_provider(login(), SCOPE),
    )  # fmt: skip
    return str(reply.choices[0].message.content)


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AZURE_OPENAI_API_KEY", "AZURE_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def pinned(words: Any, record: str) -> Any:
    azure = Selected("azure", DEPLOYMENT, "production", DEPLOYMENT, record, provider="azure")
    return words.selection_of(azure)


@pytest.mark.parametrize("login", [default_login, secret_login])
@pytest.mark.parametrize(
    "ask", [asked, asked_by_a_function, asked_asynchronously, asked_by_litellm]
)
def test_a_replay_on_azure_looks_for_no_login(
    server: Any, stage: Any, words: Any, monkeypatch: pytest.MonkeyPatch, ask: Any, login: Any
) -> None:
    """At the machine's own address, with Azure's command line, or at Entra's servers."""
    server.scripts = [server.plain(ANSWER)]
    recorded, capture = stage.play(pinned(words, "new"), lambda: ask(server.url, Login))
    assert (recorded, len(capture.calls)) == ("Oslo", 1)
    assert TOKEN not in stage.text()
    server.stop()

    reached: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _, address: reached.append(address))
    monkeypatch.setattr(subprocess.Popen, "__init__", lambda *given, **_: reached.append(given))
    replayed, _ = stage.play(pinned(words, "none"), lambda: ask(server.url, login))
    assert (replayed, reached) == ("Oslo", [])


def test_who_tries_a_login_itself_is_answered_by_it(stage: Any, words: Any) -> None:
    login = partial(secret_login, transport=EntraTransport(), disable_instance_discovery=True)
    token, _ = stage.play(pinned(words, "none"), lambda: login().get_token(SCOPE).token)
    assert token == TOKEN
