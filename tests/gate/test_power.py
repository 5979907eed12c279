"""What is said before a night, beside what the gate does with simulated ones."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.gate.evaluation import evaluate
from pytest_modelpin.gate.evidence import EarlierNights
from pytest_modelpin.gate.power import (
    Expected,
    bump_chance,
    shrunk_rates,
    smallest_drop,
)

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
