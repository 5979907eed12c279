"""The watch over replies that take too long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from unittest import mock

import pytest

from pytest_modelpin.live.reply_limits import Alarm, DeadlinePassed, Watch
from pytest_modelpin.live.throttle import Throttle

SOON, PATIENCE = 0.02, 10.0


def rings(watch: Watch, seconds: float, act: Callable[[], object]) -> None:
    """Sets an alarm that calls itself off when it has rung."""
    alarms: list[Alarm] = []

    def once() -> None:
        act()
        alarms[0]._act = None

    alarms.append(watch.after(seconds, once))


def test_alarms_ring_in_order_of_their_times_and_not_once_called_off() -> None:
    watch, rang, last = Watch(), [], threading.Event()
    late = watch.after(2.0, last.set)
    rings(watch, 1.0, lambda: rang.append("second"))
    rings(watch, SOON, lambda: rang.append("first"))
    off = watch.after(SOON, lambda: rang.append("never"))
    off.off()
    assert last.wait(PATIENCE)
    assert rang == ["first", "second"]
    assert late.rang
    assert not off.rang


def test_an_alarm_is_called_off_at_the_end_of_its_block() -> None:
    watch, rang, later = Watch(), [], threading.Event()
    with watch.over(SOON, lambda: rang.append("never")) as alarm:
        pass
    watch.after(SOON * 2, later.set)
    assert later.wait(PATIENCE)
    assert (rang, alarm.rang) == ([], False)


def test_an_alarm_rings_until_it_is_called_off() -> None:
    watch, rings = Watch(), threading.Semaphore(0)
    with watch.over(SOON, rings.release):
        assert rings.acquire(timeout=PATIENCE)
        assert rings.acquire(timeout=PATIENCE)


def test_a_stopped_clock_stops_no_alarm() -> None:
    watch, rang = Watch(), threading.Event()
    with mock.patch("time.monotonic", return_value=1.0):
        watch.after(SOON, rang.set)
        assert rang.wait(PATIENCE)


def test_a_request_that_is_held_back_ends_with_its_test_s_time() -> None:
    throttle = Throttle(jobs=1)
    throttle.enter("gpt")
    with mock.patch("pytest_modelpin.live.throttle.monotonic", side_effect=[0.0, 0.0, 9.0, 9.0]):
        admission = throttle.admission("gpt", 5.0)
        with mock.patch.object(admission, "_sign") as sign, pytest.raises(DeadlinePassed):
            admission.wait()
    sign.wait.assert_called_once_with(5.0)
