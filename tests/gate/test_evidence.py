"""What is summed up of a case over a version's nights."""

from __future__ import annotations

import pytest

from pytest_modelpin.gate.evidence import gather


def test_a_recording_that_every_night_replays_counts_once() -> None:
    case = gather([{"a": (4, 5, 3, 3)}] * 3).cases["a"]
    assert (case.pin_passes, case.pin_samples) == (4, 5)
    assert (case.passes, case.samples) == (9, 9)
    assert case.pin_spread == pytest.approx(1 / 5)
    assert case.spread == pytest.approx(1 / 9)


def test_a_recording_that_was_topped_up_is_not_taken_for_samples_drawn_each_night() -> None:
    nights = [{"a": (3, 3, 3, 3)}, {"a": (4, 5, 3, 3)}, {"a": (4, 5, 3, 3)}]
    case = gather(nights).cases["a"]
    assert (case.pin_passes, case.pin_samples) == (7, 8)
    # A third of the weight on the first recording, two thirds on the second.
    assert case.pin_spread == pytest.approx(1 / 9 / 3 + 4 / 9 / 5)
    assert case.difference == pytest.approx(1 - (1 / 3 + 2 / 3 * 4 / 5))


def test_other_passes_of_as_many_samples_show_samples_drawn_each_night() -> None:
    nights = [{"a": (5, 5, 3, 3), "b": (5, 5, 3, 3)}, {"a": (4, 5, 3, 3), "b": (5, 5, 3, 3)}]
    cases = gather(nights).cases
    assert (cases["a"].pin_samples, cases["b"].pin_samples) == (10, 10)
    assert gather(nights, live=["a"]).cases["b"].pin_samples == 5


def test_a_night_weighs_as_much_as_its_middle_case_has_samples() -> None:
    often = {"a": (3, 3, 3, 3), "b": (3, 3, 3, 3), "c": (3, 3, 4, 9)}
    twice = {"a": (3, 3, 3, 6), "b": (3, 3, 6, 6), "c": (3, 3, 6, 6)}
    found = gather([often, twice])
    assert found.weights == (3.0, 6.0)
    assert found.cases["a"].difference == pytest.approx(1 / 3 + 2 / 3 * 3 / 6 - 1)


def test_fresh_samples_join_the_night_after_those_that_they_followed() -> None:
    nights = [{"a": (3, 3, 0, 3)}, {"a": (3, 3, 3, 3)}]
    found = gather(nights, [{"a": (8, 8, 6, 8)}])
    case = found.cases["a"]
    assert case.difference == pytest.approx((0 + 9 / 11) / 2 - 1)
    assert (case.pin_samples, case.samples) == (3, 6)
    assert found.totals["a"] == (14, 14, 9, 14)


def test_fresh_samples_of_a_case_that_no_night_has_count_for_nothing() -> None:
    assert gather([{"a": (3, 3, 3, 3)}], [{"b": (8, 8, 0, 8)}]).totals == {"a": (3, 3, 3, 3)}


@pytest.mark.parametrize("samples", range(3, 30))
def test_what_passes_throughout_on_both_sides_differs_by_nothing(samples: int) -> None:
    nights = [{"a": (5, 5, 5, 5)}, {"a": (5, 5, samples, samples)}, {"a": (5, 5, 7, 7)}]
    assert gather(nights).estimate == 0  # by 1e-16 less it was "worse than chance explains"
