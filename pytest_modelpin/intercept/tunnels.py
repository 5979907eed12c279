"""Tunnels that children ask for at the loopback server: to whom they lead, and what goes through.

What is asked is decided by the network monitor. All others are reached as the child would have
reached them, by the user's own proxy where there is one, and the bytes go both ways unread. Sockets
are made of what Python's stand on: a test may have put something else in those's place.
"""

from __future__ import annotations

import _socket
import base64
import binascii
import contextlib
import os
import re
import selectors
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from pytest_modelpin.files import read_bytes
from pytest_modelpin.intercept.driving import hooked
from pytest_modelpin.intercept.handing_over import REFUSED
from pytest_modelpin.intercept.unseen.child_proxies import (
    OWN,
    UserProxy,
    user_proxy_of,
    usual_user_proxy,
)

if TYPE_CHECKING:
    from pytest_modelpin.intercept.loopback import Loopback

_AT_ONCE = 128
"""Tunnels that are open at once: each has a thread and two files, of which macOS allows 256."""
_PLACE_SECONDS = 30.0
_CONNECTIONS = Path("/proc/net/tcp")
_PIECE = 1 << 18
_LAST_PORT = 65535
_HEAD = 1 << 16
_CONNECT_SECONDS = 30.0
_NEXT_ADDRESS_SECONDS = 5.0
"""Where a host has further addresses to try."""
_HALF_CLOSED_SECONDS = 120.0
"""One side has said all, and the other says nothing for so long: nobody is there any more."""
_REFUSED = "Refused by pytest-modelpin"
_TARGET = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})")
_AGENT = re.compile(r"[\w.+-]+(?:/[\w.+-]+)?", re.ASCII)

_real = _socket.socket
_getaddrinfo = _socket.getaddrinfo


class Caller(NamedTuple):
    """Who asks for a tunnel."""

    number: int
    """Of the capture whose child it is; 0: of whichever runs."""
    user_proxy: UserProxy
    agent: str
    """What it calls itself: `curl/7.88.1`; empty where it does not say."""


class Tunnels:
    """Those that are open."""

    def __init__(self, at_once: int = _AT_ONCE, patience: float = _PLACE_SECONDS) -> None:
        """`patience`: seconds that one more waits until another is closed."""
        self._places = threading.BoundedSemaphore(at_once)
        self._patience = patience
        self._open: set[Any] = set()

    def serve(self, handler: BaseHTTPRequestHandler, loopback: Loopback) -> None:
        """Answer a CONNECT; returns when its tunnel is closed."""
        caller = _caller(handler)
        if caller is None:
            _say(handler, 407, "This proxy is for the child processes of a test.")
            return
        target = _TARGET.fullmatch(handler.path)
        if target is None or int(target[2]) > _LAST_PORT:
            _say(handler, 400, "A tunnel leads to a host and a port.")
            return
        host, port = target[1].strip("[]"), int(target[2])
        try:
            loopback.tunnel_asked(caller.number, host, port, caller.agent)
        except BaseException as error:  # what fails a test is no Exception
            _say(handler, 403, str(error))
            return
        if not self._places.acquire(timeout=self._patience):
            _say(handler, 503, "As many tunnels are open as may be at once.")
            return
        try:
            self._open_tunnel(handler, caller, host, port)
        finally:
            self._places.release()

    def close(self) -> None:
        """Break all of them off; from any thread."""
        for each in tuple(self._open):
            _shut(each)

    def _open_tunnel(
        self, handler: BaseHTTPRequestHandler, caller: Caller, host: str, port: int
    ) -> None:
        proxy = caller.user_proxy.proxy_to(host)
        try:
            with hooked():
                far = _by_proxy(proxy, caller, handler.path) if proxy else _connected(host, port)
        except (OSError, UnicodeError) as error:  # a name may be none
            _say(handler, 502, f"{host} can't be reached: {error}")
            return
        child = handler.connection
        ends = {child, far}
        self._open |= ends
        try:
            child.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            child.setblocking(False)
            far.setblocking(False)
            # Most children wait for the answer; what came before it has been read already.
            _relay(child, far, handler.rfile.read1(_PIECE) or b"")
        except OSError:
            """One of them is gone, and the other is told so."""
        finally:
            self._open -= ends
            for each in ends:
                _shut(each)
            far.close()


def _caller(handler: BaseHTTPRequestHandler) -> Caller | None:
    """Who asks, by the credentials; None for whoever is no child of ours.

    Some programs that go by HTTPS_PROXY send none, such as a browser: on Linux, one of the same
    user's is let through, for whichever test runs.
    """
    named = handler.headers.get("user-agent", "")
    agent = found[0] if (found := _AGENT.match(named)) else ""
    scheme, _, given = handler.headers.get("proxy-authorization", "").partition(" ")
    if scheme.lower() == "basic":
        with contextlib.suppress(binascii.Error, UnicodeDecodeError):
            name, _, password = base64.b64decode(given, validate=True).decode().partition(":")
            theirs = user_proxy_of(password)
            number = name.removeprefix(OWN)
            if theirs is not None and number.isdecimal():
                return Caller(int(number), theirs, agent)
    elif not scheme and (theirs := usual_user_proxy()) and _is_same_users(handler.client_address):
        return Caller(0, theirs, agent)
    return None


