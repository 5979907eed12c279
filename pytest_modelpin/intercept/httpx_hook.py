"""The hook for httpx and httpx2: class patches of their transports, and a door for each request.

The classes are patched, not their objects, so that clients built before, mounts and proxies are
covered; and neither library is imported for it, since most test suites don't need both.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache, partial, wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary, ref

from pytest_modelpin.intercept import hooks
from pytest_modelpin.intercept.door import HttpReply, Listener
from pytest_modelpin.intercept.driving import at_door, drive, drive_async, pass_on
from pytest_modelpin.intercept.hooks import NEVER_ASK, Hooks
from pytest_modelpin.recordings.exchange import (
    PIECE,
    Collected,
    HttpRequest,
    RawHeaders,
    StoredReply,
    pieces,
)

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from pytest_modelpin.live.routes import Sender

_MOCKS = re.compile(r"(?:^|\.)(respx\d*|vcr)(?:\.|$)")
"""Modules that answer below this hook, by patching httpcore's pool: of a library, or of a copy that
a project keeps, as openai does of respx (`tests.respx2`).
"""


class _HttpxWay:
    """What a request of httpx or httpx2 has, be its client synchronous or not."""

    __slots__ = (
        "_library", "_reply", "_request", "_send", "_transport", "headers", "method", "url",
    )  # fmt: skip
    _is_async = False

    def __init__(
        self, request: Any, send: Callable[[Any, Any], Any], library: Any, transport: Any
    ) -> None:
        self._request = request
        self._send = send
        self._library = library
        self._transport = transport
        self._reply: Any = None
        self.method: str = request.method
        self.url = str(request.url)
        self.headers: RawHeaders = request.headers.raw

    @property
    def mock(self) -> str | None:
        pool = type(getattr(self._transport, "_pool", None))
        name = "handle_async_request" if self._is_async else "handle_request"
        handle = getattr(pool, name, None)
        # Not __module__, which a wrapper may have copied.
        home = _MOCKS.search(getattr(handle, "__globals__", {}).get("__name__", ""))
        return home and home[1]

    def patience(self) -> float:
        seconds = self._request.extensions.get("timeout", {}).get("read")
        return math.inf if seconds is None else float(seconds)

    def sender(self) -> Sender | None:
        from pytest_modelpin.intercept.httpx_sender import copy_transport

        ours = hooks.installed
        handle = None if ours is None else ours.originals.get(self._library.HTTPTransport)
        if handle is None:
            return None
        return copy_transport(self._library, self._transport, handle)

    def abort(self) -> None:
        from pytest_modelpin.intercept.httpx_sender import shut_down

        shut_down(self._transport, self._request, self._reply)

    def give(self, reply: StoredReply, listener: Listener | None) -> Any:
        # A body handed over as `content` would never be "read", and `elapsed` never set.
        classes = _stream_classes(self._library)
        stored = classes.async_stored if self._is_async else classes.stored
        stream = stored(reply.chunks)
        headers: Any = reply.headers
        response = self._library.Response(
            reply.status, headers=headers, stream=stream, extensions=dict(reply.extensions)
        )
        return response if listener is None else self._teed(response, listener)

    def deliver(self, reply: HttpReply, listener: Listener | None) -> Any:
        return reply.native if listener is None else self._teed(reply.native, listener)

    def _teed(self, response: Any, listener: Listener) -> Any:
        classes = _stream_classes(self._library)
        teed = classes.async_teed if self._is_async else classes.teed
        response.stream = teed(response.stream, listener)
        return response

    def _native(self, request: HttpRequest | None) -> Any:
        """The client's own request, or one with its connection settings for another in its place.

        Path and query are taken over to the letter.
        """
        own = self._request
        if request is None:
            return own
        url = own.url
        if request.url != str(url):
            target = request.url.partition("://")[2].partition("/")[2]
            url = url.copy_with(raw_path=b"/" + target.partition("#")[0].encode())
        self._request = type(own)(
            request.method,
            url,
            headers=request.headers,
            content=request.body,
            extensions=own.extensions,
        )
        if len(request.body) > PIECE:
            self._keep(request.body)
        return self._request

    def _keep(self, content: bytes) -> None:
        """Have the body sent piece by piece: httpcore copies what is left after each write."""
        self._request.stream = _stream_classes(self._library).body(content)

    def _received(self, response: Any) -> HttpReply:
        self._reply = response
        return HttpReply(
            response.status_code,
            response.headers,
            response,
            from_network="network_stream" in response.extensions,
        )


class _HttpxDoor(_HttpxWay):
    """One request of a synchronous client."""

    __slots__ = ()

    def read(self) -> bytes:
        stream = self._request.stream
        if hasattr(self._request, "_content") or not isinstance(stream, Iterable):
            body: bytes = self._request.read()
            return body
        collected = Collected()
        for piece in stream:
            collected.add(piece)
        self._keep(content := collected.content())
        return content

    def send(self, request: HttpRequest | None) -> HttpReply:
        native = self._native(request)
        return self._received(self._send(self._transport, native))

    def discard(self, reply: HttpReply) -> None:
        reply.native.close()


class _HttpxAsyncDoor(_HttpxWay):
    """One request of an asynchronous client."""

    __slots__ = ()
    _is_async = True

    async def read(self) -> bytes:
        stream = self._request.stream
        if hasattr(self._request, "_content") or not isinstance(stream, AsyncIterable):
            body: bytes = await self._request.aread()
            return body
        collected = Collected()
        async for piece in stream:
            collected.add(piece)
        self._keep(content := collected.content())
        return content

    async def send(self, request: HttpRequest | None) -> HttpReply:
        native = self._native(request)
        await _leave_closed_loops(self._transport)
        return self._received(await self._send(self._transport, native))

    async def discard(self, reply: HttpReply) -> None:
        await reply.native.aclose()


_loops: WeakKeyDictionary[Any, list[ref[AbstractEventLoop]]] = WeakKeyDictionary()
"""By transport: the event loops in which it has sent."""


async def _leave_closed_loops(transport: Any) -> None:
    """Forget the connections of a transport all of whose former event loops are closed.

    A module's client outlives the loop of one sample, and its connections can be written to in the
    next one's but not read: what it asks would be sent, paid, and never heard.
    """
    from asyncio import get_running_loop  # which no synchronous client loads

    try:
        loop = get_running_loop()
    except RuntimeError:  # trio's connections are bound to no run
        return
    seen = _loops.setdefault(transport, [])
    former = [each for each in seen if each() is not loop]
    if len(seen) == len(former):
        seen.append(ref(loop))
    if not former or any(each and not each.is_closed() for each in (each() for each in former)):
        return
    _loops[transport] = [ref(loop)]
    with suppress(AttributeError, RuntimeError):  # which is what a closed loop raises
        await transport._pool.aclose()


class _StreamClasses(NamedTuple):
    """Of one library: replies that a listener follows, stored ones, and a request's body."""

    teed: type
    async_teed: type
    stored: type
    async_stored: type
    body: type
    """For synchronous and asynchronous clients."""


