"""The ways to providers, learned from tests' own live requests, and which each expected one goes.

Recordings hold neither headers nor keys, and the host may have moved. What a test really sends
tells them; its connection settings are copied into a transport of our own, because a client may be
closed as soon as its test ends. There is one route for each set of headers that tests really send:
a test most likely sends what its other parameters and samples send, or else what other tests of its
file do; where a provider is asked in one way only, everybody asks in that one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Protocol, TypeVar
from urllib.parse import urlsplit, urlunsplit

from pytest_modelpin.live.expected_requests import Origin, UpcomingTest
from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.recordings.exchange import (
    KNOWN_COOKIES,
    HttpRequest,
    RawHeaders,
    StoredReply,
    cookies_set,
    without_cookies,
)
from pytest_modelpin.recordings.outgoing import is_signed
from pytest_modelpin.recordings.owner import Owner

_OF_ONE_REQUEST = frozenset({"content-length", "transfer-encoding", "traceparent", "tracestate"})
_OF_ONE_CONNECTION = frozenset({"connection", "keep-alive"})
_OF_ONE_TRY = ("request-id", "idempotency", "retry-count", "trace", "baggage", "timeout")
"""Parts of the names of headers that differ from request to request and never change a reply."""
_OF_THE_CLIENT = ("user-agent", "x-stainless-", "x-goog-api-client", "x-fern-")
"""How the names of headers begin in which SDKs say what they are: synchronous or not, and by which
of their methods they were called."""

_MOST_MISTAKES = 2
"""Of the way of one test function: it asks in several, and nothing more is sent ahead for it."""

_MOST_ROUTES = 8
"""To one provider; some clients send a header that no two requests share."""

_File = tuple[Origin, Path, str]
_Function = tuple[Origin, Path, str, str]


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
        self, path: str, body: JSON, handed_out: frozenset[str] = KNOWN_COOKIES
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
    if is_signed(request):
        return None  # a signature of this very body
    copied = sender()
    return None if copied is None else Route(copied, request)


def difference(
    sent: HttpRequest, asked: HttpRequest, handed_out: frozenset[str] = KNOWN_COOKIES
) -> list[str]:
    """What differs of two requests beside their bodies: `address`, and the names of headers.

    Nothing where they ask the same place in the same way. Cookies named in `handed_out` are the
    provider's, and what a client says of itself or of one try is no difference either.
    """
    before, after = _lasting(sent, handed_out), _lasting(asked, handed_out)
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    return ["address"] * (sent.url != asked.url) + [f"header {name}" for name in names]


def _lasting(request: HttpRequest, handed_out: frozenset[str]) -> dict[str, bytes]:
    """Without the host where it is the address's: who hands a child's request on leaves it out."""
    address = urlsplit(request.url)
    at = {address.netloc, f"{address.hostname}:{443 if address.scheme == 'https' else 80}"}
    return {
        lower: own
        for name, value in request.headers
        if not _of_one_request(lower := name.decode("latin-1").lower())
        and not lower.startswith(_OF_THE_CLIENT)
        and lower not in _OF_ONE_CONNECTION
        and not (lower == "host" and value.decode("latin-1").lower() in at)
        and ((own := _without_cookies(lower, value, handed_out)) or lower != "cookie")
    }


def _without_cookies(name: str, value: bytes, handed_out: frozenset[str]) -> bytes:
    return without_cookies(value, handed_out) if name == "cookie" else value


def _of_one_request(name: str) -> bool:
    return name in _OF_ONE_REQUEST or any(part in name for part in _OF_ONE_TRY)


@dataclass(slots=True)
class Routes:
    """What is known of the ways to providers; not safe for threads by itself."""

    handed_out: frozenset[str] = KNOWN_COOKIES
    """Names of the cookies that providers set."""
    _known: dict[Origin, list[Route]] = field(default_factory=dict)
    _of_file: dict[_File, Route] = field(default_factory=dict)
    _of_function: dict[_Function, Route | None] = field(default_factory=dict)
    """None where its way has turned out to be another, which is not known yet."""
    _mistakes: Counter[_Function] = field(default_factory=Counter)

    def __bool__(self) -> bool:
        """Whether any is known."""
        return bool(self._known)

    def note_cookies(self, headers: Mapping[str, str] | RawHeaders) -> None:
        """A provider's reply has these headers."""
        self.handed_out |= cookies_set(headers)

    def of(self, origin: Origin, owner: Owner) -> Route | None:
        """The way that a test's request most likely goes; None where that is not known."""
        function = _function(origin, owner)
        if self._mistakes[function] >= _MOST_MISTAKES:
            return None
        if function in self._of_function:
            return self._of_function[function]
        known = self._known.get(origin, ())
        alone = known[0] if len(known) == 1 else None
        return self._of_file.get(function[:3], alone)

    def known(self, origin: Origin, request: HttpRequest) -> Route | None:
        """The route on which a live request goes; None for a set of headers that is new."""
        return next(
            (
                route
                for route in self._known.get(origin, ())
                if not difference(route.request, _at(route, request), self.handed_out)
            ),
            None,
        )

    def is_full(self, origin: Origin) -> bool:
        """Whether a provider is asked in so many ways that no more are learned."""
        return len(self._known.get(origin, ())) >= _MOST_ROUTES

    def take(self, origin: Origin, owner: Owner, route: Route) -> None:
        """A test's live request went this way, whether it was known before or not."""
        known = self._known.setdefault(origin, [])
        if route not in known:
            known.append(route)
        function = _function(origin, owner)
        self._of_function[function] = self._of_file[function[:3]] = route

    def mistaken(self, origin: Origin, owner: Owner, route: Route, asked: HttpRequest) -> None:
        """What was sent ahead this way is not what the test asks."""
        function = _function(origin, owner)
        if self.of(origin, owner) is not route:
            return  # that has been noticed
        self._mistakes[function] += 1
        self._of_function[function] = self.known(origin, asked)