def _is_same_users(address: tuple[str, int]) -> bool:
    """Whether the connection from this address is this user's; False where nobody tells."""
    host, port = address
    end = f"{_socket.inet_aton(host)[::-1].hex()}:{port:04x}".upper()
    try:
        table = read_bytes(_CONNECTIONS).decode("ascii")
    except OSError:
        return False
    fields = (line.split() for line in table.splitlines()[1:])
    return any(each[1] == end and each[7] == str(os.getuid()) for each in fields)


def _by_proxy(proxy: str, caller: Caller, target: str) -> Any:
    """A tunnel to the target by the user's own proxy. Raises OSError where it gives none."""
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    head = [f"CONNECT {target} HTTP/1.1", f"host: {target}"]
    if caller.agent:
        head.append(f"user-agent: {caller.agent}")
    if parts.username is not None:
        credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        head.append(f"proxy-authorization: Basic {base64.b64encode(credentials.encode()).decode()}")
    far = _connected(parts.hostname or "", parts.port or 80)
    try:
        far.sendall("\r\n".join([*head, "", ""]).encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):  # a byte at a time: what follows is the child's
            piece = far.recv(1)
            if not piece or len(answer) > _HEAD:
                raise OSError(f"the proxy {parts.hostname} broke off")
            answer += piece
        first = answer.split(b"\r\n", 1)[0].decode("latin-1")
        if not re.match(r"HTTP/1\.[01] 2\d\d\b", first):
            raise OSError(f"the proxy {parts.hostname} answers {first}")
    except BaseException:
        far.close()
        raise
    return far


def _connected(host: str, port: int) -> Any:
    """A connection; the first address that answers. Raises OSError."""
    found = _getaddrinfo(host, port, 0, _socket.SOCK_STREAM)
    for number, (family, kind, protocol, _, address) in enumerate(found, 1):
        far = _real(family, kind, protocol)
        try:
            far.settimeout(_CONNECT_SECONDS if number == len(found) else _NEXT_ADDRESS_SECONDS)
            far.connect(address)
            far.settimeout(_CONNECT_SECONDS)
            far.setsockopt(_socket.SOL_SOCKET, _socket.SO_KEEPALIVE, 1)
            far.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        except OSError:
            far.close()
            if number == len(found):
                raise
        else:
            return far
    raise OSError("it has no address")


class _Half:
    """The bytes that go one way."""

    def __init__(self, source: Any, sink: Any, pending: bytes = b"") -> None:
        self.source = source
        self.sink = sink
        self.pending = memoryview(pending)
        self.ended = False
        """The source has said all."""
        self.over = False
        """The sink has heard all."""

    def read(self) -> None:
        """Take what the source has; only where nothing is pending, so that no more is kept."""
        with contextlib.suppress(BlockingIOError):
            piece = self.source.recv(_PIECE)
            self.pending, self.ended = memoryview(piece), not piece

    def write(self) -> None:
        """Hand on what the sink takes."""
        with contextlib.suppress(BlockingIOError):
            if self.pending:
                self.pending = self.pending[self.sink.send(self.pending) :]
        if self.ended and not self.pending:
            self.sink.shutdown(_socket.SHUT_WR)
            self.over = True


def _relay(child: Any, far: Any, early: bytes) -> None:
    """Bytes both ways, until both have said all. Raises OSError where one is gone."""
    out, back = _Half(child, far, early), _Half(far, child)
    with selectors.DefaultSelector() as ready:
        while not (out.over and back.over):
            for half in (out, back):
                if not half.over and (half.pending or half.ended):
                    half.write()
            wanted = {child: 0, far: 0}
            for half in (out, back):
                if half.pending:
                    wanted[half.sink] |= selectors.EVENT_WRITE
                elif not half.ended:
                    wanted[half.source] |= selectors.EVENT_READ
            _watch(ready, wanted)
            if not ready.get_map():
                continue
            found = ready.select(_HALF_CLOSED_SECONDS if out.over or back.over else None)
            if not found:
                return
            for key, events in found:
                for half in (out, back):
                    if events & selectors.EVENT_READ and half.source is key.fileobj:
                        half.read()


def _watch(ready: selectors.BaseSelector, wanted: dict[Any, int]) -> None:
    for end, events in wanted.items():
        known = ready.get_map().get(end)
        if known is None and events:
            ready.register(end, events)
        elif known is not None and not events:
            ready.unregister(end)
        elif known is not None and known.events != events:
            ready.modify(end, events)


def _shut(end: Any) -> None:
    """Close a connection for both, also where a forked process has it, too."""
    with contextlib.suppress(OSError):
        end.shutdown(_socket.SHUT_RDWR)


def _say(handler: BaseHTTPRequestHandler, status: int, sentence: str) -> None:
    content = f"{sentence}\n".encode()
    handler.send_response_only(status, _REFUSED if status == 403 else None)  # clients say it
    if status == 407:
        handler.send_header("proxy-authenticate", 'Basic realm="pytest-modelpin"')
    handler.send_header("content-type", "text/plain; charset=utf-8")
    handler.send_header("content-length", str(len(content)))
    handler.send_header(REFUSED, "1")
    handler.send_header("connection", "close")
    handler.end_headers()
    handler.wfile.write(content)
