"""The arithmetic of the gate: exact tests, corrections, quantiles; formulas in docs/verdict.md."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import comb
from statistics import NormalDist

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
