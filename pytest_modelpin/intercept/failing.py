"""Failing a test from within its own call to a model, past whatever stands in between.

SDKs catch `Exception` and try again: as an ordinary exception, Anthropic's client retried a miss
three times and then said only "Connection error.". `pytest.fail`'s exception is no `Exception` and
passes. But where it would kill what runs the call (a worker of `multiprocessing.Pool`, the event
loop in the thread of a web framework's test client), its death hides the reason or hangs the
test. There an ordinary exception is raised, and the test fails by what is noted on its capture.
"""

from __future__ import annotations

import sys
import threading
from typing import NoReturn

from pytest_modelpin.recordings.open_capture import OpenCapture


class ModelCallFailed(Exception):
    """A call to a model that was neither replayed nor sent; can be pickled."""


def fail(message: str, capture: OpenCapture | None) -> NoReturn:
    """Note a miss on the capture and fail the test."""
    if capture is not None:
        capture.miss(message)
    raise failure(message, capture)


def failure(message: str, capture: OpenCapture | None) -> BaseException:
    """What to raise here to fail the test with this message."""
    if capture is not None and (capture.is_elsewhere() or _in_a_loop_of_another_thread(capture)):
        return ModelCallFailed(message)
    import pytest

    return pytest.fail.Exception(message, pytrace=False)


def _in_a_loop_of_another_thread(capture: OpenCapture) -> bool:
    """Whether an event loop that is not the test's own would hear the exception.

    It runs in this thread, or awaits it: anyio hands what a worker thread raises to its loop.
    """
    if threading.get_ident() == capture.thread:
        return False
    if type(threading.current_thread()).__module__.startswith("anyio."):
        return True
    asyncio = sys.modules.get("asyncio")
    if asyncio is not None and asyncio._get_running_loop() is not None:
        return True
    trio = sys.modules.get("trio")
    return trio is not None and bool(trio.lowlevel.in_trio_run())
