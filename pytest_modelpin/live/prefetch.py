"""One request sent ahead, from the recording that foretold it to the reply that came."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from pytest_modelpin.live.decoding import decoded
from pytest_modelpin.live.foreseen import Step
from pytest_modelpin.live.overload import TOO_MUCH, overloaded
from pytest_modelpin.live.route import Route
from pytest_modelpin.live.throttle import Throttle
from pytest_modelpin.providers.reply import Reply
from pytest_modelpin.recordings.owner import Owner

_TRIES_REFUSED = 30  # while the provider says "later"
_TRIES_BROKEN = 3  # after errors and broken connections
_PAUSE = 0.5  # seconds before the second of these, twice as long before the third

Key = tuple[Owner, int, str, str, int]
"""Owner, sample, id asked, fingerprint, ordinal: which request of the run it is."""


@dataclass(frozen=True, slots=True)
class PrefetchedReply:
    """A reply as it came over the wire."""

    status: int
    headers: Any
    chunks: list[bytes]
    extensions: dict[str, Any]
    seconds: float
    """From sending the request to the last byte, of the try that succeeded."""
    reply: Reply


@dataclass(slots=True, eq=False)
class Prefetch:
    """One request sent ahead, or about to be."""

    order: int
    """Of its test among those that will run."""
    sample: int
    script: list[Step]
    turn: int
    """Which step of the script it is."""
    owner: Owner
    request: Any = None
    """What was sent; None as long as nothing was."""
    dropped: bool = False
    """Nobody will ask for it any more."""
    fetched: PrefetchedReply | None = None
    settled: threading.Event = field(default_factory=threading.Event)
    """Set once the reply is here, or none will come."""

    @property
    def step(self) -> Step:
        """The recorded request that foretold it."""
        return self.script[self.turn]

    @property
    def key(self) -> Key:
        """What a test's request finds it by."""
        step = self.step
        return self.owner, self.sample, step.asked, step.fingerprint, step.ordinal


def fetch_ahead(prefetch: Prefetch, route: Route, throttle: Throttle) -> PrefetchedReply | None:
    """Send a prefetch's request until it is answered; None where its test is to ask itself.

    What a provider refuses for now is tried again at the pace it names, what broke a few times.
    Raises BudgetSpent.
    """
    refused = broken = 0
    while refused < _TRIES_REFUSED and broken < _TRIES_BROKEN and not prefetch.dropped:
        fetched, later = _try(prefetch, route, throttle)
        if fetched is not None:
            return fetched
        refused += later
        broken += not later
        if not later and broken < _TRIES_BROKEN:
            time.sleep(_PAUSE * broken)
    return None


def _try(
    prefetch: Prefetch, route: Route, throttle: Throttle
) -> tuple[PrefetchedReply | None, bool]:
    """The reply, or whether the provider said "later"."""
    step, provider = prefetch.step, prefetch.step.provider
    permit = throttle.enter(step.asked, ahead=True)
    started = time.perf_counter()
    try:
        response = route.transport.handle_request(prefetch.request)
        later = overloaded(provider, response.status_code, response.headers)
        try:
            chunks = list(response.stream)
        finally:
            response.close()
        permit.arrived(response.status_code, response.headers)
    except Exception:
        permit.over(None)
        return None, False
    content = decoded(route.library, response.headers, chunks)
    reply = provider.read(step.path, step.body, response.status_code, response.headers, content)
    permit.over(reply)
    if later or (reply.error is not None and reply.status < 400):
        return None, response.status_code in TOO_MUCH
    seconds = time.perf_counter() - started
    extensions = {
        name: value
        for name, value in response.extensions.items()
        if name in ("http_version", "reason_phrase")
    }
    return (
        PrefetchedReply(response.status_code, response.headers, chunks, extensions, seconds, reply),
        False,
    )
