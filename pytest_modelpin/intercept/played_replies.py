"""Replies that are played to a client's own parser: over a connection in memory to aiohttp's, as if
it came over a socket to `http.client`'s.

What stands on `http.client` (urllib3, and so requests and botocore) hands on a chunked reply piece
by piece, and holds any other back until as many bytes came as were asked for. So the pieces of a
reply that is teed on its way are played to it in chunks.
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from http.client import HTTPResponse, responses
from typing import Any

from pytest_modelpin.intercept.door import Listener
from pytest_modelpin.intercept.failing import hears
from pytest_modelpin.recordings.exchange import RawHeaders

_FRAMING = (b"content-length", b"transfer-encoding")

_playing: set[asyncio.Task[None]] = set()
"""Held, so that none is collected while it plays."""


class Wire(asyncio.Transport):
    """What the client's protocol takes for its socket. What it writes is dropped."""

    def __init__(self, protocol: Any) -> None:
        super().__init__()
        self.protocol = protocol
        self._loop = asyncio.get_running_loop()
        self.payload: Any = None
        self.on_close: Callable[[], object] = int
        self._closing = False
        self._may_feed = asyncio.Event()
        self._may_feed.set()

    async def room(self) -> None:
        """Wait until the client takes more."""
        await self._may_feed.wait()

    def feed(self, data: bytes) -> None:
        """Bytes arrive."""
        if not self._closing and data:
            self.protocol.data_received(data)
            # Where a reply that breaks off is to be told of.
            self.payload = getattr(self.protocol, "_payload", None) or self.payload

    def break_off(self, error: BaseException) -> None:
        """The reply ends here, and its reader hears this."""
        payload = self.payload
        if payload is not None:
            payload.set_exception(error)
        else:
            self.protocol.set_exception(error)
        self.close()

    def write(self, data: Any) -> None:
        """The request, which has been answered."""

    def writelines(self, list_of_data: Any) -> None:
        """The request, which has been answered."""

    def can_write_eof(self) -> bool:
        """There is no half-closing."""
        return False

    def get_write_buffer_size(self) -> int:
        """Nothing waits."""
        return 0

    def is_reading(self) -> bool:
        """Whether the client takes more."""
        return self._may_feed.is_set()

    def pause_reading(self) -> None:
        """The client has enough for now."""
        self._may_feed.clear()

    def resume_reading(self) -> None:
        """The client takes more."""
        self._may_feed.set()

    def is_closing(self) -> bool:
        """Whether the client is done with it."""
        return self._closing

    def close(self) -> None:
        """The client is done with it."""
        if not self._closing:
            self._closing = True
            self._may_feed.set()
            self.on_close()
            if not self._loop.is_closed():
                self._loop.call_soon(self.protocol.connection_lost, None)

    def abort(self) -> None:
        """The client is done with it."""
        self.close()


class _Connector:
    """Where the connection goes back to: nowhere."""

    force_close = False

    def _release(self, key: Any, protocol: Any, *, should_close: bool = False) -> None:
        protocol.close()


_CONNECTOR = _Connector()


def memory_connection(req: Any) -> tuple[Any, Wire]:
    """A connection for this request, and its far end."""
    aiohttp = sys.modules["aiohttp"]
    loop = asyncio.get_running_loop()
    protocol = sys.modules["aiohttp.client_proto"].ResponseHandler(loop)
    wire = Wire(protocol)
    protocol.connection_made(wire)
    connection = aiohttp.connector.Connection(_CONNECTOR, req.connection_key, protocol, loop)
    return connection, wire


def play_stored(
    wire: Wire,
    status: int,
    headers: RawHeaders,
    chunks: Sequence[bytes],
    listener: Listener | None,
) -> None:
    """Play a reply that is all here."""
    if listener is None:
        content = b"".join(chunks)
        framing = b"content-length: %d\r\n" % len(content)
        wire.feed(_head(status, responses.get(status, ""), headers, framing) + content)
        return
    _play(wire, status, responses.get(status, ""), headers, _each(chunks), listener, int)


