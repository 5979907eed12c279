"""A reply that is teed on its way, as `http.client` would have read it from a connection.

What stands on `http.client` (urllib3, and so requests and botocore) hands on a chunked reply piece
by piece, and holds any other back until as many bytes came as were asked for. So the pieces are
played to `http.client`'s own parser in chunks.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from http.client import HTTPResponse
from typing import Any

from pytest_modelpin.intercept.door import Listener, tee

_FRAMING = ("content-length", "transfer-encoding")


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
    for name in _FRAMING:
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
        self._chunks = tee(chunks, listener)
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
