"""Connections of a client's own, copied for look-ahead."""

from __future__ import annotations

from typing import Any

import httpx
import httpx2
import pytest

from pytest_modelpin.intercept.httpx_sender import copy_transport
from pytest_modelpin.live.reply_limits import DeadlinePassed
from pytest_modelpin.recordings.exchange import HttpRequest


@pytest.fixture(params=[httpx, httpx2], ids=["httpx", "httpx2"])
def library(request: pytest.FixtureRequest) -> Any:
    return request.param


def copied(library: Any, transport: Any) -> Any:
    return copy_transport(library, transport, library.HTTPTransport.handle_request)


@pytest.mark.parametrize("kind", ["HTTPTransport", "AsyncHTTPTransport"])
def test_tls_proxy_and_protocol_are_copied(library: Any, kind: str) -> None:
    proxy = library.Proxy("http://proxy.test:3128", auth=("user", "word"), headers={"x-a": "b"})
    theirs = getattr(library, kind)(proxy=proxy, http1=True, verify=False)
    sender = copied(library, theirs)
    assert sender is not None
    ours, pool = sender._transport._pool, theirs._pool
    assert isinstance(sender._transport, library.HTTPTransport)
    assert ours._ssl_context is pool._ssl_context
    assert ours._proxy_url.host == b"proxy.test"
    assert sorted(ours._proxy_headers) == sorted(pool._proxy_headers)


def test_unknown_connections_are_not_copied(library: Any) -> None:
    transport = library.HTTPTransport()
    transport._pool = object()
    assert copied(library, transport) is None


def asking(url: str) -> HttpRequest:
    body = b'{"model": "m", "messages": []}'
    headers = [(b"host", b"x"), (b"content-length", str(len(body)).encode())]
    return HttpRequest("POST", f"{url}/v1/chat/completions", headers, body)


def test_a_whole_reply_comes_back_as_it_was_on_the_wire(library: Any, server: Any) -> None:
    server.scripts = [server.compressed({"a": 1}, "gzip")]
    sender = copied(library, library.HTTPTransport())
    reply = sender.send(asking(server.url), 5.0)
    sender.close()
    assert reply.status == 200
    assert reply.by_name()["content-encoding"] == "gzip"
    assert b"".join(reply.chunks).startswith(b"\x1f\x8b")
    assert reply.extensions["http_version"] == b"HTTP/1.1"


def test_a_reply_that_never_ends_is_broken_off(library: Any, server: Any, words: Any) -> None:
    server.scripts = [server.stream([": drip\n\n"] * 200, pause=0.05)]
    sender = copied(library, library.HTTPTransport())
    with pytest.raises(DeadlinePassed):
        sender.send(asking(server.url), 0.3)
    sender.close()
