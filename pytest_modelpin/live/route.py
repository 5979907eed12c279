"""The way to a provider, learned from a test's own live request.

Recordings hold neither headers nor keys, and the host may have moved. What a test really sends
tells them; its connection settings are copied into a transport of our own, because a client may be
closed as soon as its test ends.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

from pytest_modelpin.providers.reply import JSON
from pytest_modelpin.recordings import cookies
from pytest_modelpin.recordings.wire import HttpRequest, RawHeaders, StoredReply

_OF_ONE_REQUEST = frozenset({"content-length", "transfer-encoding", "traceparent", "tracestate"})
_OF_ONE_TRY = ("request-id", "idempotency", "retry-count", "trace", "baggage", "timeout")
"""Parts of the names of headers that differ from request to request and never change a reply."""
_OF_THE_CLIENT = ("user-agent", "x-stainless-", "x-goog-api-client", "x-fern-")
"""How the names of headers begin in which SDKs say what they are: synchronous or not, and by which
of their methods they were called."""


class Sender(Protocol):
    """A way to a provider that outlives the client it was copied from."""

    def send(self, request: HttpRequest, seconds: float) -> StoredReply:
        """The whole reply, within so many seconds; blocks. Raises what its library raises."""

    def close(self) -> None:
        """Close its connections."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where and how requests of one kind go."""

    sender: Sender
    request: HttpRequest
    """The live request that taught it."""

    def build(
        self, path: str, body: JSON, handed_out: frozenset[str] = cookies.KNOWN
    ) -> HttpRequest:
        """A request for another body, with the headers of the live one.

        Without the cookies named in `handed_out`, which are the provider's.
        """
        content = json.dumps(body).encode()
        headers = [
            (name, own)
            for name, value in self.request.headers
            if not _of_one_request(lower := name.decode("latin-1").lower())
            and ((own := _without_cookies(lower, value, handed_out)) or lower != "cookie")
        ]
        return HttpRequest(
            self.request.method,
            urlunsplit(urlsplit(self.request.url)._replace(path=path)),
            [*headers, (b"content-length", str(len(content)).encode())],
            content,
        )


def learn(sender: Callable[[], Sender | None], request: HttpRequest) -> Route | None:
    """The route of a live request; None where its connection can't be copied faithfully.

    `sender` copies it.
    """
    if request.is_signed:
        return None  # a signature of this very body
    copied = sender()
    return None if copied is None else Route(copied, request)


def difference(
    sent: HttpRequest, asked: HttpRequest, handed_out: frozenset[str] = cookies.KNOWN
) -> list[str]:
    """What differs of two requests beside their bodies: `address`, and the names of headers.

    Nothing where they ask the same place in the same way. Cookies named in `handed_out` are the
    provider's, and what a client says of itself or of one try is no difference either.
    """
    before, after = _lasting(sent.headers, handed_out), _lasting(asked.headers, handed_out)
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    return ["address"] * (sent.url != asked.url) + [f"header {name}" for name in names]


def _lasting(headers: RawHeaders, handed_out: frozenset[str]) -> dict[str, bytes]:
    return {
        lower: own
        for name, value in headers
        if not _of_one_request(lower := name.decode("latin-1").lower())
        and not lower.startswith(_OF_THE_CLIENT)
        and ((own := _without_cookies(lower, value, handed_out)) or lower != "cookie")
    }


def _without_cookies(name: str, value: bytes, handed_out: frozenset[str]) -> bytes:
    return cookies.without(value, handed_out) if name == "cookie" else value


def _of_one_request(name: str) -> bool:
    return name in _OF_ONE_REQUEST or any(part in name for part in _OF_ONE_TRY)
