"""The arithmetic of the gate; formulas in docs/verdict.md.

Exact tests, corrections and quantiles. A test of the tail: whether the cases that did worst did
worse than chance explains. A mean hides a few: a fifth of the cases at −20 pp is −4 pp in all. What
is tested is the mean of the worst fifth's differences, under permutation within the cases: if both
sides were one model, a case's passes would be dealt out to them at random.

And, before a night, what so many samples could show, in closed form: the same bound, tests and
levels as the verdict's, with the counts' distributions in the place of the counts; docs/verdict.md
puts the closed form beside the simulation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import comb, fsum, sqrt
from statistics import NormalDist

from pytest_modelpin.gate.evidence import CaseEvidence

_NORMAL = NormalDist()
_ROUNDING = 1e-12  # p = 1/20 must count as ≤ .05 whatever the last bit says

FIRST_LOOK = 0.03
"""The error that the first look at which a bump may be due can spend."""
SECOND_LOOK = 0.01
"""The second look's; each later one has half of that before it, so that all sum up to .05."""
_LATEST_LOOK = 40  # its error is as good as none, and still no zero


@lru_cache(maxsize=65536)
def fisher_worse(
    production_passes: int, production_samples: int, candidate_passes: int, candidate_samples: int
) -> float:
    """One-sided p of Fisher's exact test that the candidate passes less often than production.

    The probability, all margins fixed, that the candidate would get as few of the passes as it
    did, or fewer (R. A. Fisher, The Design of Experiments, 1935).
    """
    passes = production_passes + candidate_passes
    samples = production_samples + candidate_samples
    fewest = max(0, passes - production_samples)
    ways = sum(
        comb(candidate_samples, few) * comb(production_samples, passes - few)
        for few in range(fewest, candidate_passes + 1)
    )
    return ways / comb(samples, passes)


def smallest_p(production_samples: int, candidate_samples: int) -> float:
    """The least p that `fisher_worse` can give for these numbers of samples: all against none."""
    return fisher_worse(production_samples, production_samples, 0, candidate_samples)


def at_most(p: float, level: float) -> bool:
    """Whether p ≤ level, immune to the last bit of a float."""
    return p <= level + _ROUNDING


def holm(p_values: Mapping[str, float], level: float) -> frozenset[str]:
    """The hypotheses that Holm's step-down procedure rejects at a family-wise error of `level`.

    S. Holm, A simple sequentially rejective multiple test procedure, Scand. J. Stat. 6 (1979).
    """
    rejected = set()
    ascending = sorted(p_values.items(), key=lambda pair: (pair[1], str(pair[0])))
    for rank, (name, p) in enumerate(ascending):
        if not at_most(p, level / (len(p_values) - rank)):
            break
        rejected.add(name)
    return frozenset(rejected)


@lru_cache(maxsize=4096)
def quantile(tail: float) -> float:
    """The standard normal's upper quantile: exceeded with probability `tail`."""
    return -_NORMAL.inv_cdf(tail)


def look_error(look: int) -> float:
    """The error that a look may spend; look 1 is the first at which a bump can be due.

    .03, .01, .005, .0025 …: the looks' errors add up to .05 (Boole's inequality), however many
    there are and however their results hang together. Most is spent where it decides: a look
    that comes a night later has seen nearly the same samples.
    """
    if look <= 1:
        return FIRST_LOOK
    return SECOND_LOOK / 2.0 ** (min(look, _LATEST_LOOK) - 2)


TAIL_LEVEL = 0.05
WORST = 5
"""One in so many cases is the tail."""

FEWEST = 10
"""A fifth of fewer is a single case, and single cases are flagged."""

_Deal = tuple[int, int, int]
"""Production's samples, the candidate's samples, the passes of both."""
_TINY = 1e-9  # of differences that are summed up


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
    if variance <= _TINY:
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
        if below + _TINY >= cases / WORST:
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
    if abs(skewness) < _TINY:
        return z
    sixth = skewness / 6
    return 2 / skewness * ((sixth * (z - sixth) + 1) ** 3 - 1)


POWER = 0.80
"""How often a drop has to be seen to be called seen."""
_SUITE_ERROR = 0.05


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
