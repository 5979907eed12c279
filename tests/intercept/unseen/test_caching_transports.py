"""Transports that answer of their own accord before one that sends: the monitor is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import requests
from requests.adapters import HTTPAdapter

from pytest_modelpin.intercept import httpx_hook
from pytest_modelpin.intercept.hooks import Hooks
from pytest_modelpin.intercept.unseen.caching_transports import patch
from pytest_modelpin.intercept.unseen.monitor import NetworkMonitor
from pytest_modelpin.providers.model_hosts import ModelHosts

OPENAI = "https://api.openai.com/v1/chat/completions"
BODY = {"model": "gpt-4o", "messages": []}


def kept(status: int = 200) -> httpx.Response:
    return httpx.Response(status, json={"choices": []})


class InFront(httpx.BaseTransport):
    """As httpx-cache and hishel have it."""

    def __init__(self, behind: httpx.BaseTransport, status: int = 200) -> None:
        self._behind = behind
        self._status = status

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._missed(request) if "miss" in request.headers else kept(self._status)

    def _missed(self, request: httpx.Request) -> httpx.Response:
        return self._behind.handle_request(request)


class Further(InFront):
    """Hands on by what it inherits."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return kept() if "kept" in request.headers else self._missed(request)


class Derived(httpx.HTTPTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return super().handle_request(request) if "miss" in request.headers else kept()


class Mock(httpx.HTTPTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return kept()


class AsyncInFront(httpx.AsyncBaseTransport):
    def __init__(self, behind: list[httpx.AsyncBaseTransport]) -> None:
        self._behind = SimpleNamespace(nearer=behind[0])

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if "miss" in request.headers:
            return await self._behind.nearer.handle_async_request(request)
        return kept()


class Adapter(HTTPAdapter):
    """As CacheControl's."""

    def send(self, request: Any, *places: Any, **named: Any) -> requests.Response:
        if "miss" in request.headers:
            return super().send(request, *places, **named)
        reply = requests.Response()
        reply.status_code, reply.url = 200, request.url
        return reply


def by_httpx(transport: httpx.BaseTransport, url: str = OPENAI) -> None:
    with httpx.Client(transport=transport) as client:
        client.post(url, json=BODY)


def in_front() -> None:
    by_httpx(InFront(httpx.HTTPTransport()))


def further() -> None:
    with httpx.Client(transport=Further(httpx.HTTPTransport())) as client:
        client.post(OPENAI, json=BODY, headers={"kept": "1"})


def derived() -> None:
    by_httpx(Derived())


def asynchronous() -> None:
    async def ask() -> None:
        transport = AsyncInFront([httpx.AsyncHTTPTransport()])
        async with httpx.AsyncClient(transport=transport) as client:
            await client.post(OPENAI, json=BODY)

    asyncio.run(ask())


def by_requests() -> None:
    with requests.Session() as session:
        session.mount("https://", Adapter())
        session.post(OPENAI, json=BODY)


@pytest.fixture
def monitor() -> Iterator[NetworkMonitor]:
    hooks = Hooks(SimpleNamespace(sends=True))  # type: ignore[arg-type]
    httpx_hook.patch(httpx._transports.default, hooks)  # type: ignore[arg-type]
    for module in (httpx._transports.base, requests.adapters):  # type: ignore[attr-defined]
        patch(module, hooks)
    hears = NetworkMonitor(ModelHosts({}), live=True)
    hears.install()
    hears.begin("test_a")
    yield hears
    hears.uninstall()
    hooks.uninstall()


@pytest.mark.parametrize(
    ("ask", "by"),
    [
        (in_front, "InFront"),
        (further, "Further"),
        (derived, "Derived"),
        (asynchronous, "AsyncInFront"),
        (by_requests, "Adapter"),
    ],
)
def test_what_stands_before_one_that_sends_is_told_by_its_name(
    ask: Callable[[], None], by: str, monitor: NetworkMonitor
) -> None:
    ask()
    [alarm] = monitor.end()
    assert (alarm.host, alarm.request) == ("api.openai.com", "POST /v1/chat/completions")
    assert alarm.client == f"what answers before its client sends ({by} of tests)"


def test_a_mock_an_error_and_another_host_are_nobodys_affair(
    monitor: NetworkMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    mock = httpx.MockTransport(lambda request: kept())
    by_httpx(mock)
    by_httpx(InFront(mock))
    by_httpx(Mock())
    by_httpx(InFront(httpx.HTTPTransport(), 429))
    by_httpx(InFront(httpx.HTTPTransport()), "https://example.com/a.json")
    # pytest-httpx and responses stand in the place of what sends.
    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", lambda *_: kept())
    in_front()
    monkeypatch.setattr(HTTPAdapter, "send", Adapter.send)
    by_requests()
    assert monitor.end() == ()


def test_in_a_replay_it_is_as_good_as_a_mock(monitor: NetworkMonitor) -> None:
    monitor.live = False
    in_front()
    assert monitor.end() == ()
