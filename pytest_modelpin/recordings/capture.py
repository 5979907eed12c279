"""What one sample of a test hears from models: while it runs, and finished."""

from __future__ import annotations

import itertools
import os
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from pytest_modelpin.clock import monotonic
from pytest_modelpin.recordings.exchange import NOT_AWAITED, Exchange
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.registry.selection import RecordMode, Selected

if TYPE_CHECKING:
    from pytest_modelpin.recordings.recorded_exchanges import RecordedExchanges

_GIVEN_OUT = r"(?=.*[\d_])[\w.\-]{6,}"
"""An id as providers give them out: `resp_68af…`, `file-abc123`, `msgbatch_01…`."""

_numbers = itertools.count(1)


class CapturedCall(NamedTuple):
    """One reply that a test got, fresh or replayed."""

    name: str
    """The logical name in models.yml, or the bare id where models.yml does not name the model."""
    exchange: Exchange
    fresh: bool
    fingerprint: str
    """Of the request without its model: equal prompts have equal fingerprints."""
    version: str = ""
    """The model version whose folder holds the exchange, or will."""
    answered_by: str | None = None
    """The version that answered a pin, where it is another."""
    record: RecordMode = "none"
    side: bool = False
    """Whether this is a side call's reply, which is recorded and is no model's answer."""
    cached: str = ""
    """The header by which a cache on the way to the provider says that it answered in its place."""

    @property
    def from_model(self) -> bool:
        """Whether a model was asked for it in this run."""
        return self.fresh and not self.cached and self.exchange.response != NOT_AWAITED


Cause = Literal["provider", "key", "model", "budget", "time"]
"""What keeps an answer from a test: the provider's overload, outage or broken connection; a key
that it refuses; a model or address that it does not know; the budget, or the time, that was up
before the request was sent, so that it says nothing of the provider."""
NEVER_SENT: frozenset[Cause | None] = frozenset({"budget", "time"})


class Trouble(NamedTuple):
    """A request that a provider did not answer."""

    name: str
    """As in `CapturedCall`."""
    what: str
    """The HTTP status, or the class of the exception: `429`, `ReadTimeout`."""
    message: str
    """Short and redacted."""
    given_up: bool = False
    """Whether the client did not wait for the answer, so that nobody failed it."""
    cause: Cause = "provider"

    @property
    def said(self) -> str:
        """Who did not answer, and why: `gpt: 503 overloaded`."""
        return f"{self.name}: {self.what} {self.message}".strip()


class UnusedExchanges(NamedTuple):
    """What a sample left unused in its test's own recording, at `path`, of a version in force."""

    path: Path
    exchanges: tuple[int, ...] | None
    """Their indexes in the file; None where the sample asked that version nothing at all."""
    alike: tuple[int, ...] = ()
    """Those of other samples that ask the same: unused, too, unless their own sample asks it."""


class Capture(NamedTuple):
    """One sample of one test, finished."""

    owner: Owner
    sample: int
    calls: tuple[CapturedCall, ...] = ()
    """In the order in which the requests started."""
    misses: tuple[str, ...] = ()
    """Why a request could not be replayed, each as shown to the user."""
    trouble: tuple[Trouble, ...] = ()
    """Overload, outages, timeouts and broken connections that no later try made good."""
    refused: tuple[Trouble, ...] = ()
    """Replies that are recorded for tests that expect them, though no test can have its answer:
    redirects, successes that hold nothing, and statuses that say of no key, no money, no access, no
    such model, or that a proxy or gateway gives."""
    kept: tuple[str, ...] = ()
    """What gave it, in a live run, something that was kept before: `joblib's cache of topic`."""
    unused: tuple[UnusedExchanges, ...] = ()
    """Tells something only of a sample that passed: another may have stopped before it asked."""
    write: Write | None = None
    """Set by the interceptor."""

    @property
    def answers(self) -> tuple[CapturedCall, ...]:
        """What models answered: the calls without side calls and without redirects."""
        return tuple(
            call
            for call in self.calls
            if not call.side and not 300 <= call.exchange.response.status < 400
        )

    def save(self, *, lost: bool = False) -> tuple[Path, ...]:
        """Write the fresh replies to their recordings; returns the files that changed.

        Nothing is written where the sample was `lost`: what a test heard before a provider failed
        is no recording of it. Raises RecordingError where a file can't be written.
        """
        return () if self.write is None else tuple(self.write(self, lost))


