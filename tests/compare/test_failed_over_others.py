"""Tests that ask no model and judge what others were told."""

from dataclasses import replace

import pytest

from pytest_modelpin.compare.failed_over_others import failed_over_others
from pytest_modelpin.results.case import Case
from pytest_modelpin.results.run import Run

PIN = Run({}, (Case("test_fee", ()),))


@pytest.mark.parametrize(
    ("beside_pin", "beside_candidate", "named"),
    [
        ((), ("test_accuracy",), "test_accuracy, which asks no model itself, "),
        ((), ("test_a", "test_b"), "test_a, test_b, which ask no model themselves, "),
        (("test_accuracy",), ("test_accuracy",), ""),  # whatever that is, it is no candidate's
        (("test_accuracy",), (), ""),
        ((), ("test_fee",), ""),  # it asks, beside the pin: that is compared as its case
    ],
)
def test_who_fails_beside_the_candidate_alone_is_named(beside_pin, beside_candidate, named):
    before = replace(PIN, failed_unasked=beside_pin)
    after = replace(PIN, cases=(), failed_unasked=beside_candidate)
    said = " ".join(failed_over_others(before, after))
    assert said.startswith(named)
    assert bool(said) == bool(named)
