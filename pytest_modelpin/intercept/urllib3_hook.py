"""The hook for urllib3, and so for requests and botocore, whose pools inherit its own.

`HTTPConnectionPool.urlopen` is the one place that all of them pass. It calls itself for its own
retries and redirects: those happen within one request of ours, whose reply is the last one.
"""

from __future__ import annotations

import contextlib
import io
import math
import queue
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from http.client import responses
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_modelpin.clock import perf_counter
from pytest_modelpin.intercept import hooks
from pytest_modelpin.intercept.door import HttpReply, Listener
from pytest_modelpin.intercept.driving import asking, at_door, drive, pass_on
from pytest_modelpin.intercept.hooks import NEVER_ASK, Hooks
from pytest_modelpin.providers.model_hosts import USUAL_PORTS
from pytest_modelpin.recordings.exchange import Collected, HttpRequest, RawHeaders, StoredReply

if TYPE_CHECKING:
    from pytest_modelpin.live.routes import Sender


_MOCKS = ("vcr",)
"""Libraries that answer below this hook, by connections of their own."""
_PLACES = ("body", "headers", "retries", "redirect", "assert_same_host", "timeout",
           "pool_timeout", "release_conn", "chunked", "body_pos", "preload_content",
           "decode_content")  # fmt: skip
"""The names of `urlopen`'s arguments after method and URL, for who gives them by place."""


def patch(module: ModuleType, hooks: Hooks) -> None:
    """Stand in urllib3's connection pool."""
    hooks.patch(module.HTTPConnectionPool, "urlopen", _hooked)


def _hooked(original: Callable[..., Any]) -> Any:
    @wraps(original)
    def urlopen(pool: Any, method: str, url: str, *places: Any, **named: Any) -> Any:
        ours = hooks.installed
        if ours is None:
            return original(pool, method, url, *places, **named)
        options = dict(zip(_PLACES, places, strict=False)) | named
        door = _Urllib3Door(original, pool, method, url, options)
        if door.method in NEVER_ASK:
            pass_on(door.method, door.url)
            with at_door(door.url):
                return door.send(None).native
        return drive(ours.interceptor.flow(door), door)

    return urlopen


class _Urllib3Door:
    """One request, its retries and redirects by urllib3 itself included."""

    __slots__ = (
        "_opened", "_options", "_original", "_pool", "_reply", "_target", "headers",
        "method", "url",
    )  # fmt: skip

    def __init__(
        self,
        original: Callable[..., Any],
        pool: Any,
        method: str,
        target: str,
        options: dict[str, Any],
    ) -> None:
        self._original = original
        self._pool = pool
        self._target = target
        self._options = options
        self._opened: list[Any] = []
        self._reply: Any = None
        self.method = method.upper()
        self.url = _whole(pool, target)
        given = options.get("headers")
        self.headers: RawHeaders = raw(pool.headers if given is None else given)

    @property
    def mock(self) -> str | None:
        home: str = self._pool.ConnectionCls.__module__.partition(".")[0]
        return home if home in _MOCKS else None

    def patience(self) -> float:
        own = self._options.get("timeout", self._pool.timeout)
        timeout = self._pool._get_timeout(own)
        timeout.start_connect()  # without, it can't tell what is left of `total`
        seconds = timeout.read_timeout
        return math.inf if seconds is None else float(seconds)

    def sender(self) -> Sender | None:
        return copy_pool(self._pool, self._original)

    def abort(self) -> None:
        for connection in self._opened[-1:]:
            shut_down(connection)

    def read(self) -> bytes:
        content = _read(self._options.get("body"))
        if content is not None:
            self._options = self._options | {"body": content, "body_pos": None}
        return content or b""

    def send(self, request: HttpRequest | None) -> HttpReply:
        pool, options, target = within(self._pool, self._original), self._options, self._target
        self._opened = note_connections(pool)
        if request is not None:
            options = options | {"preload_content": False, "release_conn": False}
            if request.headers is not self.headers:
                # Another body stands in its place, with a length of its own.
                options = options | {
                    "headers": by_name(request.headers), "body": request.body, "chunked": False,
                }  # fmt: skip
            if request.url != self.url:
                target = _target(request.url, whole="://" in target)
        self._reply = self._original(pool, self.method, target, **options)
        headers = _lower(self._reply.headers)
        # Of what vcrpy lets through nothing can be told; http.client announces it.
        real = self.mock is None and _may_be_of_a_socket(self._reply, self._opened)
        return HttpReply(self._reply.status, headers, self._reply, from_network=real)

    def discard(self, reply: HttpReply) -> None:
        reply.native.close()

    def give(self, reply: StoredReply, listener: Listener | None) -> Any:
        headers = reply.headers if isinstance(reply.headers, Mapping) else by_name(reply.headers)
        if listener is None:
            body: Any = io.BytesIO(b"".join(reply.chunks))
            return self._response(reply.status, headers, body)
        return self._teed(reply.status, headers, iter(reply.chunks), None, listener)

    def deliver(self, reply: HttpReply, listener: Listener | None) -> Any:
        native = reply.native
        if listener is None:
            return native
        return self._teed(native.status, native.headers, pieces(native), native, listener)

    def _teed(
        self, status: int, headers: Any, chunks: Iterator[bytes], native: Any, listener: Listener
    ) -> Any:
        from pytest_modelpin.intercept.played_replies import played

        closing = native.close if native is not None else _nothing
        body, framed = played(status, headers, chunks, closing, listener)
        return self._response(status, framed, body, native)

    def _response(self, status: int, headers: Any, body: Any, native: Any = None) -> Any:
        options = self._options
        return sys.modules["urllib3"].HTTPResponse(
            body,
            headers,
            status,
            version=getattr(native, "version", 11),
            reason=getattr(native, "reason", None) or responses.get(status, ""),
            preload_content=options.get("preload_content", True),
            decode_content=options.get("decode_content", True),
            original_response=getattr(native, "_original_response", None),  # holds its cookies
            retries=getattr(native, "retries", None),
            request_method=self.method,
            request_url=self._target,
        )


