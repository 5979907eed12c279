"""How long one reply, and one test, may keep us waiting.

A provider that answers a byte at a time, or never stops, passes every timeout of a client, since
those count from byte to byte. One thread watches all replies under way, and breaks off the
connection of one that takes too long.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from pytest_modelpin.clock import monotonic

REPLY_SECONDS = 600.0
"""For one reply, where nobody says otherwise: as long as the SDKs of the big providers wait."""

TEST_REPLIES = 3
"""A test's live calls may take as long as so many of its longest replies, all together."""


class DeadlinePassed(Exception):
    """A reply, or a test's replies together, took longer than they may."""


_AGAIN = 0.2  # seconds between two rings of an alarm


class Alarm:
    """Something to do at a time, and again until it is called off.

    Once may be too soon: a connection that is still being made can't be broken off.
    """

    __slots__ = ("_act", "_lock", "rang")

    def __init__(self, act: Callable[[], object]) -> None:
        self._act: Callable[[], object] | None = act
        self._lock = threading.Lock()
        self.rang = False

    @property
    def is_off(self) -> bool:
        """Whether it was called off."""
        return self._act is None

    def off(self) -> None:
        """Call it off; nothing is under way any more once this returns."""
        with self._lock:
            self._act = None  # it holds on to a reply, and the watch to it for some minutes more

    def ring(self) -> None:
        """Do it now, unless it was called off meanwhile."""
        with self._lock:
            if self._act is not None:
                self.rang = True
                with contextlib.suppress(Exception):  # one must not end the watch over the others
                    self._act()


class Watch:
    """The alarms of one process, rung by one thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, Alarm]] = []
        self._numbers = itertools.count()
        self._running = False

    @staticmethod
    def shared() -> Watch:
        """The one for this process; a forked child has its own, since threads are not forked."""
        return _watch_of(os.getpid())

    def after(self, seconds: float, act: Callable[[], object]) -> Alarm:
        """Have `act` called in another thread in so many seconds."""
        alarm = Alarm(act)
        with self._changed:
            self._push(alarm, seconds)
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="modelpin-watch", daemon=True).start()
            elif self._due[0][2] is alarm:
                self._changed.notify()
        return alarm

    @contextmanager
    def over(self, seconds: float, act: Callable[[], object]) -> Iterator[Alarm]:
        """As `after`, called off at the end of the block."""
        alarm = self.after(seconds, act)
        try:
            yield alarm
        finally:
            alarm.off()

    def _push(self, alarm: Alarm, seconds: float) -> None:
        heapq.heappush(self._due, (monotonic() + seconds, next(self._numbers), alarm))

    def _run(self) -> None:
        while True:
            with self._changed:
                while self._due and self._due[0][2].is_off:
                    heapq.heappop(self._due)
                if not self._due:
                    self._changed.wait()
                    continue
                wait = self._due[0][0] - monotonic()
                if wait > 0:
                    self._changed.wait(wait)
                    continue
                alarm = heapq.heappop(self._due)[2]
                self._push(alarm, _AGAIN)
            alarm.ring()


@cache
def _watch_of(process: int) -> Watch:
    return Watch()