Write = Callable[[Capture, bool], Sequence[Path]]
"""Writes a sample's fresh replies, or hears that it was lost; gives the files that changed."""


class RequestKey(NamedTuple):
    """Which of a sample's requests this is; the same in every run of an unchanged test."""

    asked: str
    fingerprint: str
    sample: int
    ordinal: int
    """How many requests of the same fingerprint the sample started before, from 0."""


class _Repeats:
    """The requests of one fingerprint."""

    __slots__ = ("failed", "started")

    def __init__(self) -> None:
        self.started = 0
        self.failed: list[int] = []
        """Ordinals whose last try failed and that no further try has taken up, oldest first."""


class OpenCapture:
    """Collects what one sample hears, from whatever thread or task."""

    def __init__(
        self,
        owner: Owner,
        sample: int,
        names: Iterable[str],
        only: Selected | None = None,
        *,
        is_shared: bool = False,
        behind: Sequence[CapturedCall] = (),
    ) -> None:
        """`is_shared`: its owner is a fixture that several tests use, after it has ended.

        `behind`: what it heard as it was set up, where it comes to its end now.
        """
        self.number = next(_numbers)
        """Names it, from 1, to what it starts."""
        self.is_shared = is_shared
        self.only = only
        self.owner = owner
        self.sample = sample
        self._behind = behind
        self.names = list(names)
        self.thread = threading.get_ident()
        """The thread in which the test runs."""
        self.ended = threading.Event()  # the sample hears nothing any more
        self.kept: dict[str, None] = {}
        self._process = os.getpid()
        self._live_since: float | None = None
        self._answer_begun = False
        self._lock = threading.Lock()
        self._repeats: dict[tuple[str, str], _Repeats] = {}
        # By request_key, in order of start: a retry keeps the place of its first try.
        self._calls: dict[RequestKey, CapturedCall | None] = {}
        self._trouble: dict[RequestKey, Trouble] = {}
        self._refused: dict[RequestKey, Trouble] = {}
        self._misses: list[str] = []
        self._recorded: dict[tuple[str, bool], RecordedExchanges] = {}
        self._unfinished: dict[RequestKey, Callable[[], None]] = {}

    def start(self, asked: str, fingerprint: str) -> RequestKey:
        """Of a request; a further try of a failed request gets the key of the failed."""
        with self._lock:
            repeats = self._repeats.setdefault((asked, fingerprint), _Repeats())
            if repeats.failed:
                ordinal = repeats.failed.pop(0)
            else:
                ordinal = repeats.started
                repeats.started += 1
            request_key = RequestKey(asked, fingerprint, self.sample, ordinal)
            self._calls.setdefault(request_key, None)
            return request_key

    def recorded(
        self, name: tuple[str, bool], make: Callable[[], RecordedExchanges]
    ) -> RecordedExchanges:
        """The test's recordings for an id that is, or is not, a pin; read from disk once."""
        with self._lock:
            if name not in self._recorded:
                self._recorded[name] = make()
            return self._recorded[name]

    def under_way(
        self, request_key: RequestKey, finish: Callable[[], None], *, answers: bool = False
    ) -> None:
        """Note how to finish a reply that the test may leave unread.

        `answers`: a model's answer is coming in, of which the test may have read the most already.
        """
        with self._lock:
            self._unfinished[request_key] = finish
            self._answer_begun |= answers

    def add(
        self, request_key: RequestKey, call: CapturedCall, refused: Trouble | None = None
    ) -> None:
        """Note a reply; it makes good the trouble of former tries."""
        with self._lock:
            self._unfinished.pop(request_key, None)
            self._trouble.pop(request_key, None)
            self._calls[request_key] = call
            if refused is not None:
                self._refused[request_key] = refused

    def fail(self, request_key: RequestKey, trouble: Trouble) -> None:
        """Note that a try of a request failed."""
        with self._lock:
            self._unfinished.pop(request_key, None)
            self._repeats[request_key.asked, request_key.fingerprint].failed.append(
                request_key.ordinal
            )
            self._trouble[request_key] = trouble

    def amend(self, request_key: RequestKey, trouble: Trouble) -> None:
        """Say more about a failed try, unless a further try made it good meanwhile."""
        with self._lock:
            if request_key in self._trouble:
                self._trouble[request_key] = trouble

    def withdraw(self, request_key: RequestKey) -> None:
        """Forget a request that turned out to ask no model."""
        with self._lock:
            self._unfinished.pop(request_key, None)
            if self._calls.get(request_key) is None:
                self._calls.pop(request_key, None)
            self._repeats[request_key.asked, request_key.fingerprint].failed.append(
                request_key.ordinal
            )

    def live_since(self) -> float:
        """When the sample first asked live, by `clock.monotonic`: now, where it never did."""
        with self._lock:
            if self._live_since is None:
                self._live_since = monotonic()
            return self._live_since

    def is_elsewhere(self) -> bool:
        """Whether this is a forked child's copy, of which the test's process hears nothing."""
        return os.getpid() != self._process

    def miss(self, message: str) -> None:
        """Note that a request could not be replayed."""
        with self._lock:
            self._misses.append(message)

    def misses(self) -> tuple[str, ...]:
        """Why requests could not be replayed so far."""
        return tuple(self._misses)

    def names_called(self) -> tuple[str, ...]:
        """The logical models that answered so far, in order of their first answer."""
        with self._lock:
            calls = (call for call in self._calls.values() if call and not call.side)
            return tuple(dict.fromkeys(each.name for each in calls))

    def heard_fresh(self) -> bool:
        """Whether any model has answered live so far, or has begun to."""
        with self._lock:
            return self._answer_begun or any(
                call.fresh and not call.side for call in self._calls.values() if call
            )

    def source_of(self, path: str) -> CapturedCall | None:
        """The reply that gave out an id which stands in `path`: what is polled belongs to it."""
        ids = [f'"{id}"'.encode() for id in path.split("/") if re.fullmatch(_GIVEN_OUT, id)]
        with self._lock:
            calls = [*self._behind, *filter(None, self._calls.values())]
        given = (c for c in reversed(calls) if any(id in c.exchange.response.content for id in ids))
        return next(given, None)

    def unused(
        self, version: str, own_file: Callable[[Owner, str], Path | None]
    ) -> UnusedExchanges | None:
        """What the sample left unused in its own recording; None where that is nothing."""
        with self._lock:
            recorded = self._recorded.get((version, True)) or self._recorded.get((version, False))
            if recorded is None:
                path = own_file(self.owner, version)
                return UnusedExchanges(path, None) if path else None
            asked = ((key, each) for (id, key), each in self._repeats.items() if id == version)
            times = {fingerprint: repeats.started for fingerprint, repeats in asked}
        return recorded.unused(self.sample, times)

    def finish(self, write: Write, unused: Sequence[UnusedExchanges] = ()) -> Capture:
        """Finish replies that were left unread, and hand over what was heard."""
        self.ended.set()
        for finish in tuple(self._unfinished.values()):
            finish()
        with self._lock:
            calls = [call for call in self._calls.values() if call]
            return Capture(
                owner=self.owner,
                sample=self.sample,
                calls=_in_one_folder(calls) if any(each.fresh for each in calls) else tuple(calls),
                misses=tuple(self._misses),
                trouble=tuple(self._trouble.values()),
                refused=tuple(self._refused.values()),
                kept=tuple(self.kept),
                unused=tuple(unused),
                write=write,
            )


def _in_one_folder(calls: Sequence[CapturedCall]) -> tuple[CapturedCall, ...]:
    """The calls, fresh replies that name no model in the folder of the version that answered it.

    An alias's version is known by its answers only, and all of them move with one bump.
    """
    versions = {call.name: call.version for call in calls if call.fresh and not call.side}
    versions |= {call.name: call.version for call in calls if call.exchange.served is not None}
    return tuple(
        call._replace(version=versions.get(call.name, call.version))
        if call.fresh and (call.side or call.exchange.served is None)
        else call
        for call in calls
    )
