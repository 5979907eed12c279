"""Admission of live requests: the pace that providers allow, and the budget, for all of a process.

Those that a test waits for go before those that are sent ahead; otherwise whoever came first goes
first. Each waits for a sign of its own: what happens to one request wakes the next in line, never
all of them.
"""

from __future__ import annotations

import itertools
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pytest_modelpin.clock import monotonic
from pytest_modelpin.live.pace import COUNTED, TOO_MUCH, NotSent, Pace
from pytest_modelpin.live.reply_limits import DeadlinePassed
from pytest_modelpin.providers.wire import Reply, Usage
from pytest_modelpin.wording import counted, dollars

_LONGEST_DOUBT = 60.0
"""Seconds that a request waits for others to show what it may cost, since one last did."""


class Throttle:
    """The live requests of one process; its methods may be called from any thread."""

    def __init__(self, jobs: int, budget: Budget | None = None) -> None:
        self.jobs = jobs
        self.budget = Budget() if budget is None else budget
        self._pace = Pace(jobs)
        self._lock = threading.Lock()
        self._tickets = itertools.count()
        self._lines: dict[tuple[bool, str], deque[Admission]] = {}
        """Who waits, in order: by whether it is sent ahead, and by the id that it asks."""
        self._told_at = monotonic()
        """When a reply last told what it cost."""
        self._closed = False

    def admission(
        self, asked: str, until: float | None = None, *, ahead: bool = False
    ) -> Admission:
        """A place in the line for a request to the id `asked`; see `Admission.wait`.

        `until` is a time of the monotonic clock.
        """
        return Admission(self, asked, until, ahead, next(self._tickets))

    def enter(self, asked: str, until: float | None = None, *, ahead: bool = False) -> Permit:
        """Wait until a request to the id `asked` may be sent.

        Raises NotSent, and DeadlinePassed at the time `until` of the monotonic clock.
        """
        return self.admission(asked, until, ahead=ahead).wait()

    def close(self) -> None:
        """Nothing more is sent ahead."""
        with self._lock:
            self._closed = True
            self._admit(monotonic())

    def _admit(self, now: float) -> None:
        """Let go whoever may go now, and have the next one wake when the pace allows it."""
        while (head := self._head(now)) is not None:
            delay = self._pace.delay(now)
            if delay is None:
                return
            if delay > 0:
                head.wake_at(now + delay)
                return
            self._pace.start(now)
            self.budget.reserve(head.asked)
            self._leave(head)
            head.settle(Permit(self, head.asked, now))

    def _head(self, now: float) -> Admission | None:
        """Who goes next; those that the budget can't pay any more are sent away."""
        heads = []
        for (ahead, asked), line in list(self._lines.items()):
            rest = self._pace.rest_of(asked, now) if self._pace.left_alone else 0.0
            too_soon = self._pace.too_soon(asked, now) if rest else ""
            if too_soon or (ahead and self._closed):
                self._turn_away(list(line), too_soon)
            elif rest:
                line[0].wake_at(now + rest)
            elif affords := self.budget.affords(asked):
                heads.append(line[0])
            elif affords is False:
                self._turn_away(list(line))
            elif (ends := max(self._told_at, line[0].since) + _LONGEST_DOUBT) <= now:
                self._turn_away([line[0]])
            else:
                line[0].wake_at(ends)
        if any(not ahead for ahead, _ in self._lines):
            heads = [head for head in heads if not head.ahead]
        return min(heads, key=lambda head: head.ticket, default=None)

    def _turn_away(self, those: list[Admission], too_soon: str | None = None) -> None:
        for each in those:
            self._leave(each)
            if too_soon is None and not each.ahead:
                self.budget.refused[each.asked] += 1
            if too_soon is None:
                each.settle(NotSent(self.budget.refusal(), "budget"))
            else:
                each.settle(NotSent(too_soon))

    def _join(self, admission: Admission) -> None:
        self._lines.setdefault((admission.ahead, admission.asked), deque()).append(admission)

    def _leave(self, admission: Admission) -> None:
        line = self._lines[admission.ahead, admission.asked]
        line.remove(admission)  # mostly the first
        if not line:
            del self._lines[admission.ahead, admission.asked]

    def _arrived(self, permit: Permit, status: int, headers: Mapping[str, str]) -> None:
        with self._lock:
            now = monotonic()
            self._pace.end()
            if status in TOO_MUCH:
                counts = status == COUNTED
                self._pace.refused(now, headers, permit.started, permit.asked, counted=counts)
            else:
                self._pace.accepted(now, headers, permit.asked)
            if self._lines:
                self._admit(now)

    def _broke(self) -> None:
        with self._lock:
            self._pace.end()
            self._admit(monotonic())

    def _book(self, permit: Permit, reply: Reply | None) -> None:
        with self._lock:
            self.budget.book(permit.asked, reply)
            self._told_at = monotonic()
            if self._lines:
                self._admit(self._told_at)


