"""From the loopback server to the providers: connections of Python's own, one a request."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import urllib.request
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from pytest_modelpin.intercept.driving import asking, hooked
from pytest_modelpin.intercept.handing_over import ONE_CONNECTION
from pytest_modelpin.intercept.loopback_connections import Answer
from pytest_modelpin.live.reply_limits import Watch
from pytest_modelpin.recordings.exchange import HttpRequest, StoredReply
from pytest_modelpin.recordings.outgoing import is_signed

_SECONDS = 600.0
"""To wait for the next bytes, as long as the SDKs do; the whole reply is watched elsewhere."""

_PIECE = 65536


class Upstream:
    """A way to whatever provider a request names."""

    def __init__(self) -> None:
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, request: HttpRequest, seconds: float = _SECONDS) -> Answer:
        """Send a request; returns at its answer's head.

        One that is signed to AWS is signed anew for the host it goes to. Raises OSError,
        HTTPException, and ModelpinError where it can't be signed.
        """
        if is_signed(request):
            from pytest_modelpin.intercept.botocore_hook import signed_anew

            request = signed_anew(request)
        parts = urlsplit(request.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection, whole = _connection(parts.scheme, parts.netloc.rpartition("@")[2], seconds)
        self._connection = connection
        try:
            connection.putrequest(
                request.method,
                request.url if whole else target or "/",
                skip_accept_encoding=True,
            )
            for name, value in _sent(request):
                connection.putheader(name, value)
            with hooked(connection.host):
                connection.endheaders(request.body)
            reply = connection.getresponse()
        except BaseException:
            connection.close()
            raise
        headers = [
            (name.encode("latin-1"), value.encode("latin-1", "replace"))
            for name, value in reply.getheaders()
        ]
        return Answer(reply.status, headers, _pieces(reply), connection)

    def abort(self) -> None:
        """Break the connection off; from any thread."""
        connection: Any = self._connection
        # Bypasses SSLSocket.shutdown, which pulls the TLS state from under a reading thread.
        with contextlib.suppress(OSError, AttributeError, TypeError):
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)

    def send(self, request: HttpRequest, seconds: float) -> StoredReply:
        """See `routes.Sender`: the whole reply, for one that is sent ahead."""
        limit = Watch.shared().limited(seconds, self.abort)
        with limit, asking(request.url), self.ask(request, seconds) as answer:
            return StoredReply(answer.status, answer.headers, list(answer.chunks))

    def close(self) -> None:
        """Nothing is kept open."""


def _sent(request: HttpRequest) -> Iterator[tuple[str, str]]:
    for raw_name, raw_value in request.headers:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name.lower() == "accept-encoding":  # what may come back has to be readable here
            value = "gzip" if "gzip" in value else "identity"
        if name.lower() not in ONE_CONNECTION or name.lower() == "content-length":
            yield name, value


def _pieces(reply: http.client.HTTPResponse) -> Iterator[bytes]:
    while piece := reply.read1(_PIECE):
        yield piece
    if reply.length:
        raise http.client.IncompleteRead(b"", reply.length)


def _connection(
    scheme: str, netloc: str, seconds: float
) -> tuple[http.client.HTTPConnection, bool]:
    """A connection, by the proxy that the environment names; whether it takes whole URLs."""
    options: dict[str, Any] = {"timeout": seconds}
    host = urlsplit(f"//{netloc}").hostname or ""
    proxies = urllib.request.getproxies_environment()
    proxy = proxies.get(scheme) or proxies.get("all")
    if proxy and urllib.request.proxy_bypass_environment(host):  # type: ignore[attr-defined]
        proxy = None
    if scheme == "https":
        options["context"] = _tls()
    kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    if not proxy:
        return kind(netloc, **options), False
    through = urlsplit(proxy if "://" in proxy else f"http://{proxy}").netloc.rpartition("@")[2]
    connection = kind(through, **options)
    if scheme == "https":
        connection.set_tunnel(netloc)
    return connection, scheme != "https"


@cache
def _tls() -> ssl.SSLContext:
    """Trusts what the machine trusts and, as httpx does, what certifi lists."""
    context = ssl.create_default_context()
    with contextlib.suppress(ImportError):
        import certifi

        context.load_verify_locations(certifi.where())
    return context
