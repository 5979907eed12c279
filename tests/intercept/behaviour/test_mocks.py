"""Answers of mocks are none of a model's, wherever the mock sits."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import httpcore
import httpx
import pytest
import requests
import respx
import urllib3

BODY = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": "hi"}]}
SAID = {"choices": [{"message": {"content": "mocked"}}]}


def ask(url: str, is_async: bool) -> Any:
    async def ask_async() -> Any:
        async with httpx.AsyncClient() as client:
            return (await client.post(f"{url}/v1/chat/completions", json=BODY)).json()

    if is_async:
        return asyncio.run(ask_async())
    return httpx.post(f"{url}/v1/chat/completions", json=BODY).json()


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("live", [False, True])
def test_respx_below_the_hook_answers_as_if_the_plugin_were_absent(
    live: bool, is_async: bool, server: Any, stage: Any, words: Any
) -> None:
    def test() -> Any:
        with respx.mock:
            route = respx.post(f"{server.url}/v1/chat/completions").respond(json=SAID)
            result = ask(server.url, is_async)
            assert b"gpt-4o-2024-08-06" in route.calls.last.request.content
            return result

    selection = words.candidate() if live else words.production()
    result, capture = stage.play(selection, test)
    assert result == SAID
    assert capture.calls == capture.trouble == ()
    assert stage.files() == []
    assert server.arrived == []


def test_a_copy_of_respx_that_a_project_keeps_under_its_own_name_answers_too(
    server: Any, stage: Any, words: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As openai's own tests have one for httpx2, `tests.respx2`."""
    copy: dict[str, Any] = {"__name__": "tests.respx2.mocks", "httpcore": httpcore, "said": SAID}
    source = (
        "import json\ndef mock(pool, request):\n"
        "    return httpcore.Response(200, content=json.dumps(said).encode())\n"
    )
    exec(source, copy)

    def test() -> Any:
        with monkeypatch.context() as patched:
            patched.setattr(httpcore.ConnectionPool, "handle_request", copy["mock"])
            return ask(server.url, False)

    said, capture = stage.play(words.production(), test)
    assert said == SAID
    assert capture.calls == capture.trouble == ()
    assert server.arrived == []


def test_once_the_mock_is_gone_models_are_asked_again(server: Any, stage: Any, words: Any) -> None:
    def test() -> None:
        with respx.mock:
            respx.post(f"{server.url}/v1/chat/completions").respond(json=SAID)
            ask(server.url, False)
        ask(server.url, False)

    _, capture = stage.play(words.candidate(), test)
    assert len(capture.calls) == len(server.arrived) == 1


class NoSocket:
    """What stands in for a connection's socket, as httpretty and mocket put it there."""

    def sendall(self, data: bytes) -> None: ...

    def settimeout(self, seconds: float | None) -> None: ...

    def close(self) -> None: ...

    def makefile(self, *_: Any, **__: Any) -> io.BytesIO:
        content = json.dumps(SAID).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(content)}\r\n\r\n"
        return io.BytesIO(head.encode() + content)


def connects(connection: Any) -> None:
    connection.sock = NoSocket()


def answers(pool: Any, *_: Any, **__: Any) -> Any:
    body = io.BytesIO(json.dumps(SAID).encode())
    return urllib3.HTTPResponse(body, status=200, preload_content=False)


@pytest.mark.parametrize(
    ("owner", "name", "mock"),
    [
        (urllib3.connection.HTTPConnection, "connect", connects),
        (urllib3.connectionpool.HTTPConnectionPool, "_make_request", answers),
    ],
)
def test_an_answer_without_a_socket_is_a_mock_s_below_requests(
    owner: type, name: str, mock: Any, server: Any, stage: Any, words: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    url = f"{server.url}/v1/chat/completions"

    def test() -> Any:
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, mock)
            said = requests.post(url, json=BODY).json()
        requests.post(url, json=BODY).raise_for_status()
        return said

    said, capture = stage.play(words.candidate(), test)
    assert said == SAID
    assert len(capture.calls) == len(server.arrived) == 1


def test_an_answer_without_a_network_is_a_mock_s_whoever_made_it(
    server: Any, stage: Any, words: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def handle_request(pool: Any, request: Any) -> httpcore.Response:
        return httpcore.Response(200, content=b'{"choices": []}')

    def test() -> None:
        with monkeypatch.context() as patched:
            patched.setattr(httpcore.ConnectionPool, "handle_request", handle_request)
            ask(server.url, False)
        ask(server.url, False)

    _, capture = stage.play(words.candidate(), test)
    assert [call.exchange.response.status for call in capture.calls] == [200]
    assert len(server.arrived) == 1
