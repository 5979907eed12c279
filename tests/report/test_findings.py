"""Figures as a person reads them."""

import pytest

from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.report.findings import seconds, shown_pair


@pytest.mark.parametrize(
    ("time", "shown"), [(0, "0 ms"), (0.0071, "7 ms"), (0.0994, "99 ms"), (0.1, "0.10 s")]
)
def test_a_short_time_is_told_in_thousandths(time, shown):
    assert seconds(time) == shown


def test_two_times_are_told_in_one_unit():
    """As `0.12 s -> 63 ms` a reader had to work out which is longer."""
    assert shown_pair(Drift("latency", "info", "", 0.12, 0.063)) == ("0.12 s", "0.06 s")
    assert shown_pair(Drift("latency", "info", "", 0.02, 0.063)) == ("20 ms", "63 ms")
