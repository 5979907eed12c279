"""Sending ahead what the next tests will ask, while the present one runs.

Worker threads send the requests that production's recordings hold, in the order of the tests,
and keep each reply until its test asks. What a test asks is compared, headers and body, with what
was sent; only for the very same request does it get the reply.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping

from pytest_modelpin.clock import monotonic
from pytest_modelpin.live.expected_requests import (
    Differences,
    ExpectedRequests,
    Origin,
    Script,
    UpcomingTest,
    differing_fields,
)
from pytest_modelpin.live.pace import NotSent
from pytest_modelpin.live.prefetch import Key, Prefetch, PrefetchedReply, fetch_ahead
from pytest_modelpin.live.reply_limits import REPLY_SECONDS, DeadlinePassed
from pytest_modelpin.live.routes import Route, Routes, Sender, Waiting, difference, learn
from pytest_modelpin.live.throttle import Throttle
from pytest_modelpin.providers.wire import Reply
from pytest_modelpin.recordings.capture import OpenCapture, RequestKey
from pytest_modelpin.recordings.exchange import HttpRequest, RawHeaders
from pytest_modelpin.recordings.outgoing import Outgoing
from pytest_modelpin.recordings.owner import SHARED, Owner
from pytest_modelpin.wording import counted

_WINDOW = 2
"""Requests sent or ready to be sent and not yet asked for, at most, as a multiple of the jobs."""
_TOLERATED = 10
"""Replies that nobody asked for before it is looked whether most are in vain."""

_GRACE = 0.5  # seconds for the threads to end; one that waits for a reply is left to itself


class LookAhead:
    """The requests sent ahead in one process. `close` ends it."""

    def __init__(
        self,
        throttle: Throttle,
        expected_requests: Callable[[UpcomingTest], list[Script]],
        seconds: float = REPLY_SECONDS,
    ) -> None:
        """No reply may take longer than `seconds`."""
        self._seconds = seconds
        self._throttle = throttle
        self._expected = ExpectedRequests(expected_requests)
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._order: dict[Owner, int] = {}
        self._tests = 0
        self._upcoming: deque[tuple[int, UpcomingTest]] = deque()
        self._waiting: Waiting[Prefetch] = Waiting()
        self._routes = Routes()
        self._senders: list[Sender] = []
        self._ready: list[tuple[int, int, int, int, Prefetch]] = []
        self._prefetches: dict[Key, Prefetch] = {}
        self._sent: set[Prefetch] = set()
        """Those of them that were sent."""
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._now = (0, 0)
        """Order and sample of the test that runs."""
        self._closed = False
        self.taken = 0
        self.unused = 0
        self._differences = Differences()
        self._broke: str | None = None
        """The mistake of ours that ended it."""

    # What the session tells

    def plan(self, upcoming: Iterable[UpcomingTest]) -> None:
        """These tests will run, in this order, after those planned before; known ones stay."""
        with self._changed:
            for each in upcoming:
                if each.owner not in self._order:
                    self._order[each.owner] = self._tests
                    self._upcoming.append((self._tests, each))
                    self._tests += not each.shared
            self._changed.notify_all()

    def begin(self, owner: Owner, sample: int) -> None:
        """A test starts: what was sent ahead for those before it is not asked for any more."""
        with self._changed:
            if owner not in self._order or owner.name.endswith(SHARED):
                return
            self._now = (self._order[owner], sample)
            for prefetch in list(self._prefetches.values()):
                if (prefetch.order, prefetch.sample) < self._now:
                    self._drop(prefetch)
            while self._upcoming and self._upcoming[0][0] < self._now[0]:
                self._upcoming.popleft()
            if self.unused > max(_TOLERATED, self.taken):
                self._closed = True
            self._changed.notify_all()

    def close(self) -> None:
        """Send nothing more; what was sent and not asked for is counted as unused."""
        with self._changed:
            self._closed = True
            for prefetch in list(self._prefetches.values()):
                self._drop(prefetch)
            self._changed.notify_all()
        for sender in self._senders:
            sender.close()
        deadline = monotonic() + _GRACE
        for thread in self._threads:
            thread.join(max(0.0, deadline - monotonic()))

    @property
    def is_sending(self) -> bool:
        """Whether requests are sent ahead: a provider's refusal may then be of our making."""
        return bool(self._routes) and not self._closed

    def notes(self) -> list[str]:
        """What the run's reader must know of it."""
        notes = []
        if self.unused:
            replies = counted(self.unused, "reply was", "replies were")
            notes.append(f"{replies} fetched ahead and not used.")
        if self._broke:
            notes.append(
                f"look-ahead stopped by a mistake of its own ({self._broke}): from then on each "
                "test waited for its own requests. Please report it."
            )
        return notes + self._differences.notes()

    # What a live request asks

    def find(
        self, owner: Owner, request_key: RequestKey, outgoing: Outgoing, request: HttpRequest
    ) -> Prefetch | None:
        """The prefetch that brings the reply to a test's request; None where it is to go live."""
        with self._changed:
            prefetch = self._prefetches.pop((owner, request_key), None)
            if prefetch is None:
                return None
            self._sent.discard(prefetch)
            self._changed.notify()
            if prefetch.request is None or prefetch.route is None:
                prefetch.dropped = True
                return None
            other = difference(prefetch.request, request, self._routes.handed_out)
            fields = differing_fields(prefetch.step.body, outgoing.body)
            if not other and not fields:
                return prefetch
            self.unused += 1
            self._differences.sent_twice(owner, other + fields)
            if other:
                self._routes.mistaken(prefetch.step.origin, owner, prefetch.route, request)
            return None

    def wait(self, prefetch: Prefetch, seconds: float) -> PrefetchedReply | None:
        """Its reply; None where none came, so that the test's request has to go itself.

        Waits no longer than so many seconds.
        """
        prefetch.settled.wait(max(0.0, seconds))
        with self._changed:
            if prefetch.fetched is None:
                prefetch.dropped = True  # nobody waits for it any more
            else:
                self.taken += 1
        return prefetch.fetched

    def lesson(
        self,
        capture: OpenCapture,
        outgoing: Outgoing,
        request: HttpRequest,
        sender: Callable[[], Sender | None],
    ) -> Callable[[Mapping[str, str]], None] | None:
        """What to call with the headers of a live request's reply, where it was answered well.

        From then on its way is known. Behind a fresh answer a request may quote that.
        """
        owner = capture.owner
        with self._changed:
            if self._closed or owner not in self._order:
                return None
            order = self._order[owner]
        # Only the recording tells whether this is one of the expected requests.
        steps = self._expected.steps(owner, () if outgoing.selected is None else (outgoing.name,))
        if (step := steps.get(outgoing.fingerprint)) is None:
            with self._changed:
                if steps and self._routes and not capture.heard_fresh():
                    recorded = [each.body for each in steps.values()]
                    self._differences.unexpected(owner, outgoing.body, recorded)
            return self._note_cookies
        origin = step.origin

        def teach(headers: Mapping[str, str]) -> None:
            self._note_cookies(headers)
            with self._changed:
                known = self._routes.known(origin, request)
                if known is None and self._routes.is_full(origin):
                    return
            route = known or learn(sender, request)
            if route is not None:
                self._learn(origin, owner, route, order)

        return teach

    def _note_cookies(self, headers: Mapping[str, str] | RawHeaders) -> None:
        with self._changed:
            self._routes.note_cookies(headers)

    def _learn(self, origin: Origin, owner: Owner, route: Route, order: int) -> None:
        with self._changed:
            before = self._routes.of(origin, owner)
            route = self._routes.known(origin, route.request) or route
            if self._closed:
                return
            self._routes.take(origin, owner, route)
            if route.sender not in self._senders:
                self._senders.append(route.sender)
            if before is route:
                return
            self._unpark(origin, order)
            self._employ()
            self._changed.notify_all()

    def _unpark(self, origin: Origin, order: int) -> None:
        """Have those sent, from a test on, whose way is known by now."""
        parked, stranded = self._waiting.leave(origin, order, self._routes)
        self._upcoming.extendleft(reversed(parked))
        for prefetch in stranded:
            self._queue(prefetch)

    # What the worker threads do

    def _employ(self) -> None:
        """One more thread, where none is idle."""
        if self._idle == 0 and len(self._threads) < self._throttle.jobs:
            thread = threading.Thread(target=self._work, name="modelpin-ahead", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                return  # the system has no more threads; those that there are go on
            self._threads.append(thread)

    def _work(self) -> None:
        try:
            while (prefetch := self._next()) is not None:
                try:
                    self._fetch(prefetch)
                finally:
                    prefetch.settled.set()
        except Exception as mistake:  # a test must neither hang nor fail because of it
            with self._changed:
                self._broke = self._broke or type(mistake).__name__
                self._closed = True
                self._changed.notify_all()

    def _next(self) -> Prefetch | None:
        while True:
            with self._changed:
                if self._closed:
                    return None
                full = len(self._sent) >= _WINDOW * self._throttle.jobs
                # Parked tests are back before those that went on meanwhile, and fill the window.
                first = self._upcoming[0][0] if self._upcoming else self._tests
                if self._ready and not full and self._ready[0][0] <= first:
                    prefetch = heapq.heappop(self._ready)[-1]
                    if prefetch.dropped:
                        continue
                    step = prefetch.step
                    route = self._routes.of(step.origin, prefetch.owner)
                    if route is None:
                        self._waiting.strand(step.origin, prefetch)
                        continue
                    handed_out = self._routes.handed_out
                    prefetch.request = route.build(step.path, step.body, handed_out)
                    prefetch.route = route
                    self._sent.add(prefetch)
                    return prefetch
                if full or not self._upcoming:
                    self._idle += 1
                    self._changed.wait()
                    self._idle -= 1
                    continue
                order, upcoming = self._upcoming.popleft()
            scripts = self._expected.scripts(upcoming)
            with self._changed:
                self._prepare(order, upcoming, scripts)

    def _prepare(self, order: int, upcoming: UpcomingTest, scripts: list[Script]) -> None:
        for script in scripts:
            if not script:
                continue
            if self._routes.of(script[0].origin, upcoming.owner) is None:
                self._waiting.park(script[0].origin, order, upcoming)
                continue
            for sample in range(1, upcoming.samples + 1):
                self._push(Prefetch(order, sample, script, 0, upcoming.owner))

    def _push(self, prefetch: Prefetch) -> None:
        # The running sample asks by itself: it is a step ahead of whoever would look ahead for it.
        if (prefetch.order, prefetch.sample) <= self._now and prefetch.turn == 0:
            return
        if self._closed or prefetch.key in self._prefetches:
            return
        self._prefetches[prefetch.key] = prefetch
        self._queue(prefetch)

    def _queue(self, prefetch: Prefetch) -> None:
        place = (prefetch.order, prefetch.sample, prefetch.turn, next(self._numbers), prefetch)
        heapq.heappush(self._ready, place)
        self._employ()
        self._changed.notify()

    def _drop(self, prefetch: Prefetch) -> None:
        self._prefetches.pop(prefetch.key, None)
        self._sent.discard(prefetch)
        prefetch.dropped = True
        self.unused += prefetch.request is not None

    def _fetch(self, prefetch: Prefetch) -> None:
        try:
            fetched = fetch_ahead(prefetch, self._throttle, self._seconds)
        except NotSent:
            with self._changed:
                self._sent.discard(prefetch)
                prefetch.request = None
            return
        except DeadlinePassed:
            return
        if fetched is not None:
            self._note_cookies(fetched.stored.headers)
            prefetch.fetched = fetched
            self._queue_next(prefetch, fetched.reply)

    def _queue_next(self, prefetch: Prefetch, reply: Reply) -> None:
        """Send the next turn ahead, where the reply is what it was when the test was recorded."""
        script, owner, turn = prefetch.script, prefetch.owner, prefetch.turn + 1
        if turn < len(script) and prefetch.step.is_answered_alike(reply):
            with self._changed:
                if self._routes.of(script[turn].origin, owner) is not None:
                    self._push(Prefetch(prefetch.order, prefetch.sample, script, turn, owner))
