"""A server on this machine that child processes and containers ask instead of a provider.

What arrives goes the way of every hooked request: it is replayed, or sent on with the selected id
in it and recorded. The paths say where it would have gone, `/modelpin-7-9f…/https/api.x.ai/v1`:
for a child of the capture of that number, `0` for whoever runs when it arrives. Behind it stands a
word that only children are told: any other program of this machine would ask with the user's key.
"""

from __future__ import annotations

import errno
import http.client
import json
import os
import selectors
import socketserver
import threading
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.intercept.driving import drive, hooked, installed_monitor, pass_on
from pytest_modelpin.intercept.handing_over import ONE_CONNECTION, REFUSED
from pytest_modelpin.intercept.hooks import NEVER_ASK
from pytest_modelpin.intercept.interceptor import Interceptor
from pytest_modelpin.intercept.loopback_connections import (
    ADDRESS,
    LOCAL,
    REACHED,
    Answer,
    CutShort,
    LoopbackDoor,
    RealSocket,
    capture_of,
    pair,
    resolved,
    whole_body,
)
from pytest_modelpin.intercept.unseen.alarm import client_among
from pytest_modelpin.intercept.unseen.events import said
from pytest_modelpin.providers.model_hosts import ModelHosts, is_here
from pytest_modelpin.recordings.capture import OpenCapture
from pytest_modelpin.write_access import secrets_of_children

if TYPE_CHECKING:
    from pytest_modelpin.intercept.tunnels import Tunnels

_HEARD_SECONDS = 60.0
"""Of silence in the middle of a request, or before it: whoever has stopped there keeps a thread."""