class Admission:
    """One request's place in the line, from its arrival until it may be sent.

    Whoever stops waiting for it says so with `abandon`; nothing is then held for it any more.
    """

    __slots__ = (
        "_outcome",
        "_sign",
        "_throttle",
        "_until",
        "_wakes_at",
        "ahead",
        "asked",
        "since",
        "ticket",
    )

    def __init__(
        self, throttle: Throttle, asked: str, until: float | None, ahead: bool, ticket: int
    ) -> None:
        self.asked = asked
        self.ahead = ahead
        self.ticket = ticket
        self.since = monotonic()
        self._throttle = throttle
        self._until = until
        self._sign = threading.Event()
        self._outcome: Permit | Exception | None = None
        self._wakes_at: float | None = None
        with throttle._lock:
            throttle._join(self)

    def at_once(self) -> Permit | None:
        """The permit, where the request may be sent without waiting; raises as `wait`."""
        with self._throttle._lock:
            return self._look(monotonic())

    def wait(self) -> Permit:
        """Wait until the request may be sent; may be called in another thread.

        Raises NotSent, and DeadlinePassed at its time or once it was abandoned.
        """
        while True:
            with self._throttle._lock:
                now = monotonic()
                if (permit := self._look(now)) is not None:
                    return permit
                self._sign.clear()
                ends = [at for at in (self._until, self._wakes_at) if at is not None]
            self._sign.wait(min(ends) - now if ends else None)

    def abandon(self) -> None:
        """Nobody waits for it any more: its place, or what it was granted, is given back."""
        with self._throttle._lock:
            granted = self._outcome
            if granted is None:
                self._throttle._leave(self)
            self.settle(DeadlinePassed())
            self._throttle._admit(monotonic())
        if isinstance(granted, Permit):
            granted.over(None)

    def _look(self, now: float) -> Permit | None:
        if self._outcome is None and self._until is not None and now >= self._until:
            self._throttle._leave(self)
            self._outcome = DeadlinePassed()
            self._throttle._admit(now)  # it may have been the one to watch the clock
        if self._outcome is None:
            self._wakes_at = None
            self._throttle._admit(now)
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    # What the throttle tells, its lock held

    def settle(self, outcome: Permit | Exception) -> None:
        """It is decided."""
        self._outcome = outcome
        self._sign.set()

    def wake_at(self, when: float) -> None:
        """Have it look again at that time, or before."""
        if self._wakes_at is None or when < self._wakes_at:
            self._wakes_at = when
            self._sign.set()


@dataclass(slots=True)
class Permit:
    """One admitted request, from its sending to its reply."""

    throttle: Throttle
    asked: str
    started: float
    _under_way: bool = True
    _open: bool = True
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def arrived(self, status: int, headers: Mapping[str, str]) -> None:
        """The reply begins."""
        if self._take("_under_way"):
            self.throttle._arrived(self, status, headers)

    def over(self, reply: Reply | None) -> None:
        """The reply ended, or none came. A second call does nothing."""
        if self._take("_under_way"):
            self.throttle._broke()
        if self._take("_open"):
            self.throttle._book(self, reply)

    def _take(self, name: str) -> bool:
        with self._lock:
            was: bool = getattr(self, name)
            setattr(self, name, False)
            return was


Price = Callable[[Reply], float | None]
"""US dollars for a reply; None where its price is not known."""


@dataclass(slots=True)
class Budget:
    """Reserves what a request may cost before it is sent, and books what its reply did cost.

    A request is taken to cost as much as the dearest so far to the same model id; until the first
    reply has told, only one request to that id is under way.
    """

    usd: float | None = None
    """None: no limit."""
    price: Price = lambda reply: None
    spent: float = 0.0
    refused: Counter[str] = field(default_factory=Counter)
    """By id: requests that were not sent because they might have passed the limit."""
    unpriced: dict[str, str] = field(default_factory=dict)
    """Ids whose replies have no known price, so that the budget can't count them; each with the
    version that answered, by which replies are priced."""
    _dearest: dict[str, float] = field(default_factory=dict)
    _under_way: Counter[str] = field(default_factory=Counter)

    def affords(self, asked: str) -> bool | None:
        """Whether a request to `asked` may be sent; None where that shows once another ended."""
        if self.usd is None or asked in self.unpriced:
            return True
        if asked not in self._dearest:
            return None if self._under_way[asked] else self.spent < self.usd
        next_one = self._dearest[asked]
        if self.spent + next_one > self.usd:
            return False
        reserved = sum(count * self._dearest.get(id, 0.0) for id, count in self._under_way.items())
        return True if self.spent + reserved + next_one <= self.usd else None

    def reserve(self, asked: str) -> None:
        """A request to `asked` is sent."""
        self._under_way[asked] += 1

    def book(self, asked: str, reply: Reply | None) -> None:
        """Its reply; None where none came."""
        self._under_way[asked] -= 1
        if reply is None or reply.status >= 400:
            return
        cost = self.price(reply)
        if cost is None and reply.usage == Usage():
            # Broken off before it told its tokens: no sign that the price is unknown.
            cost = self._dearest.get(asked)
        if cost is None:
            self.unpriced[asked] = reply.served_model or asked
        else:
            self.unpriced.pop(asked, None)
            self.spent += cost
            self._dearest[asked] = max(cost, self._dearest.get(asked, 0.0))

    def refusal(self) -> str:
        """Why a request was not sent, as a sentence."""
        return (
            f"the budget of {dollars(self.usd or 0.0)} leaves no room for another call: "
            f"{dollars(self.spent)} is spent. Raise --model-budget, or run fewer tests or samples."
        )

    def notes(self) -> list[str]:
        """What the run's reader must know of it."""
        if self.usd is None:
            return []
        notes = []
        if self.refused:
            calls = ", ".join(
                f"{counted(times, 'call')} to {asked}"
                for asked, times in sorted(self.refused.items())
            )
            notes.append(
                f"the budget of {dollars(self.usd)} was reached at {dollars(self.spent)}: {calls} "
                f"{'was' if self.refused.total() == 1 else 'were'} not sent, and the samples that "
                "needed them are lost."
            )
        if self.unpriced:
            those = ", ".join(
                served if served == asked else f"{served} (which answers for {asked})"
                for asked, served in sorted(self.unpriced.items())
            )
            notes.append(
                f"the price of {those} is not known, so that the budget can't count "
                f"{'it' if len(self.unpriced) == 1 else 'them'}. Name it under `settings: prices:` "
                "in models.yml."
            )
        return notes
