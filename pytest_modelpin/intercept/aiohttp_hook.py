"""The hook for aiohttp, where a session takes a connection for a request that is ready to be sent.

Stored and live replies alike are played to aiohttp's own parser over a connection in memory, so
that whatever the session, its SDK or its middlewares make of a reply is made of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import math
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from functools import cache, partial, wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pytest_modelpin.clock import perf_counter
from pytest_modelpin.intercept import hooks
from pytest_modelpin.intercept.door import HttpReply, Listener
from pytest_modelpin.intercept.driving import asking, at_door, drive_async, pass_on
from pytest_modelpin.intercept.hooks import NEVER_ASK, Hooks
from pytest_modelpin.recordings.exchange import (
    Collected,
    HttpRequest,
    RawHeaders,
    StoredReply,
    pieces,
)

if TYPE_CHECKING:
    from pytest_modelpin.live.routes import Sender


def patch(module: ModuleType, hooks: Hooks) -> None:
    """Stand in aiohttp's connectors, of every kind."""
    hooks.patch(module.BaseConnector, "connect", _hooked)


def _hooked(original: Callable[..., Any]) -> Any:
    @wraps(original)
    async def connect(connector: Any, req: Any, traces: Any, timeout: Any) -> Any:
        ours = hooks.installed
        if ours is None:
            return await original(connector, req, traces, timeout)

        async def open_connection(request: Any) -> Any:
            return await original(connector, request, traces, timeout)

        door = _AiohttpDoor(req, open_connection, timeout, connector, original)
        if door.method in NEVER_ASK:
            pass_on(door.method, door.url)
            with at_door(door.url):
                return (await door.send(None)).native
        return await drive_async(ours.interceptor.flow(door), door)

    return connect


class _AiohttpDoor:
    """One request, and the connection that its session asks for to send it."""

    __slots__ = (
        "_connect", "_connection", "_connector", "_open", "_req", "_timeout", "headers", "method",
        "url",
    )  # fmt: skip
    mock: str | None = None
    """Mocks of aiohttp stand above this hook."""

    def __init__(
        self,
        req: Any,
        open_connection: Callable[[Any], Any],
        timeout: Any,
        connector: Any,
        connect: Callable[..., Any],
    ) -> None:
        self._req = req
        self._connector = connector
        self._connect = connect
        self._open = open_connection
        self._timeout = timeout
        self._connection: Any = None
        self.method: str = req.method
        self.url = str(req.url)
        self.headers: RawHeaders = [
            (name.encode("latin-1", "replace"), value.encode("utf-8"))
            for name, value in req.headers.items()
        ]

    def patience(self) -> float:
        limits = (self._timeout.total, self._timeout.sock_read)
        return min((float(seconds) for seconds in limits if seconds), default=math.inf)

    def sender(self) -> Sender | None:
        return copy_connector(self._connector, self._connect, self._req)

    def abort(self) -> None:
        with contextlib.suppress(OSError, AttributeError, RuntimeError):
            self._connection.transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    async def read(self) -> bytes:
        body = self._req.body
        if isinstance(body, bytes | bytearray):
            return bytes(body)
        writer = _Keeping()
        await body.write(writer)
        content = writer.collected.content()
        payload = sys.modules["aiohttp"].payload
        if not isinstance(body, payload.BytesPayload):
            # A stream, perhaps, and sent a second time: to the connection in memory.
            _put_body(self._req, content, content_type=body.content_type)
        return content

    async def send(self, request: HttpRequest | None) -> HttpReply:
        if request is None:
            return HttpReply(0, {}, await self._open(self._req))
        sent = self._native(request)
        self._connection = connection = await self._open(sent)
        try:
            connection.protocol.set_response_params(
                read_until_eof=True,
                auto_decompress=False,
                read_timeout=self._timeout.sock_read,
            )
            response = await sent.send(connection)
            try:
                await response.start(connection)
            except BaseException:
                response.close()
                raise
        except BaseException:
            connection.close()
            raise
        return HttpReply(response.status, response.headers, response)

    async def discard(self, reply: HttpReply) -> None:
        reply.native.close()

    def give(self, reply: StoredReply, listener: Listener | None) -> Any:
        from pytest_modelpin.intercept.played_replies import memory_connection, play_stored

        connection, wire = memory_connection(self._req)
        play_stored(wire, reply.status, reply.raw(), reply.chunks, listener)
        return connection

    def deliver(self, reply: HttpReply, listener: Listener | None) -> Any:
        if listener is None:
            return reply.native
        from pytest_modelpin.intercept.played_replies import memory_connection, play_live

        connection, wire = memory_connection(self._req)
        play_live(wire, reply.native, listener)
        return connection

    def _native(self, request: HttpRequest) -> Any:
        """The session's own request, or a copy of it with another in its place."""
        if request.headers is self.headers and request.url == self.url:
            return self._req
        aiohttp = sys.modules["aiohttp"]
        sent = copy.copy(self._req)
        sent.url = type(sent.url)(request.url, encoded=True)
        sent.headers = type(sent.headers)(
            (name.decode("latin-1"), value.decode("utf-8")) for name, value in request.headers
        )
        if aiohttp.hdrs.TRANSFER_ENCODING not in sent.headers:
            sent.chunked = None
            sent.headers[aiohttp.hdrs.CONTENT_LENGTH] = str(len(request.body))
        _put_body(sent, request.body)
        return sent


