"""Which way a expected request goes."""

from __future__ import annotations

from pathlib import Path

from pytest_modelpin.live.routes import Route, Routes
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.recordings.wire import HttpRequest, StoredReply

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
