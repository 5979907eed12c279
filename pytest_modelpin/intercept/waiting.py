"""A test that waits for what a miss has ended is ended, too.

In a thread, a task or a process of its own a miss is an ordinary exception (`failing`). Code that
lets it end a worker there may leave the test waiting, on a queue say, for ever; so may an event
loop that logs whatever ends a callback, as Twisted's does. That test has failed by then; where it
goes on for half a minute all the same, a signal to its thread ends it. Where that is swallowed,
too, again and again, or where there are no signals, the process ends with a sentence that says why.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Timer
from types import FrameType
from typing import Any, Self

# A test may fake them.
_dup, _close, _write, _exit, _getpid = os.dup, os.close, os.write, os._exit, os.getpid

SECONDS = 30.0
"""That a test has to come to its end by itself, counted by a clock that no test can stop."""

TRIES = 5
"""Signals before the process is ended, the later ones a third of `SECONDS` apart."""

_NUMBER: signal.Signals | None = getattr(signal, "SIGURG", None)
"""Ignored where nobody listens, and used by hardly anybody. Windows has none."""

_UNENDED = (
    "nothing can end it here"
    if _NUMBER is None
    else "something in it swallows whatever would end it"
)

_FAILED = 1
"""The exit code of pytest for tests that failed."""


class MayBeEnded:
    """A block that runs a test's own code: its call, its tear-down, a fixture's set-up."""

    __slots__ = ("greenlet", "is_due", "miss", "process", "timer", "tries")

    def __init__(self, misses: Sequence[str] = ()) -> None:
        """`misses` are those that the test has heard of before."""
        self.miss = misses[0] if misses else ""
        self.is_due = False
        self.tries = 0
        self.timer: Timer | None = None
        self.greenlet = _greenlet()
        self.process = _getpid()

    def __enter__(self) -> Self:
        _running.append(self)
        if self.miss:
            _start_timer(self)
        return self

    def __exit__(self, *_: object) -> None:
        _running.remove(self)
        if self.timer is not None:
            self.timer.cancel()


_running: list[MayBeEnded] = []
"""The innermost last: a test may run tests."""

_terminal: int | None = None
"""A descriptor of the standard error that no capture of pytest's stands before."""


def listen() -> Callable[[], None]:
    """From now on, tests that wait in this thread are ended; gives what takes that back.

    Python handles signals in the main thread alone.
    """
    if threading.current_thread() is not threading.main_thread():
        return lambda: None
    global _terminal
    outer = _terminal  # a test may run tests
    with suppress(OSError):  # there is none: pythonw, a daemon
        _terminal = _dup(2)
    number, before = _NUMBER, None if _NUMBER is None else signal.signal(_NUMBER, _end)

    def take_back() -> None:
        global _terminal
        if number is not None:
            signal.signal(number, signal.SIG_DFL if before is None else before)
        if _terminal is not None and _terminal != outer:
            _close(_terminal)
        _terminal = outer

    return take_back


def missed(miss: str) -> None:
    """The running test has failed by a miss, whoever hears of it.

    Does nothing in a forked child, which ends by itself.
    """
    block = _running[-1] if _running else None
    if block is not None and block.timer is None and block.process == _getpid():
        block.miss = miss
        _start_timer(block)


def _start_timer(block: MayBeEnded) -> None:
    def tell() -> None:
        if block not in _running:
            return
        block.tries += 1
        if block.tries > TRIES:
            _end_process(block)
        if _NUMBER is not None:
            block.is_due = True
            signal.pthread_kill(threading.main_thread().ident or 0, _NUMBER)
        _start_timer(block)  # its code may catch this, too, and wait again

    block.timer = Timer(SECONDS / 3 if block.tries else SECONDS, tell)
    block.timer.daemon = True
    block.timer.start()


def _end(number: int, frame: FrameType | None) -> None:
    block = _running[-1] if _running else None
    if block is None or not block.is_due:
        return
    block.is_due = False
    import pytest

    message = (
        f"{block.miss}\nThe test still ran {SECONDS:g} seconds after that, as one does that waits "
        "for a worker which this has ended, and was stopped."
    )
    waits = _of_test(block)
    if block.tries % 2 == 0 and waits is not _greenlet():
        # Raised here it was swallowed, as a hub of gevent's does it, and Twisted's reactor.
        waits.throw(pytest.fail.Exception(message, pytrace=False))
        return
    pytest.fail(message, pytrace=False)


def _end_process(block: MayBeEnded) -> None:
    """The last resort, as pytest-timeout has it: what is lost of the run would never have come."""
    message = (
        f"\n{block.miss}\nThe test went on long after that, and {_UNENDED}: pytest-modelpin ends "
        "this process, and its other tests are not run.\n"
    )
    with suppress(OSError):
        _write(2 if _terminal is None else _terminal, message.encode(errors="replace"))
    _exit(_FAILED)


def _greenlet() -> Any:
    """The greenlet that runs here; None where nobody has loaded greenlets."""
    loaded = sys.modules.get("greenlet")
    return None if loaded is None else loaded.getcurrent()


def _of_test(block: MayBeEnded) -> Any:
    """The greenlet that runs a block's test, to be called in its thread.

    Loaded since the test began: the first of its thread, from which all others come.
    """
    found = block.greenlet or _greenlet()
    while block.greenlet is None and found is not None and found.parent is not None:
        found = found.parent
    return found