class _Keeping:
    """A writer that keeps what a body writes."""

    def __init__(self) -> None:
        self.collected = Collected()

    async def write(self, chunk: bytes) -> None:
        """The next bytes."""
        self.collected.add(chunk)

    async def drain(self) -> None:
        """Nothing has to be waited for."""

    async def write_eof(self, chunk: bytes = b"") -> None:
        """The last bytes."""
        self.collected.add(chunk)


def _put_body(req: Any, content: bytes, content_type: str = "application/octet-stream") -> None:
    body = _bytes_payload()(content, content_type)
    if hasattr(req, "_body"):  # since 3.12.7, where `body` is a property that closes the one before
        req._body = body
    else:
        req.body = body


@cache
def _bytes_payload() -> Any:
    """Aiohttp's own payload of bytes, which hands large ones on as a stream would."""
    payload = sys.modules["aiohttp"].payload

    class Bytes(payload.BytesPayload):  # type: ignore[misc,name-defined]
        def __init__(self, content: bytes, content_type: str) -> None:
            payload.Payload.__init__(self, content, content_type=content_type)
            self._size = len(content)

        async def write(self, writer: Any) -> None:
            for piece in pieces(self._value):
                await writer.write(piece)

        async def write_with_length(self, writer: Any, content_length: int | None) -> None:
            left = self._size if content_length is None else content_length
            for piece in pieces(self._value):
                await writer.write(piece[:left])
                left -= min(left, len(piece))

    return Bytes


_SET_BY_ITSELF = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""Headers that a session adds where a request has none: this one has those of its test."""
_PATIENCE = 5.0  # seconds until a loop that does not end is left to itself


class AiohttpSender:
    """Sends past the hook, and not where a mock stands in aiohttp's place.

    A session belongs to the event loop of its test, which ends with it. What is sent ahead is sent
    by a session of our own, in a thread that has a loop for as long as the run lasts.
    """

    def __init__(
        self, connect: Callable[..., Any], connector: Mapping[str, Any], request: Mapping[str, Any]
    ) -> None:
        """`connect` is a connector's own way to connect; the others are options for both."""
        self._connect = connect
        self._connector = connector
        self._request = request
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._session: Any = None

    def send(self, request: HttpRequest, seconds: float) -> StoredReply:
        """See `routes.Sender`. Raises what aiohttp raises, and DeadlinePassed."""
        from pytest_modelpin.live.reply_limits import Watch

        under_way = asyncio.run_coroutine_threadsafe(self._send(request), self._running())
        with Watch.shared().limited(seconds, under_way.cancel):
            return under_way.result()

    def close(self) -> None:
        """Close its connections, and end its thread."""
        with self._lock:
            loop, thread, self._loop = self._loop, self._thread, None
        if loop is not None and thread is not None:
            asyncio.run_coroutine_threadsafe(self._end(), loop)
            thread.join(_PATIENCE)

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=_run, args=(self._loop,), daemon=True)
                self._thread.start()
            return self._loop

    async def _send(self, request: HttpRequest) -> StoredReply:
        aiohttp = sys.modules["aiohttp"]
        if aiohttp.ClientSession._request.__module__ != "aiohttp.client":
            raise ConnectionError("a mock answers in the provider's place")
        if self._session is None:
            self._session = self._opened(aiohttp)
        url = sys.modules["yarl"].URL(request.url, encoded=True)
        headers = [(name.decode("latin-1"), value.decode()) for name, value in request.headers]
        started = perf_counter()
        with asking(request.url):
            async with self._session.request(
                request.method, url, headers=headers, data=request.body, allow_redirects=False,
                **self._request,
            ) as reply:  # fmt: skip
                waited = perf_counter() - started
                chunks = [chunk async for chunk in reply.content.iter_any()]
        return StoredReply(reply.status, reply.raw_headers, chunks, head_seconds=waited)

    def _opened(self, aiohttp: Any) -> Any:
        connector = aiohttp.TCPConnector(limit=0, happy_eyeballs_delay=None, **self._connector)
        connector.connect = partial(self._connect, connector)
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_SET_BY_ITSELF,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        )

    async def _end(self) -> None:
        try:
            if self._session is not None:
                await self._session.close()
        finally:
            asyncio.get_running_loop().stop()


def copy_connector(connector: Any, connect: Callable[..., Any], req: Any) -> AiohttpSender | None:
    """A connector with the same TLS, and its request's proxy; None for kinds that are not TCP.

    `connect` is its class's way to connect.
    """
    aiohttp = sys.modules["aiohttp"]
    if type(connector) is not aiohttp.TCPConnector or not getattr(connector, "_resolver_owner", 1):
        return None
    try:
        of_connector = {"ssl": connector._ssl, "family": connector._family}
        of_request = {"ssl": req.ssl, "proxy": req.proxy, "proxy_headers": req.proxy_headers}
        if connector._local_addr_infos:
            return None
    except AttributeError:
        return None
    if (auth := getattr(req, "proxy_auth", None)) is not None:
        of_request["proxy_auth"] = auth
    return AiohttpSender(connect, of_connector, of_request)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()
