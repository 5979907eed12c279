from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import textwrap
from typing import Any

import httpx
import httpx2
import pytest

from pytest_modelpin.intercept import hooks

BODY = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": "hi"}]}


def post(client: Any, url: str) -> Any:
    return client.post(f"{url}/v1/chat/completions", json=BODY)


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_clients_built_before_are_covered_and_mounts_and_own_transports_too(
    library: Any, server: Any, stage: Any, words: Any
) -> None:
    class Own(library.HTTPTransport):
        def handle_request(self, request: Any) -> Any:
            return super().handle_request(request)

    clients = [
        library.Client(),
        library.Client(mounts={"all://127.0.0.1": library.HTTPTransport()}),
        library.Client(transport=Own()),
        library.Client(proxy=server.url),
    ]
    for client in clients:
        _, capture = stage.play(words.candidate(), lambda client=client: post(client, server.url))
        assert server.arrived[-1].body["model"] == words.ALIAS
        assert len(capture.calls) == 1
        client.close()


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_everything_is_put_back(library: Any, stage: Any, server: Any, words: Any) -> None:
    before = (
        library.HTTPTransport.handle_request,
        library.AsyncHTTPTransport.handle_async_request,
        list(sys.meta_path),
        os.environ.get("DISABLE_AIOHTTP_TRANSPORT"),
    )
    stage.play(words.candidate(), lambda: httpx.get(server.url))
    after = (
        library.HTTPTransport.handle_request,
        library.AsyncHTTPTransport.handle_async_request,
        list(sys.meta_path),
        os.environ.get("DISABLE_AIOHTTP_TRANSPORT"),
    )
    assert after == before


