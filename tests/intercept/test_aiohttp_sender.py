"""A session's connector, copied for look-ahead into a loop of its own."""

from __future__ import annotations

import asyncio
import ssl
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from pytest_modelpin.intercept.aiohttp_sender import AiohttpSender, copy_connector
from pytest_modelpin.live.reply_limits import DeadlinePassed
from pytest_modelpin.recordings.exchange import HttpRequest

REQUEST = SimpleNamespace(ssl=True, proxy=None, proxy_headers=None)


def copied(kind: type = aiohttp.TCPConnector, request: Any = REQUEST, **options: Any) -> Any:
    async def copy() -> Any:
        async with kind(**options) as connector:
            return copy_connector(connector, aiohttp.BaseConnector.connect, request)

    return asyncio.run(copy())


def asking(url: str) -> HttpRequest:
    body = b'{"model": "m", "messages": []}'
    headers = [(b"x-own", b"1"), (b"content-length", str(len(body)).encode())]
    return HttpRequest("POST", f"{url}/v1/chat/completions", headers, body)


def test_a_whole_reply_comes_back_as_it_was_on_the_wire(server: Any) -> None:
    server.scripts = [server.compressed({"a": 1}, "gzip")] * 2
    sender = copied()
    replies = [sender.send(asking(server.url), 5.0) for _ in range(2)]
    sender.close()
    for reply in replies:
        assert reply.status == 200
        assert reply.by_name()["content-encoding"] == "gzip"
        assert b"".join(reply.chunks).startswith(b"\x1f\x8b")
    for arrived in server.arrived:
        assert "user-agent" not in arrived.headers
        assert arrived.headers["x-own"] == "1"


def test_a_reply_that_never_ends_is_broken_off(server: Any) -> None:
    server.scripts = [server.stream([": drip\n\n"] * 200, pause=0.05)]
    sender = copied()
    with pytest.raises(DeadlinePassed):
        sender.send(asking(server.url), 0.3)
    sender.close()


def test_a_mock_in_aiohttp_s_place_is_not_asked(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def mocked(*places: Any, **named: Any) -> Any:
        raise AssertionError("a mock was asked")

    sender = copied()
    monkeypatch.setattr(aiohttp.ClientSession, "_request", mocked)
    with pytest.raises(ConnectionError, match="a mock"):
        sender.send(asking(server.url), 5.0)
    sender.close()
    assert server.arrived == []


def test_tls_and_proxy_are_copied_and_what_is_not_tcp_is_left_alone() -> None:
    context = ssl.create_default_context()
    request = SimpleNamespace(ssl=context, proxy="http://proxy.test", proxy_headers={"x-a": "b"})
    sender = copied(request=request, ssl=context)
    assert isinstance(sender, AiohttpSender)
    assert sender._connector["ssl"] is context
    assert sender._request["proxy"] == "http://proxy.test"
    assert copied(aiohttp.UnixConnector, path="/socket") is None

    class Own(aiohttp.TCPConnector):
        """Connects in a way of its own."""

    assert copied(Own) is None


def test_what_was_never_used_is_closed_at_once() -> None:
    copied().close()
