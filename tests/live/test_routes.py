"""Which way a request goes that is sent ahead, and how it is copied from a client's own."""

from __future__ import annotations

from pathlib import Path

from pytest_modelpin.live.routes import Route, Routes, difference, learn
from pytest_modelpin.recordings.exchange import HttpRequest, StoredReply
from pytest_modelpin.recordings.owner import Owner

ORIGIN = ("https", "api.openai.com", "/v1/chat/completions", "")
URL = "https://api.openai.com/v1/chat/completions"


class Sender:
    def send(self, request: HttpRequest, seconds: float) -> StoredReply:
        return StoredReply(200, [], [])

    def close(self) -> None:
        """Nothing to close."""


def ask(url: str = URL, **headers: str) -> HttpRequest:
    return HttpRequest("POST", url, [(n.encode(), v.encode()) for n, v in headers.items()], b"{}")


def owner(name: str, module: str = "test_a") -> Owner:
    return Owner(Path("tests"), module, name)


PLAIN, BETA = Route(Sender(), ask(key="k")), Route(Sender(), ask(key="k", beta="yes"))


def test_the_only_way_is_everybody_s() -> None:
    routes = Routes()
    assert routes.of(ORIGIN, owner("test_x")) is None
    routes.take(ORIGIN, owner("test_x"), PLAIN)
    assert routes.of(ORIGIN, owner("test_y", "test_b")) is PLAIN


def test_a_function_s_way_comes_before_its_file_s_and_another_file_asks_first() -> None:
    routes = Routes()
    routes.take(ORIGIN, owner("test_x[1]"), PLAIN)
    routes.take(ORIGIN, owner("test_y"), BETA)
    assert routes.of(ORIGIN, owner("test_x[2]")) is PLAIN
    assert routes.of(ORIGIN, owner("test_z")) is BETA
    assert routes.of(ORIGIN, owner("test_z", "test_b")) is None


def test_a_mistake_is_made_once_and_what_is_known_is_taken_up() -> None:
    routes = Routes()
    routes.take(ORIGIN, owner("test_x"), BETA)
    routes.take(ORIGIN, owner("test_y"), PLAIN)
    routes.mistaken(ORIGIN, owner("test_y"), PLAIN, BETA.request)
    assert routes.of(ORIGIN, owner("test_y")) is BETA
    routes.mistaken(ORIGIN, owner("test_y"), PLAIN, BETA.request)  # sent before that was known
    assert routes.of(ORIGIN, owner("test_y")) is BETA
    routes.mistaken(ORIGIN, owner("test_y"), BETA, PLAIN.request)
    assert routes.of(ORIGIN, owner("test_y")) is None  # it asks in turns


def test_cookies_that_were_handed_out_make_no_new_way_and_another_host_does() -> None:
    routes = Routes()
    routes.take(ORIGIN, owner("test_x"), PLAIN)
    kept = ask(key="k", cookie="__cf_bm=1; lb=2")
    assert routes.known(ORIGIN, kept) is None
    routes.note_cookies({"set-cookie": "lb=2; path=/"})
    assert routes.known(ORIGIN, kept) is PLAIN
    assert (
        routes.known(ORIGIN, ask("https://eu.api.openai.com/v1/chat/completions", key="k")) is None
    )


def test_no_more_than_a_few_ways_are_learnt() -> None:
    routes = Routes()
    for number in range(8):
        assert not routes.is_full(ORIGIN)
        routes.take(ORIGIN, owner("test_x"), Route(Sender(), ask(one=str(number))))
    assert routes.is_full(ORIGIN)


VERSIONED_URL = "https://api.openai.com/v1/chat/completions?version=1"


def asking(**headers: str) -> HttpRequest:
    sent = [(name.encode(), value.encode()) for name, value in headers.items()]
    return HttpRequest("POST", VERSIONED_URL, sent, b'{"model": "m"}')


def test_a_signature_of_the_body_is_not_reused() -> None:
    signed = asking(authorization="AWS4-HMAC-SHA256 Credential=x")
    assert learn(Sender, signed) is None


def test_without_a_copy_of_the_connection_there_is_no_route() -> None:
    assert learn(lambda: None, asking()) is None


def test_another_body_goes_the_same_way_with_the_same_headers() -> None:
    live = asking(authorization="Bearer key", **{"x-stainless-retry-count": "1"})
    route = learn(Sender, live)
    assert route is not None
    built = route.build("/v1/responses", {"model": "n"})
    assert built.url == "https://api.openai.com/v1/responses?version=1"
    assert built.body == b'{"model": "n"}'
    assert built.header("authorization") == "Bearer key"
    assert built.header("content-length") == "14"
    assert built.header("x-stainless-retry-count") == ""


def test_only_headers_that_last_tell_two_requests_apart() -> None:
    one = asking(authorization="Bearer a", **{"x-request-id": "1"})
    assert difference(one, asking(authorization="Bearer a", **{"x-request-id": "2"})) == []
    assert difference(one, asking(authorization="Bearer b")) == ["header authorization"]
    other = asking(authorization="Bearer a", **{"x-beta": "yes"})
    assert difference(one, other) == ["header x-beta"]


def test_what_a_client_says_of_itself_tells_no_two_requests_apart() -> None:
    one = asking(**{"user-agent": "OpenAI/Python 3", "x-stainless-async": "false"})
    other = {"user-agent": "AsyncOpenAI/Python 3", "x-stainless-raw-response": "true"}
    assert difference(one, asking(**other)) == []


def test_a_child_whose_connection_ends_here_asks_as_its_parent_does() -> None:
    """What it says of its connection is not handed on; so each of its questions was paid twice."""
    parents = ask(key="k", host="api.openai.com", connection="keep-alive")
    assert difference(parents, ask(key="k")) == []
    assert difference(ask(key="k"), ask(key="k", Host="API.openai.com:443")) == []
    assert difference(ask(key="k"), ask(key="k", host="tenant.example")) == ["header host"]
