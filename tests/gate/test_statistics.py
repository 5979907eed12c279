from itertools import combinations
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.gate.statistics import (
    at_most,
    fisher_worse,
    holm,
    look_error,
    quantile,
    smallest_p,
)

small = st.integers(1, 5)


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int, int, int]:
    pn, cn = draw(small), draw(small)
    return draw(st.integers(0, pn)), pn, draw(st.integers(0, cn)), cn


@given(counts())
def test_fisher_counts_the_ways_to_deal_the_passes(case: tuple[int, int, int, int]) -> None:
    pp, pn, cp, cn = case
    deals = list(combinations(range(pn + cn), pp + cp))
    as_few = sum(sum(card >= pn for card in deal) <= cp for deal in deals)
    assert isclose(fisher_worse(*case), as_few / len(deals))


@given(counts())
def test_fisher_is_a_probability_and_falls_with_the_candidates_passes(
    case: tuple[int, int, int, int],
) -> None:
    pp, pn, cp, cn = case
    assert 0 < fisher_worse(*case) <= 1
    if cp:
        assert fisher_worse(pp, pn, cp - 1, cn) <= fisher_worse(*case) + 1e-12


def test_three_of_three_against_none_of_three_is_exactly_the_flagging_level() -> None:
    assert at_most(fisher_worse(3, 3, 0, 3), 0.05)


def test_eight_against_eight_can_confirm_a_hundred_cases_at_once() -> None:
    assert smallest_p(8, 8) < 0.01 / 100


@pytest.mark.parametrize(
    ("p_values", "level", "rejected"),
    [
        ([0.001, 0.004, 0.02, 0.5], 0.01, 1),  # .004 is above .01 / 3
        ([0.001, 0.004, 0.02, 0.5], 0.02, 2),  # .004 ≤ .02 / 3; .02 > .02 / 2
        ([0.01], 0.01, 1),
        ([0.011], 0.01, 0),
        ([], 0.01, 0),
        ([0.0025, 0.0033, 0.005, 0.01], 0.01, 4),  # each just below its own step
        ([0.0026, 0.0001, 0.0001, 0.0001], 0.01, 4),  # the last step is the level itself
        ([0.0026, 0.0026, 0.0026, 0.0026], 0.01, 0),  # the first step stops them all
        ([0.001, 0.006, 0.0049], 0.01, 3),
        ([0.001, 0.006, 0.0051], 0.01, 1),  # .0051 > .01 / 2 stops before .006 ≤ .01
        ([0.01 / 128] * 128, 0.01, 128),
        ([0.01 / 128] * 129, 0.01, 0),
    ],
)
def test_holm_steps_down(p_values: list[float], level: float, rejected: int) -> None:
    named = {f"case {place}": p for place, p in enumerate(p_values)}
    lowest = sorted(named, key=lambda name: (named[name], name))
    assert holm(named, level) == set(lowest[:rejected])


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=8))
def test_holm_rejects_at_least_what_bonferroni_does(p_values: dict[str, float]) -> None:
    bonferroni = {name for name, p in p_values.items() if p <= 0.01 / len(p_values)}
    assert bonferroni <= holm(p_values, 0.01)


def test_the_quantile_is_the_textbooks() -> None:
    assert quantile(0.05) == pytest.approx(1.6449, abs=1e-4)


def test_all_looks_together_spend_the_level_and_no_more() -> None:
    errors = [look_error(look) for look in range(1, 40)]
    assert errors[:4] == [0.03, 0.01, 0.005, 0.0025]
    assert all(error > 0 for error in errors)
    assert sum(errors) <= 0.05


def test_a_look_after_years_of_nights_still_has_an_error_to_spend() -> None:
    assert 0 < look_error(100_000) == look_error(40)
