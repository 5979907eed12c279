"""A request's body in memory: held once, however large, from its client to the socket.

It is kept, as it may be sent after it was looked at, and few streams can be read twice. Joined
from its pieces, or handed to a client library whole, it would be held two or three times.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

PIECE = 65536
"""Bytes that are handed on at once."""


class Collected:
    """The pieces of a stream, one after the other."""

    __slots__ = ("_first", "_whole")

    def __init__(self) -> None:
        self._first: bytes | None = None
        self._whole: io.BytesIO | None = None

    def add(self, piece: bytes | bytearray | memoryview) -> None:
        """The next one."""
        if self._whole is None:
            if self._first is None and type(piece) is bytes:
                self._first = piece or None  # mostly the only one, which needs no copy
                return
            self._whole = io.BytesIO()
            self._whole.write(self._first or b"")
            self._first = None
        self._whole.write(piece)

    def content(self) -> bytes:
        """All of them. Nothing may be added any more."""
        if self._whole is None:
            return self._first or b""
        return self._whole.getvalue()  # shares what it holds


def pieces(content: bytes) -> Iterator[bytes]:
    """The body piece by piece; a short one as it is."""
    if len(content) <= PIECE:
        yield content
        return
    whole = memoryview(content)
    for start in range(0, len(content), PIECE):
        yield bytes(whole[start : start + PIECE])