def play_live(wire: Wire, response: Any, listener: Listener) -> None:
    """Play a reply as it comes over the network, to this aiohttp response."""
    chunks = _read(response)
    _play(
        wire, response.status, response.reason or "", response.raw_headers, chunks, listener,
        response.close,
    )  # fmt: skip


def _play(
    wire: Wire,
    status: int,
    reason: str,
    headers: RawHeaders,
    chunks: AsyncIterator[bytes],
    listener: Listener,
    close: Callable[[], object],
) -> None:
    task = asyncio.ensure_future(_pass_on(wire, chunks, listener, close))
    hears(asyncio.current_task(), task)
    _playing.add(task)
    task.add_done_callback(_playing.discard)

    def stop() -> None:
        listener.end(exhausted=False)
        task.cancel()

    wire.on_close = stop
    wire.feed(_head(status, reason, headers, b"transfer-encoding: chunked\r\n"))


async def _pass_on(
    wire: Wire,
    chunks: AsyncIterator[bytes],
    listener: Listener,
    close: Callable[[], object],
) -> None:
    try:
        async for chunk in chunks:
            listener.chunk(chunk)
            await wire.room()
            wire.feed(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        listener.end(exhausted=True)
        wire.feed(b"0\r\n\r\n")
    except asyncio.CancelledError:
        listener.end(exhausted=False)
        raise
    except BaseException as error:
        wire.break_off(listener.broke(error))
    finally:
        close()


async def _read(response: Any) -> AsyncIterator[bytes]:
    while chunk := await response.content.readany():
        yield chunk


async def _each(chunks: Sequence[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        if chunk:
            yield chunk


def _head(status: int, reason: str, headers: RawHeaders, framing: bytes) -> bytes:
    lines = b"".join(
        b"%b: %b\r\n" % (name, value) for name, value in headers if name.lower() not in _FRAMING
    )
    return b"HTTP/1.1 %d %b\r\n%b%b\r\n" % (status, reason.encode("latin-1"), lines, framing)


_FRAMED_BY = ("content-length", "transfer-encoding")


def played(
    status: int,
    headers: Any,
    chunks: Iterator[bytes],
    close: Callable[[], object],
    listener: Listener,
) -> tuple[HTTPResponse, Any]:
    """The reply, and its headers with those that say how its body is framed.

    `close` is called when the client stops reading.
    """
    framed = headers.copy()
    for name in _FRAMED_BY:
        framed.pop(name, None)
    framed["Transfer-Encoding"] = "chunked"
    feed = _Feed(b"HTTP/1.1 %d \r\nTransfer-Encoding: chunked\r\n\r\n" % status, chunks, listener)
    feed.on_close = close
    response = HTTPResponse(_Connection(feed))  # type: ignore[arg-type]
    response.begin()
    return response, framed


class _Feed(io.RawIOBase):
    """The bytes of a connection that carries one chunked reply."""

    def __init__(self, head: bytes, chunks: Iterator[bytes], listener: Listener) -> None:
        self._left = head
        self._chunks = listener.follow(chunks)
        self._listener = listener
        self._ended = False
        self.on_close: Callable[[], object] = int

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes, at most those of one chunk; 0 at the end."""
        if not self._left and not self._ended:
            chunk = next((each for each in self._chunks if each), b"")
            self._left = b"%x\r\n%b\r\n" % (len(chunk), chunk)
            self._ended = not chunk
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size

    def close(self) -> None:
        """The client has read all, or reads no further."""
        if not self.closed:
            super().close()
            try:
                self.on_close()
            finally:
                self._listener.end(exhausted=False)


class _Connection:
    """What `http.client` needs of a socket."""

    def __init__(self, feed: _Feed) -> None:
        self._feed = feed

    def makefile(self, mode: str) -> io.BufferedReader:
        """The socket as a file."""
        return io.BufferedReader(self._feed)
