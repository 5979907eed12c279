"""Clocks that no test can stop.

A test may freeze time or patch `time.monotonic`, and whoever waits by that clock then waits for
ever. These functions come from a second copy of the `time` module, which nobody else can reach by
name: patching `time` leaves them alone, and so does freezegun, which replaces what it finds in
other modules by identity.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib.machinery import BuiltinImporter
from importlib.util import module_from_spec
from types import ModuleType
from typing import TypeVar

__all__ = [
    "in_time",
    "monotonic",
    "perf_counter",
    "sleep",
    "time",
    "utc_now",
    "utc_text",
    "utc_today",
]


Given = TypeVar("Given")


def _own_copy() -> ModuleType:
    spec = BuiltinImporter.find_spec("time")
    assert spec is not None, "time is built in"
    assert spec.loader is not None, "and has a loader"
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_time = _own_copy()
monotonic: Callable[[], float] = _time.monotonic
perf_counter: Callable[[], float] = _time.perf_counter
sleep: Callable[[float], None] = _time.sleep
time: Callable[[], float] = _time.time
# Within a list, freezegun does not find the class to replace it.
_DATETIME = [datetime]


def in_time(seconds: float, ask: Callable[[], Given]) -> Given:
    """What `ask` gives or raises; TimeoutError where that takes longer than so many seconds.

    A client's own timeouts count from byte to byte, and an answer may come a byte at a time. It is
    then left to a thread that nobody waits for.
    """
    given: list[Given] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            given.append(ask())
        except BaseException as error:  # for whoever waits, who may know it
            raised.append(error)

    asking = threading.Thread(target=run, daemon=True)
    asking.start()
    asking.join(seconds)
    if raised:
        raise raised[0]
    if not given:
        raise TimeoutError(f"no whole answer within {seconds:.0f} seconds")
    return given[0]


def utc_now() -> datetime:
    """The moment in UTC, whatever a test makes of `datetime`."""
    return _DATETIME[0].fromtimestamp(time(), UTC)


def utc_text() -> str:
    """The moment as the ledger keeps it: ISO 8601 in UTC, to milliseconds."""
    return utc_now().isoformat(timespec="milliseconds")


def utc_today() -> date:
    """The day in UTC, as recordings and nights count days."""
    return utc_now().date()
