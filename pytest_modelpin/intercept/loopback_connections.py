"""Where children ask instead of a provider: addresses of the loopback server, there and back, the
answers that it gives, and the sockets that it gives them by.

A test may have put others, or a guard, in the place of Python's sockets: pytest-socket's class
refuses to be made, and many a conftest.py has a function that raises. So the real class is found by
what it stands on, and a socket that is made by accepting a connection is not made by its name.
"""

from __future__ import annotations

import _socket
import math
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_modelpin.intercept.door import HttpReply, Listener
from pytest_modelpin.intercept.handing_over import under
from pytest_modelpin.providers.catalogue import known_providers
from pytest_modelpin.providers.model_hosts import ModelHosts, address_of, base_urls, is_here
from pytest_modelpin.recordings.exchange import HttpRequest, RawHeaders, StoredReply

if TYPE_CHECKING:
    import http.client
    from email.message import Message
    from io import BufferedIOBase

    from pytest_modelpin.intercept.upstream import Upstream

    _Python = socket.socket
else:
    _Python = next(each for each in _socket.socket.__subclasses__() if each.__module__ == "socket")

ADDRESS = re.compile(r"/modelpin-(\d+(?:-[0-9a-f]+)?)/(https?)/([^/]+)(/.*)?")
"""A path at the loopback server: who asks, and scheme, host and path of where it would have
gone."""
REACHED = re.compile(r"/modelpin-(\d+(?:-[0-9a-f]+)?)/reached")
"""The path at which a child tells what it reaches by an address of its own."""
LOCAL = "127.0.0.1"
_URL = re.compile(r"https?://[^\s\"'<>]+")
_PROXIES = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
_SIGNED_FOR = re.compile(r"Credential=[^/]+/\d{8}/([a-z0-9-]+)/")
_LOCATION = re.compile(r"/locations/([a-z0-9-]+)/")


def capture_of(caller: str, word: str) -> int | None:
    """The number of the capture whose child asks; None for whoever does not have the word.

    `caller` is what a path says of who asks: the number, and behind it the word.
    """
    number, _, given = caller.partition("-")
    return int(number) if compare_digest(given, word) else None


def child_base_urls(
    environment: Mapping[str, str], address: str, hosts: ModelHosts | None = None
) -> dict[str, str]:
    """The variables to change, so that a child with this environment asks at `address`.

    Those that SDKs read, and whichever else holds the URL of one of the `hosts`.
    """
    changed = {}
    for each in base_urls(known_providers()):
        url = environment.get(each.variable) or each.default
        url = url if not url or "://" in url else f"http://{url}"
        if url and (url := _led_back(url)):
            changed[each.variable] = under(address, url).rstrip("/")
    for name, value in environment.items():
        if name not in changed and not name.lower().endswith("_proxy"):
            url = _led_back(value) if _URL.fullmatch(value) else ""
            if url and (url != value or (hosts and _asks_models(hosts, url))):
                changed[name] = under(address, url)
    if any(environment.get(name) for name in _PROXIES):
        host = urlsplit(address).hostname or LOCAL
        for name in ("NO_PROXY", "no_proxy"):
            changed[name] = ",".join(filter(None, [environment.get(name, ""), host]))
    return changed


def base_urls_left(environment: Mapping[str, str]) -> list[str]:
    """The base URLs that a child with this environment keeps: by TLS to this machine.

    That is a server of a test's own. Its certificate the child alone can check, or show one to it.
    """
    given = (environment.get(each.variable, "") for each in base_urls(known_providers()))
    return [url for url in given if _is_by_tls_here(url)]


def _is_by_tls_here(url: str) -> bool:
    address = address_of(url) if url.startswith("https://") else None
    return address is not None and is_here(address.host)


def _led_back(url: str) -> str:
    """Where a URL goes, also one that leads here already: of a child's child, or of the test before
    it. Empty for one that is none, such as `http://[half`, and for one that the child keeps.
    """
    try:
        known = ADDRESS.fullmatch(urlsplit(url).path)
    except ValueError:
        return ""
    if _is_by_tls_here(url):
        return ""
    return url if known is None else f"{known[2]}://{known[3]}{known[4] or ''}"


def _asks_models(hosts: ModelHosts, url: str) -> bool:
    address = address_of(url)
    return address is not None and hosts.knows(address.host, address.port, urlsplit(url).path)


def resolved(url: str, authorization: str) -> str:
    """The URL with the region in its host, where the variable that led here could not know it.

    Bedrock's stands in the signature of the request (SigV4's credential scope), Vertex's in its
    path.
    """
    if url.startswith("https://bedrock-runtime.amazonaws.com/"):
        if found := _SIGNED_FOR.search(authorization):
            return url.replace("runtime.", f"runtime.{found[1]}.", 1)
    elif url.startswith("https://aiplatform.googleapis.com/"):
        found = _LOCATION.search(url)
        if found and found[1] in ("us", "eu"):
            return url.replace("googleapis.com", f"{found[1]}.rep.googleapis.com", 1)
        if found and found[1] != "global":
            return url.replace("aiplatform", f"{found[1]}-aiplatform", 1)
    return url


