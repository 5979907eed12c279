"""Before a night: what so many samples could show, in closed form.

The same bound, tests and levels as the verdict's, with the counts' distributions in the place of
the counts; docs/verdict.md puts the closed form beside the simulation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from statistics import NormalDist

from pytest_modelpin.gate.statistics import look_error, quantile
from pytest_modelpin.gate.tail import FEWEST, TAIL_LEVEL

POWER = 0.80
"""How often a drop has to be seen to be called seen."""
_SUITE_ERROR = 0.05
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Expected:
    """One case as it would stand after some nights."""

    rate: float
    """How often the pin passes it."""
    pin: float
    """Samples of the pin."""
    candidate: float
    """Samples of the candidate."""


def shrunk_rates(counts: Sequence[tuple[int, int]]) -> list[float]:
    """Each case's pass rate, shrunk to that of all by one pseudo-sample, as the bound does it."""
    samples = sum(each[1] for each in counts)
    pooled = sum(each[0] for each in counts) / samples if samples else 1.0
    return [(passes + pooled) / (tries + 1) for passes, tries in counts]


def bump_chance(cases: Sequence[Expected], margin: float, look: int) -> float:
    """How likely a candidate as good as the pin is shown not inferior at this look.

    The estimate is taken to be normal around zero; the test of the tail holds back its own level.
    """
    sampling, least = _errors(cases, margin)
    room = margin - quantile(look_error(look)) * max(sampling, least)
    reached = float(room > 0) if sampling <= 0 else _NORMAL.cdf(room / sampling)
    return reached * (1 - TAIL_LEVEL if len(cases) >= FEWEST else 1.0)


def smallest_drop(cases: Sequence[Expected], margin: float) -> float:
    """The least drop of the suite's mean that is told from chance, one-sided .05, in 80 %.

    (z.₀₅ + z.₂₀) · error, at most 1: J. Cohen, Statistical Power Analysis, 1988, chapter 6.
    """
    error = max(_errors(cases, margin))
    return min((quantile(_SUITE_ERROR) + quantile(1 - POWER)) * error, 1.0)


def _errors(cases: Sequence[Expected], margin: float) -> tuple[float, float]:
    """The estimate's error by sampling, and the least that the bound takes it for."""
    squared = len(cases) ** 2
    variance = fsum(
        max(each.rate * (1 - each.rate), 0.0) * (1 / each.pin + 1 / each.candidate)
        for each in cases
    )
    spread = fsum(1 / each.candidate for each in cases)
    return sqrt(variance / squared), sqrt(margin * (1 - margin) * spread / squared)
