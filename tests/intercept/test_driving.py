"""Waiting for a request's turn in an event loop."""

from __future__ import annotations

import threading

import anyio
import pytest

from pytest_modelpin.intercept.door import Wait
from pytest_modelpin.intercept.driving import _wait

pytestmark = pytest.mark.parametrize("backend", ["asyncio", "trio"])


def test_what_waits_in_an_event_loop_keeps_no_process_from_its_end(backend: str) -> None:
    """By anyio's thread, which under nest_asyncio nobody stopped, pytest hung behind its report."""
    thread = anyio.run(_wait, Wait(threading.current_thread), backend=backend)
    assert thread is not threading.current_thread()
    assert thread.daemon


def test_what_it_raises_is_raised_there(backend: str) -> None:
    def refuse() -> None:
        raise pytest.fail.Exception("not recorded")

    with pytest.raises(pytest.fail.Exception, match="not recorded"):
        anyio.run(_wait, Wait(refuse), backend=backend)


def test_who_is_cancelled_waits_no_longer(backend: str) -> None:
    never = threading.Event()

    async def cancelled() -> bool:
        with anyio.move_on_after(0.01) as scope:
            await _wait(Wait(lambda: never.wait(30)))
        return scope.cancelled_caught

    assert anyio.run(cancelled, backend=backend)
    never.set()
