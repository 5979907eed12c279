"""The tunnels that children ask for at the loopback server: bytes both ways, and who gets one."""

from __future__ import annotations

import base64
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer

import pytest

from pytest_modelpin.intercept import tunnels
from pytest_modelpin.intercept.model_call_failed import ModelCallFailed
from pytest_modelpin.intercept.tunnels import Tunnels
from pytest_modelpin.intercept.unseen import child_proxies
from pytest_modelpin.intercept.unseen.child_proxies import UserProxy

SECONDS = 20


@dataclass
class Asked:
    """What the loopback server would say to each who asks for a tunnel."""

    refuses: str = ""
    heard: list[tuple[int, str, int, str]] = field(default_factory=list)

    def tunnel_asked(self, number: int, host: str, port: int, agent: str) -> None:
        self.heard.append((number, host, port, agent))
        if self.refuses:
            raise ModelCallFailed(self.refuses)


@contextmanager
def serving(handle: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server of which each connection is handled by a function; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    threading.Thread(target=handled, args=(connection,), daemon=True).start()

        def handled(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                connection.settimeout(SECONDS)
                handle(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def echo(connection: socket.socket) -> None:
    while piece := connection.recv(65536):
        connection.sendall(piece)


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def open_ways() -> Tunnels:
    return Tunnels(at_once=40, patience=0.1)


@pytest.fixture
def here(asked: Asked, open_ways: Tunnels) -> Iterator[int]:
    """The port at which tunnels are given."""

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            self.close_connection = True
            open_ways.serve(self, asked)  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    class Server(ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture(autouse=True)
def user_proxies(monkeypatch: pytest.MonkeyPatch) -> dict[str, UserProxy]:
    known = {"word": UserProxy()}
    monkeypatch.setattr(child_proxies, "_user_proxies", known)
    monkeypatch.setattr(tunnels, "_CONNECTIONS", tunnels._CONNECTIONS / "none")
    return known


def asking(
    here: int, target: str, *, more: bytes = b"", word: str | None = "word"
) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", here), timeout=SECONDS)
    head = f"CONNECT {target} HTTP/1.1\r\nhost: {target}\r\nuser-agent: curl/8 (x)\r\n"
    if word is not None:
        credentials = base64.b64encode(f"modelpin-7:{word}".encode()).decode()
        head += f"proxy-authorization: Basic {credentials}\r\n"
    connection.sendall(f"{head}\r\n".encode() + more)
    return connection


def until_the_end(connection: socket.socket) -> bytes:
    said = b""
    while piece := connection.recv(65536):
        said += piece
    return said


def opened(here: int, target: str) -> socket.socket:
    connection = asking(here, target)
    said = b""
    while not said.endswith(b"\r\n\r\n"):
        said += connection.recv(1)
    assert said.startswith(b"HTTP/1.1 200 ")
    return connection


def status(connection: socket.socket) -> tuple[int, str]:
    with connection:
        head, _, body = until_the_end(connection).partition(b"\r\n\r\n")
    return int(head.split()[1]), body.decode()


def test_a_way_keeps_every_byte_and_the_end_of_each_side(here: int, asked: Asked) -> None:
    """Who has said all may still listen, and hears all."""
    big = os.urandom(5_000_000)

    def all_back(connection: socket.socket) -> None:
        connection.sendall(until_the_end(connection))

    with serving(all_back) as port, opened(here, f"127.0.0.1:{port}") as connection:
        sent = threading.Thread(
            target=lambda: (connection.sendall(big), connection.shutdown(socket.SHUT_WR))
        )
        sent.start()
        assert until_the_end(connection) == big
        sent.join()
    assert asked.heard == [(7, "127.0.0.1", port, "curl/8")]


def test_what_is_sent_before_the_answer_is_kept(here: int) -> None:
    with serving(echo) as port, asking(here, f"127.0.0.1:{port}", more=b"early") as connection:
        said = b""
        while not said.endswith(b"early"):
            said += connection.recv(100)
        assert said.startswith(b"HTTP/1.1 200 ")


def test_many_are_open_at_once_and_all_end_with_the_tests(here: int, open_ways: Tunnels) -> None:
    with serving(echo) as port:
        connections = [opened(here, f"127.0.0.1:{port}") for _ in range(40)]
        for number, each in enumerate(connections):
            each.sendall(b"%d" % number)
        for number, each in enumerate(connections):
            assert each.recv(10) == b"%d" % number
        assert status(asking(here, f"127.0.0.1:{port}"))[0] == 503  # no more than may be
        open_ways.close()
        for each in connections:
            assert each.recv(10) == b""
            each.close()


@pytest.mark.parametrize("leaves", ["child", "far"])
def test_one_end_that_goes_takes_the_other_along(
    here: int, leaves: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tunnels, "_HALF_CLOSED_SECONDS", 0.2)
    gone = threading.Event()

    def far(connection: socket.socket) -> None:
        if leaves == "child":  # it is silent, and does not mind that the child has said all
            connection.recv(1)
            connection.recv(1)
            with suppress(OSError):
                while True:
                    connection.sendall(b"?")
            gone.set()

    with serving(far) as port, opened(here, f"127.0.0.1:{port}") as connection:
        if leaves == "far":
            assert connection.recv(1) == b""
            return
        connection.close()
        assert gone.wait(SECONDS)


@pytest.mark.parametrize("word", [None, "another"])
def test_who_is_nobodys_child_gets_no_way(here: int, asked: Asked, word: str | None) -> None:
    assert status(asking(here, "example.com:443", word=word))[0] == 407
    assert asked.heard == []


def test_a_program_that_sends_no_credentials_is_told_by_its_user(
    here: int, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As browsers do; where the system does not tell, see above."""
    monkeypatch.undo()
    monkeypatch.setattr(child_proxies, "_user_proxies", {"word": UserProxy()})
    if not tunnels._CONNECTIONS.exists():
        pytest.skip("only Linux tells")
    with serving(lambda connection: connection.sendall(b"hello")) as port:
        code, body = status(asking(here, f"127.0.0.1:{port}", word=None))
        assert (code, body) == (200, "hello")
        assert asked.heard == [(0, "127.0.0.1", port, "curl/8")]
        monkeypatch.setattr(os, "getuid", lambda: 123_456)
        assert status(asking(here, f"127.0.0.1:{port}", word=None))[0] == 407


def test_what_is_refused_is_said_in_a_sentence(here: int, asked: Asked) -> None:
    asked.refuses = "test_x asked a model."
    assert status(asking(here, "api.openai.com:443")) == (403, "test_x asked a model.\n")


@pytest.mark.parametrize(
    ("target", "code"),
    [("/", 400), ("example.com", 400), ("127.0.0.1:70000", 400), ("a" * 70 + ".invalid:443", 502)],
)
def test_what_leads_nowhere_is_said(here: int, target: str, code: int) -> None:
    assert status(asking(here, target))[0] == code


def test_who_does_not_answer_is_said(here: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    code, said = status(asking(here, f"127.0.0.1:{port}"))
    assert code == 502
    assert said.startswith("127.0.0.1 can't be reached: ")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.0 200 Fine\r\nx: y\r\n\r\nhello", 200),
        (b"HTTP/1.1 407 Who?\r\nproxy-authenticate: Basic\r\n\r\n", 502),
        (b"nonsense\r\n\r\n", 502),
        (b"HTTP/1.1 200 F", 502),
    ],
)
def test_the_users_own_proxy_is_asked_by_the_users_own_credentials(
    here: int, user_proxies: dict[str, UserProxy], answer: bytes, code: int
) -> None:
    heads = []

    def users_proxy(connection: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += connection.recv(1)
        heads.append(head.decode())
        connection.sendall(answer)

    with serving(users_proxy) as port:
        user_proxies["word"] = UserProxy(f"http://me:p%40ss@127.0.0.1:{port}", ("models.corp",))
        got, said = status(asking(here, "host.invalid:443"))
    assert got == code
    assert said == "hello" or code == 502
    theirs = base64.b64encode(b"me:p@ss").decode()
    assert heads == [
        "CONNECT host.invalid:443 HTTP/1.1\r\nhost: host.invalid:443\r\nuser-agent: curl/8\r\n"
        f"proxy-authorization: Basic {theirs}\r\n\r\n"
    ]
