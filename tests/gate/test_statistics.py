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
    spent,
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


def test_holm_steps_down() -> None:
    p_values = {"a": 0.001, "b": 0.004, "c": 0.02, "d": 0.5}
    assert holm(p_values, 0.01) == {"a"}
    assert holm(p_values, 0.02) == {"a", "b"}
    assert holm({"a": 0.01}, 0.01) == {"a"}
    assert holm({}, 0.01) == frozenset()


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=8))
def test_holm_rejects_at_least_what_bonferroni_does(p_values: dict[str, float]) -> None:
    bonferroni = {name for name, p in p_values.items() if p <= 0.01 / len(p_values)}
    assert bonferroni <= holm(p_values, 0.01)


def test_the_quantile_is_the_textbooks() -> None:
    assert quantile(0.05) == pytest.approx(1.6449, abs=1e-4)


@pytest.mark.parametrize("first", [1, 3, 7])
def test_all_looks_together_spend_less_than_the_level(first: int) -> None:
    errors = [look_error(nights, first, 0.05) for nights in range(first, 2000)]
    assert all(error > 0 for error in errors)
    assert sum(errors) < 0.05


def test_half_of_the_information_is_gathered_after_three_nights() -> None:
    # O'Brien-Fleming's one-sided 2.5 % per tail at half of the information: 2 - 2 Phi(2.7718).
    assert spent(3, 0.05) == pytest.approx(0.00557, abs=1e-5)
