"""Whether a canary's rate is worse than the pin's, watched for as long as one likes.

A test by betting: at each batch the evidence (an e-process) is multiplied by how much better the
two rates seen so far explain the batch than one common rate does. Where the canary is no worse, the
evidence exceeds 1/α at any time with a probability of at most α (Ville's inequality), however often
and until whenever it is looked at.

Source of the batch's factor: Turner, Ly and Grünwald, "Generic E-Variables for Exact Sequential
k-Sample Tests that allow for Optional Stopping", 2021 (arXiv:2106.02693), for two proportions:
the product of both groups' likelihoods over that of their mean, weighted by the groups' sizes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import log
from typing import NamedTuple

_PRIOR = 0.18
"""Of the Beta prior on each rate; the value that the source recommends for unknown effects."""


class Batch(NamedTuple):
    """What came of the requests of one stretch of time on both sides."""

    pin_bad: int
    pin: int
    canary_bad: int
    canary: int


_NONE = Batch(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Evidence:
    """How sure it is that the canary's rate is worse."""

    log_e: float
    """Natural logarithm of the e-process at its end."""
    highest: float
    """The highest it ever was: what counts for the decision."""
    pin_rate: float | None
    canary_rate: float | None
    canary: int
    """Requests of the canary's."""
    first: int = 0
    """Those of them in the first batch, in which nothing can be shown: the rates to bet on are
    learned there."""

    def rejects(self, alpha: float) -> bool:
        """Whether it was ever above 1/α."""
        return self.highest >= -log(alpha)


def worse(batches: Iterable[Batch]) -> Evidence:
    """The evidence that bad outcomes are more frequent on the canary, batch after batch.

    The sizes of the batches must not depend on their outcomes: cut by time or by count. A batch
    that only one side has waits for the next, or what a quiet hour saw would count for nothing.
    """
    pin_bad = pin = canary_bad = canary = 0
    log_e = highest = 0.0
    waiting, first = _NONE, 0
    for each in batches:
        batch = Batch(*(old + new for old, new in zip(waiting, each, strict=True)))
        if not (batch.pin and batch.canary):
            waiting = batch
            continue
        waiting = _NONE
        first = first or batch.canary
        before, after = _rate(pin_bad, pin), _rate(canary_bad, canary)
        if after > before:
            log_e += _factor(batch, before, after)
            highest = max(highest, log_e)
        pin_bad, pin = pin_bad + batch.pin_bad, pin + batch.pin
        canary_bad, canary = canary_bad + batch.canary_bad, canary + batch.canary
    pin_bad, pin = pin_bad + waiting.pin_bad, pin + waiting.pin
    canary_bad, canary = canary_bad + waiting.canary_bad, canary + waiting.canary
    return Evidence(
        log_e,
        highest,
        pin_bad / pin if pin else None,
        canary_bad / canary if canary else None,
        canary,
        first or canary,
    )


def _rate(bad: int, all_: int) -> float:
    return (bad + _PRIOR) / (all_ + 2 * _PRIOR)


def _factor(batch: Batch, before: float, after: float) -> float:
    """Logarithm of one batch's factor, betting on the rates `before` and `after`."""
    common = (batch.pin * before + batch.canary * after) / (batch.pin + batch.canary)
    return (
        _likelihood(batch.pin_bad, batch.pin, before)
        + _likelihood(batch.canary_bad, batch.canary, after)
        - _likelihood(batch.pin_bad, batch.pin, common)
        - _likelihood(batch.canary_bad, batch.canary, common)
    )


def _likelihood(bad: int, all_: int, rate: float) -> float:
    return bad * log(rate) + (all_ - bad) * log(1 - rate)
