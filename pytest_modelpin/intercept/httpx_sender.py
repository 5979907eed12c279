"""Connections of httpx and httpx2 from outside their clients: copying one, and breaking one off."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

from pytest_modelpin.clock import perf_counter
from pytest_modelpin.intercept.driving import asking
from pytest_modelpin.live.reply_limits import Watch
from pytest_modelpin.recordings.exchange import HttpRequest, StoredReply

_KEPT_EXTENSIONS = ("http_version", "reason_phrase")


class HttpxSender:
    """Sends over a transport of our own, past every hook and mock on httpx's classes."""

    def __init__(self, library: Any, transport: Any, handle: Callable[[Any, Any], Any]) -> None:
        self._library = library
        self._transport = transport
        self._handle = handle

    def send(self, request: HttpRequest, seconds: float) -> StoredReply:
        """See `door.Sender`. Raises what httpx raises, and DeadlinePassed."""
        timeout = {"connect": seconds, "read": seconds, "write": seconds, "pool": None}
        native = self._library.Request(
            request.method,
            request.url,
            headers=request.headers,
            content=request.body,
            extensions={"timeout": timeout},
        )
        broken_off = partial(shut_down, self._transport, native)
        with Watch.shared().limited(seconds, broken_off):
            started = perf_counter()
            with asking(request.url):
                response = self._handle(self._transport, native)
            waited = perf_counter() - started
            if "network_stream" not in response.extensions:
                raise ConnectionError("a mock answered in the provider's place")
            try:
                chunks = list(response.stream)
            finally:
                response.close()
        extensions = response.extensions
        kept = {name: extensions[name] for name in _KEPT_EXTENSIONS if name in extensions}
        return StoredReply(response.status_code, response.headers.raw, chunks, kept, waited)

    def close(self) -> None:
        """Close its connections."""
        self._transport.close()


def copy_transport(
    library: Any, transport: Any, handle: Callable[[Any, Any], Any]
) -> HttpxSender | None:
    """A synchronous transport with the same TLS, proxy and protocol; None for unknown kinds.

    `transport` is httpx's or httpx2's own, synchronous or not, and `handle` its class's way to
    send a request.
    """
    pool = getattr(transport, "_pool", None)
    kind = type(pool).__name__.removeprefix("Async")
    if kind not in ("ConnectionPool", "HTTPProxy"):
        return None
    try:
        proxy = None
        if kind == "HTTPProxy":
            url = pool._proxy_url  # type: ignore[union-attr]
            proxy = library.Proxy(
                library.URL(scheme=url.scheme.decode(), host=url.host.decode(), port=url.port),
                ssl_context=pool._proxy_ssl_context,  # type: ignore[union-attr]
                headers=list(pool._proxy_headers),  # type: ignore[union-attr]
            )
        copied = library.HTTPTransport(
            verify=pool._ssl_context,  # type: ignore[union-attr]
            trust_env=False,
            http1=pool._http1,  # type: ignore[union-attr]
            http2=pool._http2,  # type: ignore[union-attr]
            limits=library.Limits(max_connections=None, max_keepalive_connections=None),
            proxy=proxy,
            uds=pool._uds,  # type: ignore[union-attr]
            local_address=pool._local_address,  # type: ignore[union-attr]
            socket_options=pool._socket_options,  # type: ignore[union-attr]
        )
    except AttributeError:
        return None
    return HttpxSender(library, copied, handle)


def shut_down(transport: Any, request: Any, response: Any = None) -> None:
    """Shut the socket on which a request or its reply is under way; from any thread.

    Whoever waits for it then hears that the connection is gone. With HTTP/2 that ends the other
    requests on the connection too.
    """
    stream = response.extensions.get("network_stream") if response is not None else None
    stream = stream or _stream_of(getattr(transport, "_pool", None), request)
    # Bypasses SSLSocket.shutdown, which pulls the TLS state from under a reading thread.
    with contextlib.suppress(OSError, AttributeError, RuntimeError):
        wire = stream.get_extra_info("socket")
        if isinstance(wire, socket.socket):
            socket.socket.shutdown(wire, socket.SHUT_RDWR)
        else:
            wire.shutdown(socket.SHUT_RDWR)


def _stream_of(pool: Any, request: Any) -> Any:
    """The network stream of a request whose reply has not begun; None where there is none yet.

    httpcore names it nowhere in public before the reply's head has come.
    """
    for under_way in tuple(getattr(pool, "_requests", ())):
        # httpx hands the very dictionary of its request's extensions down to httpcore.
        if under_way.request.extensions is not request.extensions:
            continue
        found = under_way.connection
        while found is not None and not hasattr(found, "_network_stream"):
            found = getattr(found, "_connection", None)
        return getattr(found, "_network_stream", None)
    return None
