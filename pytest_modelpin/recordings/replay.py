"""Recorded exchanges as replies of an HTTP client, built without any network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import cache
from types import ModuleType
from typing import Any

from pytest_modelpin.recordings.exchange import Exchange, Response
from pytest_modelpin.recordings.recording_file import split_events


def replayed(exchange: Exchange, library: ModuleType, *, is_async: bool) -> Any:
    """The reply as `library` (httpx or httpx2) would hand it over; events come one by one."""
    response = exchange.response
    # A body handed over as `content` would never be "read", and `elapsed` never set.
    stream = streamed(library, _chunks(response), is_async=is_async)
    return library.Response(response.status, headers=dict(response.headers), stream=stream)


def streamed(library: ModuleType, chunks: list[bytes], *, is_async: bool) -> Any:
    """A stream of `library` that hands on these chunks one by one."""
    return _stream_classes(library)[is_async](chunks)


def _chunks(response: Response) -> list[bytes]:
    if response.headers.get("content-type", "").startswith("text/event-stream"):
        try:
            return [event.encode() for event in split_events(response.content.decode())]
        except UnicodeDecodeError:
            pass
    return [response.content] if response.content else []


@cache
def _stream_classes(library: Any) -> tuple[type, type]:
    class Replay(library.SyncByteStream):  # type: ignore[misc]
        def __init__(self, chunks: list[bytes]) -> None:
            self._chunks = chunks

        def __iter__(self) -> Iterator[bytes]:
            yield from self._chunks

    class AsyncReplay(library.AsyncByteStream):  # type: ignore[misc]
        def __init__(self, chunks: list[bytes]) -> None:
            self._chunks = chunks

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for chunk in self._chunks:
                yield chunk

    return Replay, AsyncReplay