@cache
def _stream_classes(library: Any) -> _StreamClasses:

    class Teed(library.SyncByteStream):  # type: ignore[misc]
        def __init__(self, stream: Any, listener: Listener) -> None:
            self._stream = stream
            self._listener = listener

        def __iter__(self) -> Iterator[bytes]:
            return self._listener.follow(self._stream)

        def close(self) -> None:
            try:
                self._stream.close()
            finally:
                self._listener.end(exhausted=False)

    class AsyncTeed(library.AsyncByteStream):  # type: ignore[misc]
        def __init__(self, stream: Any, listener: Listener) -> None:
            self._stream = stream
            self._listener = listener

        def __aiter__(self) -> AsyncIterator[bytes]:
            return self._listener.follow_async(self._stream)

        async def aclose(self) -> None:
            try:
                await self._stream.aclose()
            finally:
                self._listener.end(exhausted=False)

    # As on a connection, who reads on gets what is left: openai drains a stream after `[DONE]`.
    class Stored(library.SyncByteStream):  # type: ignore[misc]
        def __init__(self, chunks: Sequence[bytes]) -> None:
            self._chunks = iter(chunks)

        def __iter__(self) -> Iterator[bytes]:
            return self._chunks

    class AsyncStored(library.AsyncByteStream):  # type: ignore[misc]
        def __init__(self, chunks: Sequence[bytes]) -> None:
            self._chunks = iter(chunks)

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for chunk in self._chunks:
                yield chunk

    class Body(library.SyncByteStream, library.AsyncByteStream):  # type: ignore[misc]
        def __init__(self, content: bytes) -> None:
            self._content = content

        def __iter__(self) -> Iterator[bytes]:
            return pieces(self._content)

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for piece in pieces(self._content):
                yield piece

    return _StreamClasses(Teed, AsyncTeed, Stored, AsyncStored, Body)


def patch(module: ModuleType, hooks: Hooks) -> None:
    """Stand in the transports of httpx or httpx2."""
    library = module.__name__.partition(".")[0]
    hooks.patch(module.HTTPTransport, "handle_request", partial(_hooked, library))
    hooks.patch(module.AsyncHTTPTransport, "handle_async_request", partial(_hooked_async, library))


def _hooked(library: str, original: Callable[[Any, Any], Any]) -> Any:
    @wraps(original)
    def handle_request(transport: Any, request: Any) -> Any:
        ours = hooks.installed
        if ours is None:
            return original(transport, request)
        if request.method in NEVER_ASK:
            pass_on(request.method, url := str(request.url))
            with at_door(url):
                return original(transport, request)
        door = _HttpxDoor(request, original, sys.modules[library], transport)
        return drive(ours.interceptor.flow(door), door)

    return handle_request


def _hooked_async(library: str, original: Callable[[Any, Any], Any]) -> Any:
    @wraps(original)
    async def handle_async_request(transport: Any, request: Any) -> Any:
        ours = hooks.installed
        if ours is None:
            return await original(transport, request)
        if request.method in NEVER_ASK:
            pass_on(request.method, url := str(request.url))
            await _leave_closed_loops(transport)
            with at_door(url):
                return await original(transport, request)
        door = _HttpxAsyncDoor(request, original, sys.modules[library], transport)
        return await drive_async(ours.interceptor.flow(door), door)

    return handle_async_request