def test_a_mock_that_is_patched_on_top_wins_and_stays(
    stage: Any,
    server: Any,
    words: Any,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    untouched = httpx.HTTPTransport.handle_request
    request.addfinalizer(lambda: setattr(httpx.HTTPTransport, "handle_request", untouched))
    originals = []

    def mocked(transport: Any, asked: Any) -> Any:
        return httpx.Response(200, json={"mocked": True})

    def asked() -> Any:
        originals.append(hooks.installed.originals[httpx.HTTPTransport])
        return httpx.post(f"{server.url}/v1/chat/completions", json=BODY)

    def test() -> Any:
        monkeypatch.setattr(httpx.HTTPTransport, "handle_request", mocked)
        return httpx.post(f"{server.url}/v1/chat/completions", json=BODY).json()

    result, capture = stage.play(words.candidate(), test)
    assert result == {"mocked": True}
    assert capture.calls == ()
    assert httpx.HTTPTransport.handle_request is mocked
    monkeypatch.undo()  # puts our hook back, which by now lets everything pass
    assert httpx.post(f"{server.url}/v1/chat/completions", json=BODY).status_code == 200
    _, capture = stage.play(words.candidate(), asked)
    assert len(capture.calls) == 1
    assert originals == [untouched]  # by which look-ahead sends


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_foreign_traffic_passes_untouched(
    library: Any, server: Any, stage: Any, words: Any
) -> None:
    read: list[int] = []

    def upload() -> Any:
        read.append(1)  # only when it is sent, after all others
        yield b"{}"

    def test() -> list[Any]:
        with library.Client() as client:
            return [
                client.get(f"{server.url}/health"),
                client.post(f"{server.url}/items", json={"model": words.PIN, "n": 1}),
                client.post(f"{server.url}/v1/chat/completions", content=b"not json"),
                client.post(f"{server.url}/v1/chat/completions", json=["no", "object"]),
                client.post(
                    f"{server.url}/v1/chat/completions",
                    json={"model": "someone-elses", "messages": []},
                ),
                client.post(
                    f"{server.url}/items",
                    content=upload(),
                    headers={"content-type": "application/json"},
                ),
            ]

    replies, capture = stage.play(words.production(), test)
    assert [reply.status_code for reply in replies] == [200] * 6
    assert read == [1]
    assert server.arrived[1].body == {"model": words.PIN, "n": 1}
    assert capture.calls == ()
    assert stage.files() == []


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_nothing_is_imported_for_the_hooks_and_later_imports_are_patched() -> None:
    program = """
        import sys, inspect
        from pytest_modelpin.intercept import hooks
        from pytest_modelpin.intercept.interceptor import Interceptor
        from pytest_modelpin.recordings.store import Recordings
        from pytest_modelpin.registry.selection import Selection
        hooks.install(Interceptor(Selection({}), recordings=Recordings()))
        loaded = [name for name in ("httpx", "httpx2", "google.genai", "litellm", "aiohttp")
                  if name in sys.modules]
        import httpx, httpx2
        import google.genai._api_client as client
        hooked = [library.HTTPTransport.handle_request.__module__ for library in (httpx, httpx2)]
        source = "class HTTPTransport" in inspect.getsource(httpx._transports.default)
        print(loaded, client.has_aiohttp, source, client.__spec__.loader is client.__loader__)
        hooks.uninstall()
        print(client.has_aiohttp, hasattr(httpx.HTTPTransport.handle_request, "__wrapped__"))
    """
    first, second = run(program).splitlines()
    assert first == "[] True True True"
    assert second == "True False"


def test_httpx2_standing_in_for_httpx_is_patched_once() -> None:
    program = """
        import httpx2
        httpx2.alias_httpx()
        from pytest_modelpin.intercept import hooks
        from pytest_modelpin.intercept.interceptor import Interceptor
        from pytest_modelpin.recordings.store import Recordings
        from pytest_modelpin.registry.selection import Selection
        original = httpx2.HTTPTransport.handle_request
        hooks.install(Interceptor(Selection({}), recordings=Recordings()))
        import httpx
        import httpx._transports.default
        print(httpx.HTTPTransport.handle_request.__wrapped__ is original)
        hooks.uninstall()
        print(httpx.HTTPTransport.handle_request is original)
    """
    assert run(program) == "True\nTrue"


def test_installing_again_replaces_the_interceptor(server: Any, stage: Any, words: Any) -> None:
    def test() -> Any:
        return httpx.post(f"{server.url}/v1/chat/completions", json=BODY)

    stage.play(words.candidate(), test)
    first = stage.interceptor
    stage.play(words.candidate(), lambda: (hooks.install(stage.interceptor), test()))
    assert stage.interceptor is not first
    assert len(server.arrived) == 2


def test_a_tasks_requests_belong_to_the_test_that_runs(server: Any, stage: Any, words: Any) -> None:
    async def test() -> None:
        async with httpx2.AsyncClient() as client:
            await asyncio.gather(*(post(client, server.url) for _ in range(3)))

    _, capture = stage.play(words.candidate(), lambda: asyncio.run(test()))
    assert len(capture.calls) == 3


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("asked", ["a model", "anybody"])
@pytest.mark.parametrize("library", [httpx, httpx2])
def test_a_client_that_outlives_its_event_loop_asks_once_in_the_next(
    library: Any, asked: str, server: Any, stage: Any, words: Any
) -> None:
    """A module's client is kept while each sample has a loop of its own, as pytest-asyncio makes
    it. Its connection was kept, too: each question was sent, and the answer read by no loop.
    """
    client = library.AsyncClient()

    async def test() -> None:
        if asked == "a model":
            await asyncio.gather(*(post(client, server.url) for _ in range(2)))
        else:
            await asyncio.gather(*(client.get(f"{server.url}/health") for _ in range(2)))
            await client.head(f"{server.url}/health")

    def samples() -> None:
        for _ in range(3):
            asyncio.run(test())

    _, capture = stage.play(words.candidate(), samples)
    assert not capture.trouble
    assert len(server.arrived) == 6  # the server counts no HEAD


def test_connections_of_a_loop_that_may_run_again_are_kept(
    server: Any, stage: Any, words: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = httpx.AsyncClient()
    first, second = asyncio.new_event_loop(), asyncio.new_event_loop()

    def samples() -> None:
        first.run_until_complete(post(client, server.url))
        with contextlib.suppress(RuntimeError):  # as without us
            second.run_until_complete(post(client, server.url))

    with monkeypatch.context() as patched:
        patched.delattr("httpcore.AsyncConnectionPool.aclose")
        stage.play(words.candidate(), samples)
    first.run_until_complete(client.aclose())
    first.close()
    second.close()
