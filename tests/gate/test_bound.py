"""The bound and what would lift it, by figures worked out from the formulas in docs/verdict.md."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

import pytest

from pytest_modelpin.gate.bound import (
    is_beyond_chance,
    lower_bound,
    nights_to_decide,
    samples_to_decide,
    suite_is_worse,
    what_costs,
)
from pytest_modelpin.gate.evaluation import evaluate, verdict
from pytest_modelpin.gate.evidence import EarlierNights, gather

Counts = tuple[int, int, int, int]


def alike(cases: int, counts: Counts, **others: Counts) -> dict[str, Counts]:
    return {f"case{number}": counts for number in range(cases)} | others


def test_the_bound_is_the_estimate_less_z_times_the_shrunk_error() -> None:
    found = lower_bound(gather([{"a": (4, 4, 4, 4), "b": (4, 4, 2, 4)}]), 0.10, 1)
    # The candidate's pooled rate is .75, so one pseudo-sample makes its rates 4.75 / 5, 2.75 / 5;
    # the pin passes all, so that its rates are 1 and add nothing.
    sampling = sqrt((0.95 * 0.05 / 4 + 0.55 * 0.45 / 4) / 4)
    assert found.estimate == pytest.approx(-0.25)
    assert found.sampling == pytest.approx(sampling)
    assert found.least == pytest.approx(sqrt(0.10 * 0.90 / 8))
    assert found.lower == pytest.approx(-0.25 - NormalDist().inv_cdf(1 - 0.03) * sampling)


def test_no_bound_lies_below_minus_one() -> None:
    assert lower_bound(gather([{"a": (1, 1, 0, 1)}]), 0.10, 1).lower == -1.0


@pytest.mark.parametrize(("cases", "beyond"), [(7, False), (8, True)])
def test_beyond_chance_is_one_sided_two_in_a_thousand_of_both_sides_errors(
    cases: int, beyond: bool
) -> None:
    # −.10 is 2.71 errors of seven such cases and 2.90 of eight; z is 2.88.
    assert is_beyond_chance(gather([alike(cases, (10, 10, 9, 10))])) is beyond


@pytest.mark.parametrize(("worse", "red"), [(0, False), (10, False), (15, True)])
def test_a_suite_is_worse_from_one_and_a_quarter_margins_on(worse: int, red: bool) -> None:
    more = {f"worse{number}": (10, 10, 8, 10) for number in range(worse)}
    night = alike(50 - worse, (10, 10, 9, 10), **more)  # −.10, −.12, −.13
    assert is_beyond_chance(gather([night]))
    assert suite_is_worse(gather([night]), 0.10) is red


@pytest.mark.parametrize(
    ("cases", "missing", "nights"),
    [
        (10, 1, 1),  # 20 samples and 20 more; the first look needs 32
        (4, 1, None),  # 8 a night, where each later look needs 11 more
        (4, 3, 3),  # the first look is the one after the nights that are missing
        (4, 4, 4),
    ],
)
def test_nights_are_counted_at_the_look_that_they_lead_to(
    cases: int, missing: int, nights: int | None
) -> None:
    assert nights_to_decide(gather([alike(cases, (2, 2, 2, 2))]), 0.10, 1, missing) == nights


@pytest.mark.parametrize("pin", [(4, 5, 4, 5), (7, 10, 7, 10)])
def test_only_a_pin_that_is_sampled_anew_becomes_surer_with_the_nights(pin: Counts) -> None:
    anew = (2 * pin[0], 2 * pin[1], *pin[2:])
    assert nights_to_decide(gather([alike(8, pin)] * 2), 0.10, 1, 1) is None
    assert nights_to_decide(gather([alike(8, pin), alike(8, anew)]), 0.10, 1, 1) == 1


def test_as_many_passes_of_more_samples_show_a_pin_that_is_sampled_anew() -> None:
    nights = [alike(4, (4, 6, 4, 6)), alike(4, (4, 7, 4, 6))]
    assert nights_to_decide(gather(nights), 0.10, 1, 1) == 1


def test_a_case_that_wavers_costs_more_than_one_that_failed_once() -> None:
    evidence = gather([{"a": (5, 10, 5, 10), "b": (10, 10, 9, 10)}])
    told = what_costs(evidence, lower_bound(evidence, 0.10, 1), 0.10, 1, 1)
    assert told == "a wavers on the pin too (5 of 10): mend it"


@pytest.mark.parametrize(("pin", "more"), [(1, 5), (4, 5), (8, 16)])
def test_a_flawless_case_with_few_samples_of_the_pin_has_no_answers_to_look_at(
    pin: int, more: int
) -> None:
    """It was named as what costs the bound, and its answers, all of them right, as the remedy."""
    night = alike(3, (6000, 9000, 6000, 9000), few=(pin, pin, 90, 90))
    evidence = gather([night])
    told = what_costs(evidence, lower_bound(evidence, 0.02, 1), 0.02, 1, 1)
    assert told.startswith(f"few passes all of {pin} on the pin and of 90 on the candidate")
    assert f"`pytest-modelpin record --samples {more}`" in told
    assert "look at" not in told


@pytest.mark.parametrize(
    ("others", "flaky", "seen", "nights", "samples"),
    [
        (5, (1, 3, 1, 3), 1, 1, 12),
        (5, (1, 3, 1, 3), 1, 2, 5),
        (5, (1, 3, 1, 3), 2, 1, 8),
        (7, (2, 3, 1, 3), 3, 1, 8),
        (7, (3, 5, 1, 3), 1, 2, 12),
    ],
)
def test_the_samples_that_would_help_are_those_that_lift_the_bound(
    others: int, flaky: Counts, seen: int, nights: int, samples: int
) -> None:
    evidence = gather([alike(others, (3, 3, 3, 3), flaky=flaky)] * seen)
    told = what_costs(evidence, lower_bound(evidence, 0.10, 1), 0.10, 1, nights)
    assert f"`samples: {samples}` on it, or mend it" in told


@pytest.mark.parametrize(
    ("cases", "nights", "so_far", "look", "samples"),
    [
        (1, 3, 0.0, 1, 11),
        (4, 3, 0.0, 1, 3),
        (1, 1, 6.0, 1, 26),
        (3, 1, 6.0, 1, 5),
        (1, 2, 0.0, 2, 25),
    ],
)
def test_a_flawless_suite_needs_so_many_samples_less_what_it_has(
    cases: int, nights: int, so_far: float, look: int, samples: int
) -> None:
    assert samples_to_decide(cases, nights, 0.10, so_far, look) == samples


def test_each_later_look_needs_more() -> None:
    # 36 samples in all: the first look needs 32, the second 49.
    assert verdict([alike(4, (3, 3, 3, 3))] * 3).bump_due
    assert not verdict([alike(3, (3, 3, 3, 3))] * 4).bump_due
    assert verdict([alike(4, (4, 4, 4, 4))] * 4).bump_due


def test_a_red_night_takes_a_looks_share_of_the_error_with_it() -> None:
    night = alike(4, (3, 3, 3, 3))
    for reds, due in ((0, True), (1, False)):
        earlier = EarlierNights((night, night), greens=2, reds=reds)
        assert evaluate(night, earlier=earlier).bump_due is due


@pytest.mark.parametrize(("cases", "lost", "colour"), [
    (50, 1, "green"), (60, 2, "inconclusive"), (60, 1, "green"), (49, 1, "inconclusive"),
])  # fmt: skip
def test_more_than_two_in_a_hundred_cases_lost_say_nothing(
    cases: int, lost: int, colour: str
) -> None:
    whole = alike(cases, (3, 3, 3, 3))
    assert verdict([whole, alike(cases - lost, (3, 3, 3, 3))]).colour == colour


def test_an_earlier_night_below_the_margin_is_not_counted_as_green() -> None:
    bad = alike(20, (10, 10, 8, 10))
    good = alike(20, (10, 10, 10, 10))
    assert not verdict([bad, good, good]).bump_due
    assert "1 night more must be green" in " ".join(verdict([bad, good, good]).told)


def test_what_the_pin_never_passed_either_holds_no_bump() -> None:
    broken_on_both = alike(20, (5, 5, 5, 5), broken=(0, 5, 0, 5))
    assert verdict([broken_on_both] * 3).bump_due
