"""The way to a provider, copied from a client's own connection."""

from __future__ import annotations

from typing import Any

import httpx
import httpx2
import pytest

from pytest_modelpin.live.route import learn, same

URL = "https://api.openai.com/v1/chat/completions?version=1"


@pytest.fixture(params=[httpx, httpx2], ids=["httpx", "httpx2"])
def library(request: pytest.FixtureRequest) -> Any:
    return request.param


def ask(library: Any, **headers: str) -> Any:
    return library.Request("POST", URL, headers=headers, json={"model": "m"})


@pytest.mark.parametrize("kind", ["HTTPTransport", "AsyncHTTPTransport"])
def test_tls_proxy_and_protocol_are_copied(library: Any, kind: str) -> None:
    proxy = library.Proxy("http://proxy.test:3128", auth=("user", "word"), headers={"x-a": "b"})
    theirs = getattr(library, kind)(proxy=proxy, http1=True, verify=False)
    route = learn(library, theirs, ask(library))
    assert route is not None
    ours, pool = route.transport._pool, theirs._pool
    assert isinstance(route.transport, library.HTTPTransport)
    assert ours._ssl_context is pool._ssl_context
    assert ours._proxy_url.host == b"proxy.test"
    assert sorted(ours._proxy_headers) == sorted(pool._proxy_headers)


def test_a_signature_of_the_body_is_not_reused(library: Any) -> None:
    signed = ask(library, authorization="AWS4-HMAC-SHA256 Credential=x")
    assert learn(library, library.HTTPTransport(), signed) is None


def test_unknown_connections_are_not_copied(library: Any) -> None:
    transport = library.HTTPTransport()
    transport._pool = object()
    assert learn(library, transport, ask(library)) is None


def test_another_body_goes_the_same_way_with_the_same_headers(library: Any) -> None:
    live = ask(library, authorization="Bearer key", **{"x-stainless-retry-count": "1"})
    route = learn(library, library.HTTPTransport(), live)
    assert route is not None
    built = route.build("/v1/responses", {"model": "n"})
    assert str(built.url) == "https://api.openai.com/v1/responses?version=1"
    assert built.content == b'{"model": "n"}'
    assert built.headers["authorization"] == "Bearer key"
    assert built.headers["content-length"] == "14"
    assert "x-stainless-retry-count" not in built.headers


def test_only_headers_that_last_tell_two_requests_apart(library: Any) -> None:
    one = ask(library, authorization="Bearer a", **{"x-request-id": "1"})
    assert same(one, ask(library, authorization="Bearer a", **{"x-request-id": "2"}))
    assert not same(one, ask(library, authorization="Bearer b"))
    assert not same(one, ask(library, authorization="Bearer a", **{"x-beta": "yes"}))


def test_what_a_client_says_of_itself_tells_no_two_requests_apart(library: Any) -> None:
    one = ask(library, **{"user-agent": "OpenAI/Python 3", "x-stainless-async": "false"})
    other = {"user-agent": "AsyncOpenAI/Python 3", "x-stainless-raw-response": "true"}
    assert same(one, ask(library, **other))
