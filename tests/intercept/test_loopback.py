"""What arrives at the loopback server: whole requests are asked, and half ones refused."""

from __future__ import annotations

import socket

import pytest

from pytest_modelpin.intercept import loopback, loopback_connections
from pytest_modelpin.intercept.loopback import Loopback
from pytest_modelpin.intercept.loopback_connections import Answer
from pytest_modelpin.write_access import secrets_of_children

WORD = "0123456789abcdef"
URL = f"/modelpin-0-{WORD}/https/api.openai.com/v1/chat/completions"
SECONDS = 20


class Echo(Loopback):
    """Answers each request with its own body."""

    def __init__(self, word=WORD):
        super().__init__(None, word=word)
        self.heard = []

    def asked(self, door, number):
        self.heard.append(door.read())
        return Answer(200, [], iter([door.read()]))


@pytest.fixture
def server():
    one = Echo()
    one.serve()
    yield one
    one.close()


def said(server, *lines, body=b"", ends=True, url=URL):
    """What is answered to a request of these header lines."""
    head = "\r\n".join([f"POST {url} HTTP/1.1", "host: x", *lines, "", ""])
    with socket.create_connection(("127.0.0.1", server.port), SECONDS) as connection:
        connection.sendall(head.encode() + body)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


CHUNKED = "transfer-encoding: chunked"


@pytest.mark.parametrize(
    ("line", "body", "heard"),
    [
        ("content-length: 4", b"half", b"half"),
        ("content-length: 4", b"half and more", b"half"),
        ("x: no length", b"", b""),
        (
            CHUNKED,
            b"2\r\nha\r\n2;x=1\r\nlf\r\n0\r\nx-trailer: 1\r\ncontent-length: 9\r\n\r\n",
            b"half",
        ),
    ],
)
def test_a_whole_request_is_asked(server, line, body, heard):
    assert said(server, line, body=body).startswith(b"HTTP/1.1 200")
    assert server.heard == [heard]


@pytest.mark.parametrize("word", ["", "-0123456789abcdee", "-0", f"-{WORD}0"])
@pytest.mark.parametrize("path", ["https/api.openai.com/v1/chat/completions", "reached"])
def test_who_was_not_started_by_the_tests_is_refused(server, word, path):
    refused = said(server, "content-length: 2", body=b"hi", url=f"/modelpin-0{word}/{path}")
    assert refused.startswith(b"HTTP/1.1 403")
    assert b"only what the tests of this run have started" in refused
    assert server.heard == []


@pytest.mark.parametrize("origin", ["https://evil.example", "http://evil.example:4141", "null"])
@pytest.mark.parametrize("path", ["https/api.openai.com/v1/chat/completions", "reached"])
def test_where_no_word_is_asked_for_a_page_of_elsewhere_is_refused(origin, path):
    """Any page that is open in a browser of this machine may send it something."""
    server = Echo(word="")
    server.serve()
    refused = said(server, f"origin: {origin}", url=f"/modelpin-0/{path}")
    server.close()
    assert refused.startswith(b"HTTP/1.1 403")
    assert b"a web page of another machine" in refused
    assert server.heard == []


@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://127.0.0.1"])
def test_a_page_of_this_machine_may_ask(origin):
    server = Echo(word="")
    server.serve()
    url = "/modelpin-0/https/api.openai.com/v1/chat/completions"
    assert said(server, f"origin: {origin}", url=url).startswith(b"HTTP/1.1 200")
    server.close()


def test_what_is_started_is_told_the_word_and_it_is_kept_secret(server):
    assert server.address(None).endswith(f"/modelpin-0-{WORD}")
    assert WORD in secrets_of_children
    another = Loopback(None)
    assert len(another.word) == 32
    assert another.address(None).endswith(another.word)
    another.close()


def test_who_waits_to_be_told_to_go_on_is_told(server):
    assert said(server, "expect: 100-continue", "content-length: 4", body=b"half").startswith(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"
    )


@pytest.mark.parametrize(
    ("line", "body", "why"),
    [
        ("content-length: 100", b"half", b"broke off 96 bytes before its end"),
        ("content-length: 1000000000000", b"half", b"broke off 999,999,999,996 bytes"),
        ("content-length: -1", b"half", b"its length is none: '-1'"),
        ("content-length: many", b"half", b"its length is none: 'many'"),
        (CHUNKED, b"4\r\nha", b"broke off 2 bytes before its end"),
        (CHUNKED, b"4\r\nhalf\r\n", b"broke off before its end"),
        (CHUNKED, b"4\r\nhalf\r\n0\r\n", b"broke off before its end"),
        (CHUNKED, b"-4\r\nhalf\r\n0\r\n\r\n", b"its length is none"),
        (CHUNKED, b"x\r\nhalf\r\n0\r\n\r\n", b"its length is none"),
    ],
)
def test_half_a_request_is_refused_and_nobody_is_asked(server, line, body, why):
    """A child that is killed while it asks asked the provider for half of it, at a price."""
    answer = said(server, line, body=body)
    assert answer.startswith(b"HTTP/1.1 400")
    assert why in answer
    assert server.heard == []


@pytest.mark.parametrize("line", ["content-length: 100", CHUNKED])
def test_a_child_that_stops_in_the_middle_is_not_waited_for(server, monkeypatch, line):
    monkeypatch.setattr(loopback._Handler, "timeout", 0.2)
    assert said(server, line, body=b"4\r\nha", ends=False).startswith(b"HTTP/1.1 400")
    assert server.heard == []


def test_a_child_that_takes_its_time_to_listen_is_waited_for(server, monkeypatch):
    limits = []
    monkeypatch.setattr(
        loopback_connections.RealSocket, "settimeout", lambda _, s: limits.append(s)
    )
    assert said(server, "content-length: 4", body=b"half").startswith(b"HTTP/1.1 200")
    assert limits == [60.0, None]
