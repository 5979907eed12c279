"""Figures as a person reads them."""

import pytest

from pytest_modelpin.report.findings import seconds


@pytest.mark.parametrize(
    ("time", "shown"), [(0, "0 ms"), (0.0071, "7 ms"), (0.0994, "99 ms"), (0.1, "0.10 s")]
)
def test_a_short_time_is_told_in_thousandths(time, shown):
    assert seconds(time) == shown
