import random
from itertools import combinations
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.gate.evaluation import evaluate
from pytest_modelpin.gate.evidence import EarlierNights, gather
from pytest_modelpin.gate.statistics import (
    Expected,
    at_most,
    bump_chance,
    fisher_worse,
    holm,
    look_error,
    quantile,
    shrunk_rates,
    smallest_drop,
    smallest_p,
    tail_is_worse,
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


Counts = tuple[int, int, int, int]
Suite = dict[Counts, int]
"""Counts of production and candidate, and how many cases have them."""


def is_worse(suite: Suite) -> bool:
    night = {f"{counts}{n}": counts for counts, cases in suite.items() for n in range(cases)}
    return tail_is_worse(gather([night]).cases.values())


def dealt_anew(suite: Suite) -> float:
    """How often dealing out each case's passes gives as bad a worst fifth, by 600 draws."""
    cases = [counts for counts, times in suite.items() for _ in range(times)]
    draw = random.Random(1)

    def worst(differences: list[float]) -> float:
        return sum(sorted(differences)[: len(cases) // 5])

    seen = worst([cp / cn - pp / pn for pp, pn, cp, cn in cases])
    hits = 0
    for _ in range(600):
        differences = []
        for pp, pn, cp, cn in cases:
            passes = pp + cp
            own = sum(place < passes for place in draw.sample(range(pn + cn), cn))
            differences.append(own / cn - (passes - own) / pn)
        hits += worst(differences) <= seen + 1e-9
    return hits / 600


@pytest.mark.parametrize(
    "suite",
    [
        {(5, 5, 3, 9): 4, (5, 5, 9, 9): 16},
        {(5, 5, 2, 9): 2, (5, 5, 9, 9): 8},
        {(5, 5, 2, 6): 4, (4, 5, 5, 6): 16},
    ],
)
def test_a_fifth_that_does_far_worse_is_worse(suite: Suite) -> None:
    assert dealt_anew(suite) < 0.02
    assert is_worse(suite)


@pytest.mark.parametrize(
    "suite",
    [
        {(3, 3, 4, 6): 1, (3, 3, 6, 6): 10, (3, 3, 5, 6): 1},
        {(5, 5, 4, 6): 1, (5, 5, 6, 6): 29},
        {(5, 5, 2, 3): 5, (4, 5, 2, 3): 1, (5, 5, 3, 3): 11, (4, 5, 3, 3): 3},
        {(3, 3, 2, 3): 4, (3, 3, 3, 3): 6},
        {(3, 3, 8, 9): 1, (3, 3, 9, 9): 29},
        {(5, 5, 6, 9): 1, (5, 5, 9, 9): 29},
        {(3, 3, 5, 6): 2, (3, 3, 4, 6): 2, (3, 3, 6, 6): 6},
    ],
)
def test_what_chance_deals_as_well_is_not(suite: Suite) -> None:
    assert dealt_anew(suite) > 0.10
    assert not is_worse(suite)


def test_a_fifth_of_fewer_than_ten_cases_is_no_tail() -> None:
    assert is_worse({(5, 5, 2, 9): 2, (5, 5, 9, 9): 8})
    assert not is_worse({(5, 5, 2, 9): 2, (5, 5, 9, 9): 7})


RATES = (0.99,) * 16 + (0.9,) * 3 + (0.6,)


def simulated(rates: tuple[float, ...], samples: int, repetitions: int) -> float:
    """How often three nights of an identical model end in a bump."""
    rng = random.Random(7)

    def passes(rate: float, tries: int) -> int:
        return sum(rng.random() < rate for _ in range(tries))

    bumps = 0
    for _ in range(repetitions):
        pin = [passes(rate, 5) for rate in rates]
        nights = [
            {
                f"case {place}": (pin[place], 5, passes(rate, samples), samples)
                for place, rate in enumerate(rates)
            }
            for _ in range(3)
        ]
        before, tonight = EarlierNights(tuple(nights[:-1]), greens=2), nights[-1]
        flagged = evaluate(tonight, None, before).flagged
        fresh = {
            case: (passes(rates[int(case[5:])], 8), 8, passes(rates[int(case[5:])], 8), 8)
            for case in flagged
        }
        bumps += evaluate(tonight, None, before, fresh).bump_due
    return bumps / repetitions


@pytest.mark.parametrize(("rates", "samples"), [(RATES, 3), (RATES, 1), (RATES[8:], 2)])
def test_the_chance_of_a_bump_is_what_simulation_finds(
    rates: tuple[float, ...], samples: int
) -> None:
    told = bump_chance([Expected(rate, 5, 3 * samples) for rate in rates], 0.10, 1)
    assert told == pytest.approx(simulated(rates, samples, 150), abs=0.12)


def test_a_flawless_suite_is_certain_from_as_many_samples_on_as_the_bound_needs() -> None:
    def chance(samples: int) -> float:
        return bump_chance([Expected(1.0, 5, samples)] * 4, 0.10, 1)

    assert (chance(7), chance(8)) == (0.0, 1.0)  # 28 and 32 in all


@given(
    pin=st.integers(1, 12), few=st.integers(1, 20), more=st.integers(1, 20),
    rate=st.floats(0, 1), cases=st.integers(1, 60),
)  # fmt: skip
def test_more_samples_show_smaller_drops(
    pin: int, few: int, more: int, rate: float, cases: int
) -> None:
    def drop(samples: int) -> float:
        return smallest_drop([Expected(rate, pin, samples)] * cases, 0.10)

    assert 0 < drop(few + more) <= drop(few) <= 1


def test_rates_are_shrunk_to_the_suites_own() -> None:
    assert shrunk_rates([(5, 5), (0, 5)]) == pytest.approx([5.5 / 6, 0.5 / 6])
    assert shrunk_rates([(1, 1)]) == [1.0]


@pytest.mark.parametrize(("cases", "chance"), [(9, 1.0), (10, 0.95)])
def test_the_test_of_the_tail_holds_back_one_flawless_suite_in_twenty(
    cases: int, chance: float
) -> None:
    assert bump_chance([Expected(1.0, 5.0, 9.0)] * cases, 0.10, 1) == pytest.approx(chance)
