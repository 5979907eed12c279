"""A test that waits for what a miss has ended is ended, too.

In a thread, a task or a process of its own a miss is an ordinary exception (`failing`). Code that
lets it end a worker there may leave the test waiting, on a queue say, for ever. That test has
failed by then; where it goes on for half a minute all the same, a signal to its thread ends it.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence
from threading import Timer
from types import FrameType

SECONDS = 30.0
"""That a test has to come to its end by itself, counted by a clock that no test can stop."""

_NUMBER: signal.Signals | None = getattr(signal, "SIGURG", None)
"""Ignored where nobody listens, and used by hardly anybody. Windows has none: there a test that
waits goes on waiting."""


class MayBeEnded:
    """A block that runs a test's own code: its call, its tear-down, a fixture's set-up."""

    __slots__ = ("is_due", "miss", "timer")

    def __init__(self, misses: Sequence[str] = ()) -> None:
        """`misses` are those that the test has heard of before."""
        self.miss = misses[0] if misses else ""
        self.is_due = False
        self.timer: Timer | None = None

    def __enter__(self) -> None:
        _running.append(self)
        if self.miss:
            _wind(self)

    def __exit__(self, *_: object) -> None:
        _running.remove(self)
        if self.timer is not None:
            self.timer.cancel()


_running: list[MayBeEnded] = []
"""The innermost last: a test may run tests."""


def listen() -> Callable[[], None]:
    """From now on, tests that wait in this thread are ended; gives what takes that back.

    Python handles signals in the main thread alone.
    """
    if _NUMBER is None or threading.current_thread() is not threading.main_thread():
        return lambda: None
    number, before = _NUMBER, signal.signal(_NUMBER, _end)

    def take_back() -> None:
        signal.signal(number, signal.SIG_DFL if before is None else before)

    return take_back


def missed_elsewhere(miss: str) -> None:
    """Something that the running test may wait for hears of a miss; the test has failed by it."""
    block = _running[-1] if _running else None
    if block is not None and block.timer is None:
        block.miss = miss
        _wind(block)


def _wind(block: MayBeEnded) -> None:
    def tell() -> None:
        if block in _running and _NUMBER is not None:
            block.is_due = True
            signal.pthread_kill(threading.main_thread().ident or 0, _NUMBER)

    block.timer = Timer(SECONDS, tell)
    block.timer.daemon = True
    block.timer.start()


def _end(number: int, frame: FrameType | None) -> None:
    block = _running[-1] if _running else None
    if block is None or not block.is_due:
        return
    block.is_due = False
    _wind(block)  # its code may catch this, too, and wait again
    import pytest

    pytest.fail(
        f"{block.miss}\nThe test still ran {SECONDS:g} seconds after that, as one does that waits "
        "for a worker which this has ended, and was stopped.",
        pytrace=False,
    )
