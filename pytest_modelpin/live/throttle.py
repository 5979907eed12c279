"""Admission of live requests: the pace that providers allow, and the budget, for all of a process.

Those that a test waits for go before those that are sent ahead.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_modelpin.clock import monotonic
from pytest_modelpin.live.budget import Budget
from pytest_modelpin.live.deadline import DeadlinePassed
from pytest_modelpin.live.overload import COUNTED, TOO_MUCH
from pytest_modelpin.live.pace import Pace
from pytest_modelpin.providers.reply import Reply

_LONGEST_DOUBT = 60.0  # seconds that a request waits for others to show what it may cost


class BudgetSpent(Exception):
    """A request was not sent: its reply might have passed the budget."""


class Throttle:
    """The live requests of one process; its methods may be called from any thread."""

    def __init__(self, jobs: int, budget: Budget | None = None) -> None:
        self.jobs = jobs
        self.budget = Budget() if budget is None else budget
        self._pace = Pace(jobs)
        self._changed = threading.Condition()
        self._waiting = 0
        self._closed = False

    def enter(self, asked: str, until: float | None = None, *, ahead: bool = False) -> Permit:
        """Wait until a request to the id `asked` may be sent.

        Raises BudgetSpent, and DeadlinePassed at the time `until` of the monotonic clock.
        """
        with self._changed:
            self._waiting += not ahead
            try:
                self._wait(asked, until, ahead)
            finally:
                self._waiting -= not ahead
            now = monotonic()
            self._pace.start(now)
            self.budget.reserve(asked)
        return Permit(self, asked, now)

    def close(self) -> None:
        """Nothing more is sent ahead."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _wait(self, asked: str, until: float | None, ahead: bool) -> None:
        doubtful_until = monotonic() + _LONGEST_DOUBT
        while True:
            now = monotonic()
            left = None if until is None else until - now
            if left is not None and left <= 0:
                raise DeadlinePassed
            affords = self.budget.affords(asked)
            spent = affords is False or (affords is None and now > doubtful_until)
            if spent or (ahead and self._closed):
                self.budget.refused += spent and not ahead
                raise BudgetSpent(self.budget.refusal() if spent else "")
            if affords is None:
                self._changed.wait(_sooner(1.0, left))
                continue
            delay = self._pace.delay(now)
            if ahead and self._waiting:
                delay = None
            if delay == 0:
                return
            self._changed.wait(_sooner(delay, left))

    def _arrived(self, permit: Permit, status: int, headers: Mapping[str, str]) -> None:
        with self._changed:
            now = monotonic()
            self._pace.end()
            if status in TOO_MUCH:
                self._pace.refused(now, headers, permit.started, counted=status == COUNTED)
            else:
                self._pace.accepted(now, headers)
            self._changed.notify_all()

    def _broke(self) -> None:
        with self._changed:
            self._pace.end()
            self._changed.notify_all()

    def _book(self, permit: Permit, reply: Reply | None) -> None:
        with self._changed:
            self.budget.book(permit.asked, reply)
            self._changed.notify_all()


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


def _sooner(one: float | None, other: float | None) -> float | None:
    """The shorter of two waits, where None is one without an end."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
