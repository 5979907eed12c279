"""The counts that the gate judges: checked, and summed up per case and per night."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum, isfinite, sqrt
from typing import Any

Counts = tuple[int, int, int, int]
"""Production passes, production samples, candidate passes, candidate samples."""

NightCounts = Mapping[str, Counts]


class UnusableError(Exception):
    """The counts can't be judged; the text is the reason that the verdict gives."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A mean paired difference of case pass rates, candidate minus production."""

    mean: float
    deviations: float
    """Sum of the squared deviations of the cases' differences from their mean."""
    cases: int

    def standard_error(self, pseudo_deviation: float) -> float:
        """The standard error, clustered by case and shrunk by one pseudo-deviation.

        √((Σ(dᵢ − d̄)² + c²) / (n (n − 1))): cases that all agree leave no zero behind.
        """
        freedom = max(self.cases - 1, 1)
        return sqrt((self.deviations + pseudo_deviation**2) / (self.cases * freedom))


@dataclass(frozen=True, slots=True)
class Evidence:
    """The nights of one streak, the last one being judged."""

    nights: tuple[NightCounts, ...]
    totals: NightCounts
    """Every case's counts, summed over the nights."""
    differences: tuple[Difference, ...]
    """Each night's own paired difference."""
    streak: Difference
    """The paired difference over all nights, each case's averaged over its nights first.

    Averaging within the case keeps the standard error honest where a night repeats part of an
    earlier one, as production's replayed samples do.
    """

    @property
    def tonight(self) -> NightCounts:
        """The night that is judged."""
        return self.nights[-1]

    def candidate_samples(self) -> int:
        """How many samples the candidate gave tonight."""
        return sum(counts[3] for counts in self.tonight.values())

    def samples_in_all(self) -> int:
        """How many samples the candidate gave over the streak."""
        return sum(counts[3] for counts in self.totals.values())


def gather(nights: Sequence[NightCounts]) -> Evidence:
    """The evidence in these nights, oldest first. Raises UnusableError, naming night and case."""
    if isinstance(nights, (str, bytes, Mapping)) or not isinstance(nights, Sequence):
        raise UnusableError(f"nights must be a sequence of mappings, not {_kind(nights)}")
    if not nights:
        raise UnusableError("there is no night to judge")
    checked = tuple(
        check(night, f"night {number} of {len(nights)}") for number, night in enumerate(nights, 1)
    )
    totals = dict(checked[0])
    for night in checked[1:]:
        for case, (pp, pn, cp, cn) in night.items():
            before = totals.get(case, (0, 0, 0, 0))
            totals[case] = (before[0] + pp, before[1] + pn, before[2] + cp, before[3] + cn)
    by_night = [_differences(night) for night in checked]
    nightly = tuple(_mean(list(values.values())) for values in by_night)
    return Evidence(checked, totals, nightly, _over(by_night) if len(by_night) > 1 else nightly[0])


def check(night: Any, where: str) -> NightCounts:
    """A night whose every count is a whole number and possible. Raises UnusableError."""
    if not isinstance(night, Mapping):
        raise UnusableError(f"{where}: not a mapping of cases but {_kind(night)}")
    if not night:
        raise UnusableError(f"{where}: no case was run")
    return {case: _counts(counts, f"{where}, case {case}") for case, counts in night.items()}


def _differences(night: NightCounts) -> dict[str, float]:
    return {case: cp / cn - pp / pn for case, (pp, pn, cp, cn) in night.items()}


def _over(nights: Sequence[Mapping[str, float]]) -> Difference:
    by_case: dict[str, list[float]] = {}
    for night in nights:
        for case, value in night.items():
            by_case.setdefault(case, []).append(value)
    return _mean([fsum(values) / len(values) for values in by_case.values()])


def _mean(values: list[float]) -> Difference:
    # fsum rounds once, so that the order of the cases can't change the last bit.
    mean = fsum(values) / len(values)
    return Difference(mean, fsum([(value - mean) ** 2 for value in values]), len(values))


def _counts(counts: Any, where: str) -> Counts:
    try:
        pp, pn, cp, cn = counts
    except (TypeError, ValueError):
        raise UnusableError(f"{where}: {_kind(counts)} instead of four counts") from None
    if not (type(pp) is type(pn) is type(cp) is type(cn) is int):
        pp, pn, cp, cn = (_whole(count, where) for count in (pp, pn, cp, cn))
    if 0 <= pp <= pn > 0 and 0 <= cp <= cn > 0:
        return pp, pn, cp, cn
    for side, passes, samples in (("production", pp, pn), ("the candidate", cp, cn)):
        if samples == 0:
            raise UnusableError(f"{where}: no samples for {side}")
        if passes < 0 or samples < 0:
            found = "a negative count"
        elif passes > samples:
            found = "more passes than samples"
        else:
            continue
        raise UnusableError(f"{where}: {found} for {side} ({passes} of {samples})")
    raise AssertionError("every impossible count is named above")


def _whole(count: Any, where: str) -> int:
    try:
        number = float(count)
    except (TypeError, ValueError, OverflowError):
        raise UnusableError(f"{where}: {_kind(count)} instead of a count") from None
    if not isfinite(number) or number != int(number):
        raise UnusableError(f"{where}: {number} is not a count")
    return int(number)


def _kind(value: object) -> str:
    return "nothing" if value is None else f"a value of type {type(value).__name__}"
