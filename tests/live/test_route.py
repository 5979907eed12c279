"""The way to a provider, copied from a client's own connection."""

from __future__ import annotations

from pytest_modelpin.live.routes import difference, learn
from pytest_modelpin.recordings.wire import HttpRequest, StoredReply

URL = "https://api.openai.com/v1/chat/completions?version=1"


class Sender:
    def send(self, request: HttpRequest, seconds: float) -> StoredReply:
        return StoredReply(200, [], [])

    def close(self) -> None:
        """Nothing to close."""


def ask(**headers: str) -> HttpRequest:
    sent = [(name.encode(), value.encode()) for name, value in headers.items()]
    return HttpRequest("POST", URL, sent, b'{"model": "m"}')


def test_a_signature_of_the_body_is_not_reused() -> None:
    signed = ask(authorization="AWS4-HMAC-SHA256 Credential=x")
    assert learn(Sender, signed) is None


def test_without_a_copy_of_the_connection_there_is_no_route() -> None:
    assert learn(lambda: None, ask()) is None


def test_another_body_goes_the_same_way_with_the_same_headers() -> None:
    live = ask(authorization="Bearer key", **{"x-stainless-retry-count": "1"})
    route = learn(Sender, live)
    assert route is not None
    built = route.build("/v1/responses", {"model": "n"})
    assert built.url == "https://api.openai.com/v1/responses?version=1"
    assert built.body == b'{"model": "n"}'
    assert built.header("authorization") == "Bearer key"
    assert built.header("content-length") == "14"
    assert built.header("x-stainless-retry-count") == ""


def test_only_headers_that_last_tell_two_requests_apart() -> None:
    one = ask(authorization="Bearer a", **{"x-request-id": "1"})
    assert difference(one, ask(authorization="Bearer a", **{"x-request-id": "2"})) == []
    assert difference(one, ask(authorization="Bearer b")) == ["header authorization"]
    other = ask(authorization="Bearer a", **{"x-beta": "yes"})
    assert difference(one, other) == ["header x-beta"]


def test_what_a_client_says_of_itself_tells_no_two_requests_apart() -> None:
    one = ask(**{"user-agent": "OpenAI/Python 3", "x-stainless-async": "false"})
    other = {"user-agent": "AsyncOpenAI/Python 3", "x-stainless-raw-response": "true"}
    assert difference(one, ask(**other)) == []
