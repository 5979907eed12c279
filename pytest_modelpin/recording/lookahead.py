"""Sending ahead what the next tests will ask, while the present one runs.

Worker threads send the requests that production's recordings foretell, in the order of the tests,
and keep each reply until its test asks. What a test asks is compared, headers and body, with what
was sent; only for the very same request does it get the reply.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from pytest_modelpin.providers.reply import Reply
from pytest_modelpin.recording.flight import Fetched, Flight, Key, fetch_ahead
from pytest_modelpin.recording.foreseen import Origin, Step, Upcoming
from pytest_modelpin.recording.open_tape import Place
from pytest_modelpin.recording.outgoing import Outgoing
from pytest_modelpin.recording.owner import SHARED, Owner
from pytest_modelpin.recording.route import Route, learn, same
from pytest_modelpin.recording.traffic import BudgetSpent, Traffic

_WINDOW = 2
"""Requests sent or ready to be sent and not yet asked for, at most, as a multiple of the jobs."""
_TOLERATED = 10
"""Replies that nobody asked for before it is looked whether most are in vain."""

_GRACE = 0.5  # seconds for the threads to end; one that waits for a reply is left to itself


class LookAhead:
    """The requests sent ahead in one process. `close` ends it."""

    def __init__(self, traffic: Traffic, foresee: Callable[[Upcoming], list[list[Step]]]) -> None:
        self._traffic = traffic
        self._foresee = foresee
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._order: dict[Owner, int] = {}
        self._tests = 0
        self._upcoming: deque[tuple[int, Upcoming]] = deque()
        self._parked: dict[Origin, list[tuple[int, Upcoming]]] = {}
        self._stranded: dict[Origin, list[Flight]] = {}
        """Those that were about to be sent when it showed that their way is no longer right."""
        self._routes: dict[Origin, Route] = {}
        self._transports: list[Any] = []
        self._ready: list[tuple[int, int, int, int, Flight]] = []
        self._flights: dict[Key, Flight] = {}
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._now = (0, 0)
        """Order and sample of the test that runs."""
        self._closed = False
        self.taken = 0
        self.unused = 0
        self.differing = 0

    # What the session tells

    def plan(self, upcoming: Iterable[Upcoming]) -> None:
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
            for flight in [
                flight
                for flight in self._flights.values()
                if (flight.order, flight.sample) < self._now
            ]:
                self._drop(flight)
            while self._upcoming and self._upcoming[0][0] < self._now[0]:
                self._upcoming.popleft()
            if self.unused > max(_TOLERATED, self.taken):
                self._closed = True
            self._changed.notify_all()

    def close(self) -> None:
        """Send nothing more; what was sent and not asked for is counted as unused."""
        with self._changed:
            self._closed = True
            for flight in list(self._flights.values()):
                self._drop(flight)
            self._changed.notify_all()
        for transport in self._transports:
            transport.close()
        deadline = time.monotonic() + _GRACE
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    @property
    def is_sending(self) -> bool:
        """Whether requests are sent ahead: a provider's refusal may then be of our making."""
        return bool(self._routes) and not self._closed

    def notes(self) -> list[str]:
        """What the run's reader must know of it."""
        notes = []
        if self.unused:
            replies = "1 reply was" if self.unused == 1 else f"{self.unused} replies were"
            notes.append(f"{replies} fetched ahead and not used.")
        if self.differing:
            requests = "1 request" if self.differing == 1 else f"{self.differing} requests"
            notes.append(f"{requests} differed from what production's recordings foretold.")
        return notes

    # What a live request asks

    def find(self, owner: Owner, place: Place, outgoing: Outgoing, request: Any) -> Flight | None:
        """The flight that brings the reply to a test's request; None where it is to go live."""
        key = (owner, place.sample, place.asked, place.fingerprint, place.ordinal)
        with self._changed:
            flight = self._flights.pop(key, None)
            if flight is None:
                return None
            self._changed.notify_all()
            if flight.request is None:
                flight.dropped = True
                return None
            if outgoing.body == flight.step.body and same(flight.request, request):
                return flight
            self.unused += 1
            self.differing += 1
            self._routes.pop(flight.step.origin, None)  # the live request will teach it anew
            return None

    def wait(self, flight: Flight) -> Fetched | None:
        """Its reply; None where none came, so that the test's request has to go itself."""
        flight.settled.wait()
        with self._changed:
            self.taken += flight.fetched is not None
        return flight.fetched

    def lesson(
        self, owner: Owner, outgoing: Outgoing, request: Any, transport: Any, library: ModuleType
    ) -> Callable[[], None] | None:
        """What to call once a live request was answered well: from then on its way is known."""
        with self._changed:
            if self._closed or transport is None or owner not in self._order:
                return None
            order = self._order[owner]
        # Only the recording tells whether this is one of the foreseen requests.
        upcoming = Upcoming(owner, names=() if outgoing.selected is None else (outgoing.name,))
        steps = [step for script in self._foresee(upcoming) for step in script]
        step = next((step for step in steps if step.fingerprint == outgoing.fingerprint), None)
        with self._changed:
            if step is None:
                self.differing += bool(steps and self._routes)
                return None
            if step.origin in self._routes:
                return None
        origin = step.origin

        def teach() -> None:
            route = learn(library, transport, request)
            if route is not None:
                self._learn(origin, route, order)

        return teach

    def _learn(self, origin: Origin, route: Route, order: int) -> None:
        with self._changed:
            if self._closed or origin in self._routes:
                return
            self._routes[origin] = route
            self._transports.append(route.transport)
            parked = [each for each in self._parked.pop(origin, ()) if each[0] >= order]
            self._upcoming.extendleft(reversed(parked))
            for flight in self._stranded.pop(origin, ()):
                if not flight.dropped:
                    self._queue(flight)
            self._employ()
            self._changed.notify_all()

    # What the worker threads do

    def _employ(self) -> None:
        """One more thread, where none is idle."""
        if self._idle == 0 and len(self._threads) < self._traffic.jobs:
            thread = threading.Thread(target=self._work, name="modelpin-ahead", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while (flight := self._next()) is not None:
            try:
                self._fly(flight)
            finally:
                flight.settled.set()

    def _next(self) -> Flight | None:
        while True:
            with self._changed:
                if self._closed:
                    return None
                if self._ready:
                    flight = heapq.heappop(self._ready)[-1]
                    route = self._routes.get(flight.step.origin)
                    if flight.dropped:
                        continue
                    if route is None:
                        self._stranded.setdefault(flight.step.origin, []).append(flight)
                        continue
                    flight.request = route.build(flight.step.path, flight.step.body)
                    return flight
                if not self._upcoming or len(self._flights) >= _WINDOW * self._traffic.jobs:
                    self._idle += 1
                    self._changed.wait()
                    self._idle -= 1
                    continue
                order, upcoming = self._upcoming.popleft()
            scripts = self._foresee(upcoming)
            with self._changed:
                self._prepare(order, upcoming, scripts)

    def _prepare(self, order: int, upcoming: Upcoming, scripts: list[list[Step]]) -> None:
        for script in scripts:
            if not script:
                continue
            if script[0].origin not in self._routes:
                self._parked.setdefault(script[0].origin, []).append((order, upcoming))
                continue
            for sample in range(1, upcoming.samples + 1):
                self._push(Flight(order, sample, script, 0, upcoming.owner))

    def _push(self, flight: Flight) -> None:
        # The running sample asks by itself: it is a step ahead of whoever would look ahead for it.
        if (flight.order, flight.sample) <= self._now and flight.turn == 0:
            return
        if self._closed or flight.key in self._flights:
            return
        self._flights[flight.key] = flight
        self._queue(flight)

    def _queue(self, flight: Flight) -> None:
        heapq.heappush(
            self._ready,
            (flight.order, flight.sample, flight.turn, next(self._numbers), flight),
        )
        self._employ()
        self._changed.notify()

    def _drop(self, flight: Flight) -> None:
        self._flights.pop(flight.key, None)
        flight.dropped = True
        self.unused += flight.request is not None

    def _fly(self, flight: Flight) -> None:
        with self._changed:
            route = self._routes.get(flight.step.origin)
        if route is None:
            return
        try:
            fetched = fetch_ahead(flight, route, self._traffic)
        except BudgetSpent:
            with self._changed:
                flight.request = None
            return
        if fetched is not None:
            flight.fetched = fetched
            self._follow(flight, fetched.reply)

    def _follow(self, flight: Flight, reply: Reply) -> None:
        """Send the next turn ahead, where the reply is what it was when the test was recorded."""
        turn = flight.turn + 1
        if turn < len(flight.script) and flight.step.is_answered_alike(reply):
            with self._changed:
                if flight.script[turn].origin in self._routes:
                    self._push(
                        Flight(flight.order, flight.sample, flight.script, turn, flight.owner)
                    )
