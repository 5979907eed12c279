"""A test of the tail: whether the cases that did worst did worse than chance explains.

A mean hides a few: a fifth of the cases at −20 pp is −4 pp in all. What is tested is the mean of
the worst fifth's differences, under permutation within the cases: if both sides were one model,
a case's passes would be dealt out to them at random.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from math import comb, fsum, sqrt

from pytest_modelpin.gate.evidence import CaseEvidence
from pytest_modelpin.gate.statistics import quantile

TAIL_LEVEL = 0.05
WORST = 5
"""One in so many cases is the tail."""

FEWEST = 10
"""A fifth of fewer is a single case, and single cases are flagged."""

_Deal = tuple[int, int, int]
"""Production's samples, the candidate's samples, the passes of both."""
_ROUNDING = 1e-9


def tail_is_worse(cases: Iterable[CaseEvidence]) -> bool:
    """Whether the worst fifth of the cases is worse beyond chance, at one-sided .05.

    The sum of the lowest k of n differences is the most that k·t − Σ (t − dᵢ)⁺ comes to for any
    threshold t (R. T. Rockafellar and S. Uryasev, Optimization of conditional value-at-risk,
    Journal of Risk 2, 2000). With t fixed at the quantile that permutation itself gives, it is a
    sum over cases of which mean, variance and skewness are known exactly; so no draw is needed,
    and the same counts give the same answer. The critical value is that of a Pearson III of the
    same skewness (E. B. Wilson and M. M. Hilferty's cube root, 1931).
    """
    seen = [(_deal(case), case.passes) for case in cases]
    if len(seen) < FEWEST:
        return False
    kinds = Counter(deal for deal, _ in seen)
    threshold = _quantile(kinds, len(seen))
    shortfall = fsum(max(0.0, threshold - _difference(deal, passes)) for deal, passes in seen)
    moments = [(count, _moments(deal, threshold)) for deal, count in kinds.items()]
    mean = fsum(count * each[0] for count, each in moments)
    variance = fsum(count * each[1] for count, each in moments)
    if variance <= _ROUNDING:
        return False
    skewness = fsum(count * each[2] for count, each in moments) / variance**1.5
    return (shortfall - mean) / sqrt(variance) > _critical(skewness)


def _deal(case: CaseEvidence) -> _Deal:
    return case.pin_samples, case.samples, case.pin_passes + case.passes


def _difference(deal: _Deal, passes: int) -> float:
    pin_samples, samples, all_passes = deal
    return passes / samples - (all_passes - passes) / pin_samples


@lru_cache(maxsize=16384)
def _chances(deal: _Deal) -> tuple[tuple[float, float], ...]:
    """Each difference that dealing at random can give, and how likely it is, lowest first."""
    pin_samples, samples, passes = deal
    ways = comb(pin_samples + samples, passes)
    return tuple(
        (
            _difference(deal, own),
            comb(samples, own) * comb(pin_samples, passes - own) / ways,
        )
        for own in range(max(0, passes - pin_samples), min(samples, passes) + 1)
    )


def _quantile(kinds: Counter[_Deal], cases: int) -> float:
    """The difference below which chance puts one in five of these cases; at most 0."""
    weights: dict[float, float] = {}
    for deal, count in kinds.items():
        for difference, chance in _chances(deal):
            weights[difference] = weights.get(difference, 0.0) + count * chance
    below = 0.0
    for difference in sorted(weights):
        below += weights[difference]
        if below + _ROUNDING >= cases / WORST:
            return min(difference, 0.0)
    return 0.0


@lru_cache(maxsize=65536)
def _moments(deal: _Deal, threshold: float) -> tuple[float, float, float]:
    """Mean, variance and third central moment of one case's shortfall below the threshold."""
    falls = [(max(0.0, threshold - each), chance) for each, chance in _chances(deal)]
    mean = fsum(fall * chance for fall, chance in falls)
    return (
        mean,
        fsum((fall - mean) ** 2 * chance for fall, chance in falls),
        fsum((fall - mean) ** 3 * chance for fall, chance in falls),
    )


def _critical(skewness: float) -> float:
    """What a standardised Pearson III of this skewness exceeds with probability `TAIL_LEVEL`."""
    z = quantile(TAIL_LEVEL)
    if abs(skewness) < _ROUNDING:
        return z
    sixth = skewness / 6
    return 2 / skewness * ((sixth * (z - sixth) + 1) ** 3 - 1)