@dataclass
class Answer:
    """An answer on its way to whoever asked at the loopback server."""

    status: int
    headers: RawHeaders
    chunks: Iterator[bytes]
    connection: http.client.HTTPConnection | None = None
    listener: Listener | None = field(default=None, repr=False)

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def by_name(self) -> dict[str, str]:
        """The headers by lower-case name."""
        return StoredReply(self.status, self.headers, ()).by_name()

    def followed(self, listener: Listener | None) -> Answer:
        """The same answer, of which a listener is told, if there is one."""
        if listener is not None:
            self.chunks = listener.follow(self.chunks)
            self.listener = listener
        return self

    def close(self) -> None:
        """Nobody reads any more."""
        if self.connection is not None:
            self.connection.close()
        if self.listener is not None:
            self.listener.end(exhausted=False)


class LoopbackDoor:
    """One request that arrived at the loopback server, on its way to a provider."""

    mock: str | None = None

    def __init__(self, method: str, url: str, headers: RawHeaders, content: bytes) -> None:
        self.method = method
        self.url = url
        self.headers = headers
        self._content = content
        self._upstream: Upstream | None = None

    def patience(self) -> float:
        """How long the child's client waits, it does not say."""
        return math.inf

    def sender(self) -> Upstream:
        """A connection of Python's own."""
        from pytest_modelpin.intercept.upstream import Upstream

        return Upstream()

    def abort(self) -> None:
        """Break it off."""
        if self._upstream is not None:
            self._upstream.abort()

    def read(self) -> bytes:
        """Its body, which came with it."""
        return self._content

    def pass_on(self, request: HttpRequest | None = None) -> Answer:
        """Send it to where it would have gone, or another in its place."""
        own = HttpRequest(self.method, self.url, self.headers, self._content)
        self._upstream = self.sender()
        return self._upstream.ask(request or own)

    def send(self, request: HttpRequest | None) -> HttpReply:
        """As `pass_on`; returns at the reply's head."""
        answer = self.pass_on(request)
        return HttpReply(answer.status, answer.by_name(), answer)

    def discard(self, reply: HttpReply) -> None:
        """Close a reply that nobody will read."""
        reply.native.close()

    def give(self, reply: StoredReply, listener: Listener | None) -> Answer:
        """A stored reply."""
        return Answer(reply.status, reply.raw(), iter(reply.chunks)).followed(listener)

    def deliver(self, reply: HttpReply, listener: Listener | None) -> Answer:
        """One that the provider gave."""
        answer: Answer = reply.native
        return answer.followed(listener)


class RealSocket(_Python):
    """A socket of which none that it makes is another's."""

    def accept(self) -> tuple[RealSocket, Any]:
        """The next connection and where it comes from. Raises OSError."""
        number, address = self._accept()  # type: ignore[attr-defined]
        return RealSocket(self.family, self.type, self.proto, fileno=number), address


@contextmanager
def real_socket_class() -> Iterator[None]:
    """Python's own socket class by its name again, for an import of what stands on it, as ssl's."""
    put_there = socket.socket
    socket.socket = _Python  # type: ignore[misc]
    try:
        yield
    finally:
        socket.socket = put_there  # type: ignore[misc]


def pair() -> tuple[socket.socket, socket.socket]:
    """Two sockets that are connected with each other."""
    if not hasattr(_socket, "socketpair"):  # on Windows, Python makes them of others
        return socket.socketpair()
    one, other = _socket.socketpair()
    return RealSocket(fileno=one.detach()), RealSocket(fileno=other.detach())


class CutShort(Exception):
    """A request of which not all came; the text says what is wrong with it."""


_PIECE = 1 << 20
_LONGEST_LINE = 1 << 16


def whole_body(headers: Message, file: BufferedIOBase) -> bytes:
    """All of it: half of what a killed child had to say is no request of anybody's.

    Raises CutShort.
    """
    if "chunked" not in headers.get("transfer-encoding", "").lower():
        return _read(file, headers.get("content-length") or "0", 10)
    pieces = []
    while piece := _read(file, _line(file).partition(b";")[0].decode("latin-1"), 16):
        pieces.append(piece)
        _line(file)
    while _line(file).strip():
        """What stands behind the last piece is not needed."""
    return b"".join(pieces)


def _read(file: BufferedIOBase, length: str, base: int) -> bytes:
    """So many bytes, a piece at a time: room is made for what comes, not for what is said."""
    try:
        missing = int(length, base)
    except ValueError:
        missing = -1
    if missing < 0:
        raise CutShort(f"its length is none: {length.strip()[:40]!r}")
    pieces = []
    while missing:
        piece = file.read(min(missing, _PIECE))
        if not piece:
            raise CutShort(f"it broke off {missing:,} bytes before its end")
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def _line(file: BufferedIOBase) -> bytes:
    line: bytes = file.readline(_LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise CutShort("it broke off before its end")
    return line
