"""The way to a provider, learned from a test's own live request.

Recordings hold neither headers nor keys, and the host may have moved. What a test really sends
tells them; its connection settings are copied into a transport of our own, because a client may be
closed as soon as its test ends.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from pytest_modelpin.providers.reply import JSON
from pytest_modelpin.recordings.outgoing import AHEAD

_LONG = 300.0  # seconds to wait for a reply's next bytes
_OF_ONE_REQUEST = frozenset({"content-length", "transfer-encoding", "traceparent", "tracestate"})
_OF_ONE_TRY = ("request-id", "idempotency", "retry-count", "trace", "baggage", "timeout")
"""Parts of the names of headers that differ from request to request and never change a reply."""
_OF_THE_CLIENT = ("user-agent", "x-stainless-", "x-goog-api-client", "x-fern-")
"""How the names of headers begin in which SDKs say what they are: synchronous or not, and by which
of their methods they were called."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where and how requests of one kind go."""

    library: ModuleType
    transport: Any
    request: Any
    """The live request that taught it."""

    def build(self, path: str, body: JSON) -> Any:
        """A request for another body, with the headers of the live one."""
        library: Any = self.library
        query = self.request.url.query
        content = json.dumps(body).encode()
        headers = [
            (name, value)
            for name, value in self.request.headers.raw
            if not _of_one_request(name.decode("latin-1").lower())
        ]
        return library.Request(
            self.request.method,
            self.request.url.copy_with(raw_path=path.encode() + (b"?" + query if query else b"")),
            headers=[*headers, (b"content-length", str(len(content)).encode())],
            content=content,
            extensions={
                "timeout": {"connect": _LONG, "read": _LONG, "write": _LONG, "pool": None},
                AHEAD: True,
            },
        )


def learn(library: ModuleType, transport: Any, request: Any) -> Route | None:
    """The route of a live request; None where its connection can't be copied faithfully.

    `transport` is httpx's or httpx2's own, synchronous or not.
    """
    if request.headers.get("authorization", "").startswith("AWS4-"):
        return None  # a signature of this very body
    copied = _copy(library, transport)
    return None if copied is None else Route(library, copied, request)


def same(sent: Any, asked: Any) -> bool:
    """Whether two requests ask the same place with the same headers; bodies are not looked at."""
    return sent.url == asked.url and _lasting(sent.headers) == _lasting(asked.headers)


def _lasting(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in headers.items()
        if not _of_one_request(lower := name.lower()) and not lower.startswith(_OF_THE_CLIENT)
    }


def _of_one_request(name: str) -> bool:
    return name in _OF_ONE_REQUEST or any(part in name for part in _OF_ONE_TRY)


def _copy(library: Any, transport: Any) -> Any:
    """A synchronous transport with the same TLS, proxy and protocol; None for unknown kinds."""
    pool = transport._pool
    kind = type(pool).__name__.removeprefix("Async")
    if kind not in ("ConnectionPool", "HTTPProxy"):
        return None
    try:
        proxy = None
        if kind == "HTTPProxy":
            url = pool._proxy_url
            proxy = library.Proxy(
                library.URL(scheme=url.scheme.decode(), host=url.host.decode(), port=url.port),
                ssl_context=pool._proxy_ssl_context,
                headers=list(pool._proxy_headers),
            )
        return library.HTTPTransport(
            verify=pool._ssl_context,
            trust_env=False,
            http1=pool._http1,
            http2=pool._http2,
            limits=library.Limits(max_connections=None, max_keepalive_connections=None),
            proxy=proxy,
            uds=pool._uds,
            local_address=pool._local_address,
            socket_options=pool._socket_options,
        )
    except AttributeError:
        return None