class Prefetchable(Protocol):
    """A request that may be sent ahead."""

    owner: Owner
    dropped: bool
    """Nobody will ask for it any more."""


Request = TypeVar("Request", bound=Prefetchable)


class Waiting(Generic[Request]):
    """What is sent ahead once its way is known; not safe for threads by itself."""

    def __init__(self) -> None:
        self._parked: dict[Origin, list[tuple[int, UpcomingTest]]] = {}
        self._stranded: dict[Origin, list[Request]] = {}

    def park(self, origin: Origin, order: int, upcoming: UpcomingTest) -> None:
        """A test of this order asks where no way is known."""
        self._parked.setdefault(origin, []).append((order, upcoming))

    def strand(self, origin: Origin, request: Request) -> None:
        """It was about to be sent when it showed that its way is no longer right."""
        self._stranded.setdefault(origin, []).append(request)

    def leave(
        self, origin: Origin, order: int, routes: Routes
    ) -> tuple[list[tuple[int, UpcomingTest]], list[Request]]:
        """The tests from this order on, by order, and the requests whose way is known by now."""
        parked = [each for each in self._parked.pop(origin, ()) if each[0] >= order]
        stranded = [each for each in self._stranded.pop(origin, ()) if not each.dropped]
        tests, requests = [], []
        for test in parked:
            if routes.of(origin, test[1].owner) is None:
                self.park(origin, *test)
            else:
                tests.append(test)
        for request in stranded:
            if routes.of(origin, request.owner) is None:
                self.strand(origin, request)
            else:
                requests.append(request)
        return sorted(tests, key=lambda test: test[0]), requests


def _function(origin: Origin, owner: Owner) -> _Function:
    return origin, owner.folder, owner.module, owner.name.partition("[")[0]


def _at(route: Route, request: HttpRequest) -> HttpRequest:
    """The request as it would be at the path of the route's own: the model may stand in it."""
    path = urlsplit(route.request.url).path
    url = urlunsplit(urlsplit(request.url)._replace(path=path))
    return HttpRequest(request.method, url, request.headers, b"")
