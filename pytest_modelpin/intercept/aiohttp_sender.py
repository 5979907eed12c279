"""Connections of aiohttp from outside their sessions: a session of our own, in a loop of its own.

A session belongs to the event loop of its test, which ends with it. What is sent ahead is sent by a
thread that has a loop for as long as the run lasts.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from pytest_modelpin.intercept.unseen.sending import asking
from pytest_modelpin.live.reply_limits import DeadlinePassed, Watch
from pytest_modelpin.recordings.exchange import HttpRequest, StoredReply

_SET_BY_ITSELF = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""Headers that a session adds where a request has none: this one has those of its test."""
_PATIENCE = 5.0  # seconds until a loop that does not end is left to itself


class AiohttpSender:
    """Sends past the hook, and not where a mock stands in aiohttp's place."""

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
        """See `route.Sender`. Raises what aiohttp raises, and DeadlinePassed."""
        under_way = asyncio.run_coroutine_threadsafe(self._send(request), self._running())
        with Watch.shared().over(seconds, under_way.cancel) as alarm:
            try:
                return under_way.result()
            except Exception:
                if alarm.rang:
                    raise DeadlinePassed from None
                raise

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
        with asking(request.url):
            async with self._session.request(
                request.method, url, headers=headers, data=request.body, allow_redirects=False,
                **self._request,
            ) as reply:  # fmt: skip
                chunks = [chunk async for chunk in reply.content.iter_any()]
        return StoredReply(reply.status, reply.raw_headers, chunks)

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
