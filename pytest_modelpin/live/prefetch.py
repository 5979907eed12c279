"""One request sent ahead, from the recorded request that it repeats to the reply that came."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_modelpin.clock import monotonic, perf_counter, sleep
from pytest_modelpin.live.expected_requests import ExpectedRequest, Script
from pytest_modelpin.live.pace import TOO_MUCH, overloaded
from pytest_modelpin.live.reply_limits import REPLY_BYTES, TEST_REPLIES, decoded
from pytest_modelpin.live.routes import Route
from pytest_modelpin.live.throttle import Throttle
from pytest_modelpin.providers.wire import Reply
from pytest_modelpin.recordings.capture import RequestKey
from pytest_modelpin.recordings.exchange import HttpRequest, StoredReply
from pytest_modelpin.recordings.owner import Owner

_TRIES_REFUSED = 30  # while the provider says "later"
_TRIES_BROKEN = 3  # after errors and broken connections
_PAUSE = 0.5  # seconds before the second of these, twice as long before the third

Key = tuple[Owner, RequestKey]
"""Which request of the run it is."""


@dataclass(frozen=True, slots=True)
class PrefetchedReply:
    """A reply as it came over the wire."""

    stored: StoredReply
    headers: Mapping[str, str]
    """By lower-case name."""
    seconds: float
    """From sending the request to the last byte, of the try that succeeded."""
    reply: Reply


@dataclass(slots=True, eq=False)
class Prefetch:
    """One request sent ahead, or about to be."""

    order: int
    """Of its test among those that will run."""
    sample: int
    script: Script
    turn: int
    """Which step of the script it is."""
    owner: Owner
    request: HttpRequest | None = None
    """What was sent; None as long as nothing was."""
    route: Route | None = None
    """The way that it was sent."""
    dropped: bool = False
    """Nobody will ask for it any more."""
    fetched: PrefetchedReply | None = None
    settled: threading.Event = field(default_factory=threading.Event)
    """Set once the reply is here, or none will come."""

    @property
    def step(self) -> ExpectedRequest:
        """The recorded request that it repeats."""
        return self.script[self.turn]

    @property
    def key(self) -> Key:
        """What a test's request finds it by."""
        step = self.step
        return self.owner, RequestKey(step.asked, step.fingerprint, self.sample, step.ordinal)


def fetch_ahead(prefetch: Prefetch, throttle: Throttle, seconds: float) -> PrefetchedReply | None:
    """Send a prefetch's request until it is answered; None where its test is to ask itself.

    What a provider refuses for now is tried again at the pace it names, what broke a few times.
    A reply may take so many seconds, and all tries together TEST_REPLIES times as long. Raises
    NotSent and DeadlinePassed.
    """
    refused = broken = 0
    until = monotonic() + seconds * TEST_REPLIES
    while refused < _TRIES_REFUSED and broken < _TRIES_BROKEN and not prefetch.dropped:
        fetched, later = _try(prefetch, throttle, seconds, until)
        if fetched is not None:
            return fetched
        refused += later
        broken += not later
        if not later and broken < _TRIES_BROKEN:
            sleep(_PAUSE * broken)
    return None


def _try(
    prefetch: Prefetch, throttle: Throttle, seconds: float, until: float
) -> tuple[PrefetchedReply | None, bool]:
    """The reply, or whether the provider said "later"."""
    step, provider = prefetch.step, prefetch.step.provider
    assert prefetch.request is not None, "what is fetched was built"
    assert prefetch.route is not None, "for its way"
    permit = throttle.enter(step.asked, until, ahead=True)
    started = perf_counter()
    try:
        stored = prefetch.route.sender.send(prefetch.request, seconds)
    except Exception:
        permit.over(None)
        return None, False
    headers = stored.by_name()
    permit.arrived(stored.status, headers)
    content = decoded(headers, stored.chunks, REPLY_BYTES)
    reply = provider.read(step.path, step.body, stored.status, headers, content)
    permit.over(reply)
    later = overloaded(provider, stored.status, headers)
    if later or (reply.error is not None and reply.status < 400):
        return None, stored.status in TOO_MUCH
    return PrefetchedReply(stored, headers, perf_counter() - started, reply), False