class Loopback:
    """The server; it takes connections from its making on and answers from `serve` to `close`."""

    def __init__(
        self,
        interceptor: Interceptor,
        *,
        host: str = LOCAL,
        port: int = 0,
        hosts: ModelHosts | None = None,
        word: str | None = None,
    ) -> None:
        """Where `hosts` is given, nothing else than those is passed on to.

        `word` is what whoever asks has to know, by default a random one; empty: nothing. Raises
        ModelpinError where the port is taken, or `host` is no address of this machine.
        """
        self._interceptor = interceptor
        self._hosts = hosts
        self.word = os.urandom(16).hex() if word is None else word
        if self.word:
            secrets_of_children[self.word] = None  # a child may print its environment
        self._started: dict[int, str] = {}
        """By the number of a capture that has children: whose it is."""
        self._named: dict[int, str] = {}
        """By the same: the library by which a Python among them asked for a tunnel last."""
        self._tunnels: Tunnels | None = None
        try:
            self._server = _Server((host, port), _Handler)
        except OSError as error:
            cure = (
                "name another with --port, or 0 for any that is free"
                if error.errno in (errno.EADDRINUSE, errno.EACCES)
                else "--host takes an IPv4 address of this machine, such as that of Docker's bridge"
            )
            raise ModelpinError(
                f"port {port} on {host} can't be had ({error.strerror or error}): {cure}."
            ) from None
        self._server.loopback = self
        self.port: int = self._server.server_address[1]
        self._waking, self._wake = pair()
        self._thread: threading.Thread | None = None

    # Its life

    def serve(self) -> None:
        """Answer, in a thread of its own."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="modelpin", daemon=True)
            self._thread.start()

    def pause(self) -> None:
        """Take no connections for a while: they wait. A process that forks wants no threads."""
        if self._thread is not None:
            self._wake.send(b".")
            self._thread.join()
            self._thread = None

    def close(self) -> None:
        """Take no further request, and let nobody go on."""
        self.pause()
        if self._tunnels is not None:
            self._tunnels.close()
        self.leave()

    def leave(self) -> None:
        """In a forked child: the parent alone answers."""
        for each in (self._server.socket, self._waking, self._wake):
            each.close()

    def _serve(self) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self._server, selectors.EVENT_READ)
            ready.register(self._waking, selectors.EVENT_READ)
            while True:
                found = [key.fileobj for key, _ in ready.select()]
                if self._waking in found:
                    self._waking.recv(1)
                    return
                self._server.handle_request()

    # Who is to ask here

    def address(self, capture: OpenCapture | None, host: str = LOCAL) -> str:
        """The address to be given to what a capture starts, to be followed by where it goes.

        What a fixture starts that several tests share asks for whichever of them runs.
        """
        number = 0
        if capture is not None and not capture.is_shared:
            number = capture.number
            self._started[number] = capture.owner.address
        caller = f"{number}-{self.word}" if self.word else str(number)
        return f"http://{host}:{self.port}/modelpin-{caller}"

    # What arrives

    def asked(self, door: LoopbackDoor, number: int) -> Answer:
        """The answer to one request. Raises what fails the test, and what the network raises."""
        parts = urlsplit(door.url)
        if self._hosts is not None and not self._hosts.knows(parts.hostname or "", parts.port):
            raise ModelpinError(f"{parts.hostname} is no host of a model that is known here.")
        interceptor = self._interceptor
        capture = interceptor.open(number) if number else interceptor.running()
        if number and capture is None:
            self._outlived(number, door)
        if door.method in NEVER_ASK:
            pass_on(door.method, door.url)
            return door.pass_on()
        answer: Answer = drive(interceptor.flow(door, capture), door)
        return answer

    def reached(self, number: int, lines: list[str]) -> None:
        """A Python child tells what it is about to reach. Raises what refuses it."""
        if lines[1:3] == [LOCAL, str(self.port)]:
            self._named[number] = client_among(lines[3:])
        elif (monitor := installed_monitor()) is not None:
            monitor.child_reaches(lines, self._over(number))

    def tunnel_asked(self, number: int, host: str, port: int, agent: str) -> None:
        """A child asks for a tunnel to a host. Raises what refuses it."""
        if (monitor := installed_monitor()) is not None:
            if not agent or agent.startswith("Python/"):  # aiohttp's
                agent = self._named.get(number, agent)
            monitor.child_connects(host, port, agent, self._over(number))

    @property
    def tunnels(self) -> Tunnels:
        """Those that children have asked for; made now where none has yet."""
        if self._tunnels is None:
            from pytest_modelpin.intercept.tunnels import Tunnels

            self._tunnels = Tunnels()
        return self._tunnels

    def _over(self, number: int) -> str:
        """Whose child it is that asks, where that is over; else empty."""
        over = number and self._interceptor.open(number) is None
        return self._started.get(number, "a test") if over else ""

    def _outlived(self, number: int, door: LoopbackDoor) -> None:
        """A child asks whose test is over. Raises ModelpinError, unless it may pass unseen."""
        whose = self._started.get(number, "a test")
        parts = urlsplit(door.url)
        request = said(door.method, parts.path)
        if (monitor := installed_monitor()) is not None:
            monitor.note_outlived(whose, parts.netloc, request)
        raise ModelpinError(
            f"A child process of {whose} asked {parts.netloc} ({request}) after its test had "
            "ended, and nobody can tell for whom: end it with its test, or start it in a fixture "
            "of the class, module or session; then it asks for whichever test runs."
        )


def _may_ask(origin: str | None) -> bool:
    """Whether a request comes from no web page, or from one of this machine.

    A browser lets any page send something here, also one whose host's name leads to this machine.
    """
    try:
        return origin is None or is_here(urlsplit(origin).hostname or "")
    except ValueError:
        return False


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128
    timeout = 0
    loopback: Loopback

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        socketserver.BaseServer.__init__(self, address, handler)
        self.socket = RealSocket(self.address_family, self.socket_type)
        try:
            self.server_bind()
            self.server_activate()
        except BaseException:
            self.server_close()
            raise

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A child that goes away in the middle is no business of the tests' output."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _HEARD_SECONDS
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *arguments: Any) -> None:
        """Keep quiet."""

    def _asked(self) -> None:
        self.close_connection = True
        try:
            content = whole_body(self.headers, self.rfile)
        except (CutShort, TimeoutError) as error:
            self._refuse(400, str(error) or "it never came to its end")
            return
        self.connection.settimeout(None)  # the answer is taken when the child likes to
        reached, found = REACHED.fullmatch(self.path), ADDRESS.fullmatch(self.path)
        if (path := reached or found) is None:
            self._refuse(404, "no provider is asked by this path")
            return
        number = capture_of(path[1], self.server.loopback.word)
        if number is None:
            self._refuse(403, "only what the tests of this run have started may ask here")
            return
        if not self.server.loopback.word and not _may_ask(self.headers.get("origin")):
            self._refuse(403, "a web page of another machine may not ask here")
            return
        if found is None:
            self._tells(number, content.decode("utf-8", "replace").split("\n"))
            return
        headers = [
            (name.encode("latin-1"), value.encode("latin-1"))
            for name, value in self.headers.items()
            if name.lower() not in ONE_CONNECTION
        ]
        headers.append((b"content-length", str(len(content)).encode()))
        url = resolved(
            f"{found[2]}://{found[3]}{found[4] or '/'}", self.headers.get("authorization", "")
        )
        door = LoopbackDoor(self.command, url, headers, content)
        with hooked():
            try:
                answer = self.server.loopback.asked(door, number)
            except (OSError, http.client.HTTPException) as error:
                self._refuse(502, f"{found[3]} can't be reached: {error}")
            except BaseException as error:  # what fails a test is no Exception
                self._refuse(400, str(error))
            else:
                self._write(answer)

    def do_CONNECT(self) -> None:
        self.close_connection = True
        self.server.loopback.tunnels.serve(self, self.server.loopback)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _asked

    def _tells(self, number: int, lines: list[str]) -> None:
        """Answer what `in_children/sitecustomize.py` asks: with a sentence where it is refused."""
        refused = ""
        try:
            self.server.loopback.reached(number, lines)
        except BaseException as error:  # what fails a test is no Exception
            refused = str(error)
        self.send_response_only(200)
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(refused.encode())

    def _write(self, answer: Answer) -> None:
        """Hand an answer on as it comes; one that breaks off breaks off here, too."""
        with answer:
            self.send_response_only(answer.status)
            for name, value in answer.headers:
                if name.decode("latin-1").lower() not in ONE_CONNECTION:
                    self.send_header(name.decode("latin-1"), value.decode("latin-1"))
            self.send_header("connection", "close")
            empty = self.command == "HEAD" or answer.status in (204, 304)
            if not empty:
                self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for chunk in answer.chunks:
                if chunk and not empty:
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            if not empty:
                self.wfile.write(b"0\r\n\r\n")

    def _refuse(self, status: int, sentence: str) -> None:
        document = {"error": {"message": sentence, "type": "pytest_modelpin"}}
        content = json.dumps(document).encode()
        self.send_response_only(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.send_header(REFUSED, "1")
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(content)