def within(pool: Any, original: Callable[..., Any]) -> Any:
    """The pool, sharing its connections, whose retries and redirects do not pass the hook again."""
    view = object.__new__(type(pool))
    view.__dict__.update(pool.__dict__)

    def urlopen(*places: Any, **named: Any) -> Any:
        return original(view, *places, **named)

    view.urlopen = urlopen
    return view


def note_connections(pool: Any) -> list[Any]:
    """The connections that this view of a pool takes from now on."""
    taken: list[Any] = []
    get = pool._get_conn

    def get_and_note(*places: Any, **named: Any) -> Any:
        taken.append(get(*places, **named))
        return taken[-1]

    pool._get_conn = get_and_note
    return taken


def _may_be_of_a_socket(reply: Any, opened: list[Any]) -> bool:
    """Whether a reply may have come over a network: not where a mock stands below the hook."""
    original = getattr(reply, "_original_response", None)
    if original is None:  # made by hand, unless a connection is there that it may have come over
        return any(getattr(connection, "sock", None) is not None for connection in opened)
    read_from = getattr(original, "fp", None)  # None once all of it is read
    return read_from is None or isinstance(getattr(read_from, "raw", None), socket.SocketIO)


def shut_down(connection: Any) -> None:
    """Shut a connection's socket; from any thread. Whoever waits for it hears that it is gone."""
    # Bypasses SSLSocket.shutdown, which pulls the TLS state from under a reading thread.
    with contextlib.suppress(OSError, AttributeError, TypeError):
        socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


def by_name(headers: RawHeaders) -> Any:
    """Headers as urllib3 keeps them; one given twice stays twice."""
    kept = sys.modules["urllib3._collections"].HTTPHeaderDict()
    for name, value in headers:
        kept.add(name.decode("latin-1"), value.decode("latin-1"))
    return kept


def pieces(native: Any) -> Iterator[bytes]:
    """The body as it comes over the wire, undecoded and no later than it comes."""
    if native.chunked and native.supports_chunked_reads():
        yield from native.read_chunked(decode_content=False)
        return
    read = getattr(native, "read1", native.read)
    while data := read(65536, decode_content=False):
        yield data


def raw(headers: Any) -> RawHeaders:
    """Headers as urllib3 and botocore keep them, as they are sent."""
    return [(_bytes(name), _bytes(value)) for name, value in (headers or {}).items()]


def _bytes(text: Any) -> bytes:
    return text if isinstance(text, bytes) else str(text).encode("latin-1", "replace")


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _read(body: Any) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    if hasattr(body, "read"):
        content = body.read()
        return content.encode() if isinstance(content, str) else bytes(content)
    if isinstance(body, bytearray | memoryview):
        return bytes(body)
    collected = Collected()
    for each in body:
        collected.add(each.encode() if isinstance(each, str) else each)
    return collected.content()


def _whole(pool: Any, target: str) -> str:
    if not target.startswith("/"):
        return target  # to a proxy
    host = f"[{pool.host}]" if ":" in pool.host and not pool.host.startswith("[") else pool.host
    port = "" if pool.port in (None, USUAL_PORTS.get(pool.scheme)) else f":{pool.port}"
    return f"{pool.scheme}://{host}{port}{target}"


def _target(url: str, *, whole: bool) -> str:
    if whole:
        return url
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _nothing() -> None:
    """Where there is no connection to close."""


class Urllib3Sender:
    """Sends past the hook, over connections that no client shares."""

    def __init__(self, pool: Any, urlopen: Callable[..., Any]) -> None:
        self._pool = pool
        self._urlopen = urlopen

    def send(self, request: HttpRequest, seconds: float) -> StoredReply:
        """See `routes.Sender`. Raises what urllib3 raises, and DeadlinePassed."""
        from pytest_modelpin.live.reply_limits import Watch

        view = within(self._pool, self._urlopen)
        taken = note_connections(view)
        parts = urlsplit(request.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")

        def break_off() -> None:
            for connection in taken:
                shut_down(connection)

        with Watch.shared().limited(seconds, break_off):
            started = perf_counter()
            with asking(request.url):
                reply = self._urlopen(
                    view, request.method, target, request.body, by_name(request.headers),
                    False, False, timeout=seconds, preload_content=False,
                )  # fmt: skip
            waited = perf_counter() - started
            chunks = list(pieces(reply))
        return StoredReply(reply.status, raw(reply.headers), chunks, head_seconds=waited)

    def close(self) -> None:
        """Close its connections."""
        connections = self._pool.pool
        while not connections.empty():
            if (connection := connections.get(block=False)) is not None:
                connection.close()


def copy_pool(pool: Any, urlopen: Callable[..., Any]) -> Urllib3Sender | None:
    """A pool with the same TLS and proxy, of any size; None where it speaks through a plain proxy.

    `urlopen` is its class's way to send a request.
    """
    if pool.proxy is not None and pool.scheme == "http":
        return None
    copied = within(pool, urlopen)
    copied.pool = queue.LifoQueue(0)
    copied.block = False
    return Urllib3Sender(copied, urlopen)
