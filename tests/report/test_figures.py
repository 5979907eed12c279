"""Figures as a person reads them."""

import pytest

from pytest_modelpin.report.figures import dollars, seconds


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (1240.4, "$1,240"),
        (12.4, "$12.40"),
        (1.2, "$1.20"),
        (0.188, "$0.188"),
        (0.0123456, "$0.0123"),
        (0.0000123, "$0.0000123"),
        (0, "$0.00"),
    ],
)
def test_an_amount_keeps_what_tells_two_apart(amount, shown):
    assert dollars(amount) == shown


@pytest.mark.parametrize(
    ("time", "shown"), [(0, "0 ms"), (0.0071, "7 ms"), (0.0994, "99 ms"), (0.1, "0.10 s")]
)
def test_a_short_time_is_told_in_thousandths(time, shown):
    assert seconds(time) == shown
