"""The arithmetic of the gate: exact tests, corrections, quantiles; formulas in docs/verdict.md."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import comb, sqrt
from statistics import NormalDist

_NORMAL = NormalDist()
_ROUNDING = 1e-12  # p = 1/20 must count as ≤ .05 whatever the last bit says

HALF_NIGHTS = 3
"""Nights at which half of the information counts as gathered; see `spent`."""


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


@lru_cache(maxsize=4096)
def spent(nights: int, level: float) -> float:
    """How much of the error `level` may be spent in all by looks up to this number of nights.

    The O'Brien–Fleming-like spending function of K. K. G. Lan and D. L. DeMets, Discrete
    sequential boundaries for clinical trials, Biometrika 70 (1983): 2 − 2Φ(z(level/2) / √t). The
    information fraction t = nights / (nights + 3) never reaches 1, so that a streak may be looked
    at for as long as it lasts and some error is always left for the next night.
    """
    fraction = nights / (nights + HALF_NIGHTS)
    return 2 * _NORMAL.cdf(-quantile(level / 2) / sqrt(fraction))


def look_error(nights: int, first: int, level: float) -> float:
    """The error that the look after this number of nights may spend, looks starting at `first`.

    The looks' errors add up to less than `level` (Boole's inequality), however many there are and
    however their results hang together; production samples replayed every night make them hang
    together in a way that the usual recursive integration does not allow for.
    """
    if nights <= first:
        return spent(nights, level)
    return spent(nights, level) - spent(nights - 1, level)
