from __future__ import annotations

import time
from datetime import UTC, datetime
from unittest import mock

import pytest
from freezegun import freeze_time

from pytest_modelpin import clock


def test_a_patched_clock_stops_none_of_ours() -> None:
    with mock.patch("time.monotonic", return_value=5.0), mock.patch("time.sleep"):
        before = clock.monotonic()
        clock.sleep(0.01)
        assert time.monotonic() == 5.0
        assert clock.monotonic() > before


def test_a_frozen_time_stops_none_of_ours() -> None:
    # It looks at all that is imported; the SDKs would import the rest of theirs when looked at.
    with freeze_time("2020-01-01", ignore=["openai", "anthropic", "google", "litellm"]):
        frozen = [clock.monotonic(), clock.perf_counter(), clock.time()]
        clock.sleep(0.01)
        assert datetime.now(UTC).year == 2020
        assert clock.utc_now().year > 2020
        moved = [clock.monotonic(), clock.perf_counter(), clock.time()]
    assert all(after > before for before, after in zip(frozen, moved, strict=True))


def test_what_takes_too_long_is_left_to_itself() -> None:
    began = clock.monotonic()
    with pytest.raises(TimeoutError):
        clock.in_time(0.05, lambda: clock.sleep(1.0))
    assert clock.monotonic() - began < 0.9
    assert clock.in_time(5.0, lambda: "said") == "said"
    with pytest.raises(KeyError):
        clock.in_time(5.0, lambda: {}["nothing"])
