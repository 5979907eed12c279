"""Streams that hand on each chunk as it comes and keep a copy."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from functools import cache
from types import ModuleType
from typing import Any, Protocol


class Listener(Protocol):
    """What follows a reply's bytes on their way to the client."""

    def chunk(self, data: bytes) -> None:
        """The next bytes, as they came over the wire."""

    def end(self, *, exhausted: bool) -> None:
        """No more bytes: the reply ended, or the client stopped reading. May come twice."""

    def broke(self, error: BaseException) -> None:
        """The connection failed midway."""


def teed(stream: Any, library: ModuleType, listener: Listener, *, is_async: bool) -> Any:
    """`stream`, with a listener; nothing is read ahead and nothing held back."""
    return _stream_classes(library)[is_async](stream, listener)


@cache
def _stream_classes(library: Any) -> tuple[type, type]:
    class Teed(library.SyncByteStream):  # type: ignore[misc]
        def __init__(self, stream: Any, listener: Listener) -> None:
            self._stream = stream
            self._listener = listener

        def __iter__(self) -> Iterator[bytes]:
            try:
                for chunk in self._stream:
                    self._listener.chunk(chunk)
                    yield chunk
            except Exception as error:
                self._listener.broke(error)
                raise
            self._listener.end(exhausted=True)

        def close(self) -> None:
            try:
                self._stream.close()
            finally:
                self._listener.end(exhausted=False)

    class AsyncTeed(library.AsyncByteStream):  # type: ignore[misc]
        def __init__(self, stream: Any, listener: Listener) -> None:
            self._stream = stream
            self._listener = listener

        async def __aiter__(self) -> AsyncIterator[bytes]:
            chunks = aiter(self._stream)
            try:
                async for chunk in chunks:
                    self._listener.chunk(chunk)
                    yield chunk
            except Exception as error:
                self._listener.broke(error)
                raise
            finally:
                # Left to the garbage collector, it would be closed in no task of the test's.
                if isinstance(chunks, AsyncGenerator):
                    await chunks.aclose()
            self._listener.end(exhausted=True)

        async def aclose(self) -> None:
            try:
                await self._stream.aclose()
            finally:
                self._listener.end(exhausted=False)

    return Teed, AsyncTeed
