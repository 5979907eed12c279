"""The statistical gate: not worse than chance explains, and shown not inferior before a bump."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum, pi, sqrt

from pytest_modelpin.gate.evidence import (
    Counts,
    Difference,
    Evidence,
    NightCounts,
)
from pytest_modelpin.gate.statistics import (
    at_most,
    fisher_worse,
    holm,
    look_error,
    quantile,
    smallest_p,
)
from pytest_modelpin.gate.verdict import Verdict, points, some
from pytest_modelpin.wording import counted

FLAGGING_LEVEL = 0.05
CONFIRMING_LEVEL = 0.01
SUITE_LEVEL = 0.002
"""Error of calling the whole suite worse; confirmations need the rest of the 1 % a night."""
BUMP_LEVEL = 0.05
CONFIRMING_SAMPLES = 8
"""Fresh samples of each side for one flagged case."""

_FARTHEST = 1000  # nights to look ahead for the one that would decide


@dataclass(frozen=True, slots=True)
class Flags:
    """The cases that look worse, sorted by what their fresh samples said of them."""

    confirmed: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    """Without fresh samples, or with too few to confirm anything."""

    @property
    def all(self) -> tuple[str, ...]:
        """Every flagged case, sorted."""
        return tuple(sorted((*self.confirmed, *self.cleared, *self.open), key=str))


@dataclass(frozen=True, slots=True)
class Bound:
    """How far below zero the candidate may still be."""

    estimate: float
    lower: float
    luck: float
    """What is taken off because only nights that looked well enough have become green ones."""


def evaluate(
    evidence: Evidence,
    margin: float,
    green_runs: int,
    confirmations: NightCounts,
    suspects: Iterable[str] = (),
) -> Verdict:
    """The verdict on the last night; `suspects` are cases to confirm whatever their counts say."""
    flags = flag(evidence.totals, confirmations, suspects)
    bound = lower_bound(evidence, margin, green_runs)
    tonight = evidence.differences[-1]

    red = []
    if flags.confirmed:
        red.append(
            f"worse than production, confirmed on fresh samples of both sides: "
            f"{some(flags.confirmed)}"
        )
    if suite_is_worse(evidence):
        red.append(
            f"the suite as a whole is worse than chance explains: {points(bound.estimate)} "
            f"over {counted(len(evidence.nights), 'night')}"
        )
    if red:
        return Verdict(
            "red",
            reasons=tuple(red),
            estimate=bound.estimate,
            lower_bound=bound.lower,
            flagged=flags.all,
        )

    unclear = []
    if flags.open:
        unclear.append(
            f"worse at the flagging level, to be confirmed on {CONFIRMING_SAMPLES} fresh samples "
            f"of each side: {some(flags.open)}"
        )
    if not tonight.mean > -margin:
        unclear.append(
            f"tonight's pass rates differ by {points(tonight.mean)}, which is not above the "
            f"margin of {points(-margin)}"
        )
    if not any(counts[0] for counts in evidence.totals.values()):
        unclear.append("production passes no case, so there is nothing that could get worse")
    if unclear:
        return Verdict(
            "inconclusive",
            reasons=tuple(unclear),
            estimate=bound.estimate,
            lower_bound=bound.lower,
            more_samples=2 * CONFIRMING_SAMPLES * len(flags.open) or None,
            flagged=flags.all,
        )
    return _green(evidence, margin, green_runs, bound, flags)


def flag(totals: NightCounts, confirmations: NightCounts, suspects: Iterable[str] = ()) -> Flags:
    """Which cases look worse, and what their fresh samples say.

    A case is flagged at a one-sided Fisher p ≤ .05 over the streak's samples; a replayed
    production sample counts once for every night, which can only flag more. Flagging is cheap
    because it never decides: a case is worse only if its fresh samples say so at .01, corrected
    by Holm over all the flagged.
    """
    wanted = {case for case, counts in totals.items() if _looks_worse(counts)}
    wanted |= set(suspects) | set(confirmations)
    if not wanted:
        return Flags()
    p_values = {case: fisher_worse(*confirmations[case]) for case in wanted & set(confirmations)}
    missing = dict.fromkeys(wanted - set(confirmations), 1.0)
    confirmed = holm(p_values | missing, CONFIRMING_LEVEL)
    # Too few fresh samples to confirm even a dead case are too few to clear one. Nor is a case
    # cleared that looks worse by itself, and only not among so many: it stays open.
    enough = CONFIRMING_LEVEL / len(wanted)
    cleared = {
        case
        for case in p_values.keys() - confirmed
        if at_most(smallest_p(confirmations[case][1], confirmations[case][3]), enough)
        and not at_most(p_values[case], CONFIRMING_LEVEL)
    }
    return Flags(
        confirmed=tuple(sorted(confirmed, key=str)),
        cleared=tuple(sorted(cleared, key=str)),
        open=tuple(sorted(wanted - confirmed - cleared, key=str)),
    )


def suite_is_worse(evidence: Evidence) -> bool:
    """Whether the mean paired difference is below zero beyond chance, at one-sided .002.

    Production's samples may be one recording, replayed every night. If all of it happened to
    pass, it shows no spread, and every night would be red for the same stroke of luck. So the
    error is never taken for less than what both sides would have if they were one model, with
    production's samples counted as those of one night.
    """
    nights = len(evidence.nights)
    as_one_model = sqrt(
        fsum(_variance_as_one_model(counts, nights) for counts in evidence.totals.values())
    ) / len(evidence.totals)
    error = max(evidence.streak.standard_error(1 / nights), as_one_model)
    return evidence.streak.mean + quantile(SUITE_LEVEL) * error < 0


def _variance_as_one_model(counts: Counts, nights: int) -> float:
    pp, pn, cp, cn = counts
    rate = (pp + cp) / (pn + cn)
    return rate * (1 - rate) * (nights / pn + 1 / cn)


def lower_bound(evidence: Evidence, margin: float, green_runs: int) -> Bound:
    """The lower bound of the streak's paired difference at the confidence this look may spend.

    estimate − luck − z · standard error. Neither error is taken for less than it would be if the
    candidate were worse by the margin (as in Tango's score test for matched pairs, Stat. Med. 17,
    1998): a small suite in which nothing fails has shown little, not everything.

    Luck: a streak holds only nights whose own difference was above −margin. A candidate that is
    worse by the margin itself gets there on its lucky nights, which look better than it is by
    √(2/π) standard errors of a night (the mean of a half-normal) and, the scale being one of
    steps, by 1/π of a step. So much is taken off, or waiting for luck would pay.
    """
    nights = len(evidence.nights)
    tonight = evidence.candidate_samples()
    a_night = fsum(each.standard_error(0) ** 2 for each in evidence.differences) / nights
    luck = sqrt(2 / pi * max(a_night, _least_variance(margin, tonight))) + 1 / (pi * tonight)
    error = _standard_error(evidence.streak, nights, margin, evidence.samples_in_all())
    z = quantile(look_error(nights, green_runs, BUMP_LEVEL))
    return Bound(evidence.streak.mean, max(evidence.streak.mean - luck - z * error, -1.0), luck)


def nights_to_decide(
    evidence: Evidence, bound: Bound, margin: float, green_runs: int
) -> int | None:
    """How many more nights like these would lift the bound above −margin; None if none would."""
    room = bound.estimate - bound.luck + margin
    nights, streak, so_far = len(evidence.nights), evidence.streak, evidence.samples_in_all()

    def decides(total: int) -> bool:
        growth = total / nights
        projected = Difference(streak.mean, streak.deviations / growth, streak.cases)
        z = quantile(look_error(total, green_runs, BUMP_LEVEL))
        return z * _standard_error(projected, total, margin, round(so_far * growth)) < room

    if room <= 0 or not decides(_FARTHEST):
        return None
    # z grows far more slowly than the standard error falls, so halving finds the first night.
    return bisect_left(range(_FARTHEST), True, lo=max(nights, green_runs), key=decides) - nights


def _standard_error(streak: Difference, nights: int, margin: float, samples: int) -> float:
    return max(streak.standard_error(1 / nights), sqrt(_least_variance(margin, samples)))


def _least_variance(margin: float, samples: int) -> float:
    """The variance of a failure rate of `margin` in so many samples."""
    return margin * (1 - margin) / samples


def _green(
    evidence: Evidence, margin: float, green_runs: int, bound: Bound, flags: Flags
) -> Verdict:
    greens = sum(each.mean > -margin for each in evidence.differences)
    over = counted(len(evidence.nights), "night")
    reasons = [f"no worse than chance explains: {points(bound.estimate)} over {over}"]
    if flags.cleared:
        reasons.append(f"flagged, and cleared by fresh samples: {some(flags.cleared)}")
    obstacles, waits = _obstacles(evidence, margin, green_runs - greens, bound, green_runs)
    more = waits * evidence.candidate_samples() if waits else None
    if not obstacles:
        reasons.append(
            f"a bump is due: {counted(greens, 'night')} green in a row, and the candidate is shown "
            f"not inferior (lower bound {points(bound.lower)}, margin {points(-margin)})"
        )
    reasons += [f"a bump waits: {obstacle}" for obstacle in obstacles]
    if more:
        reasons.append(f"{counted(waits, 'night')} more like these ({more} samples) would decide")
    return Verdict(
        "green",
        bump_due=not obstacles,
        reasons=tuple(reasons),
        estimate=bound.estimate,
        lower_bound=bound.lower,
        more_samples=more,
        flagged=flags.all,
    )


def _obstacles(
    evidence: Evidence, margin: float, missing: int, bound: Bound, green_runs: int
) -> tuple[list[str], int]:
    """What a bump waits for, and for how many nights; 0 where no number of nights would do."""
    obstacles = []
    waits = max(missing, 0)
    endless = False
    if missing > 0:
        obstacles.append(f"{counted(missing, 'night')} more must be green")
    if not bound.lower > -margin:
        obstacles.append(
            f"not proven yet, the lower bound {points(bound.lower)} is not above the margin of "
            f"{points(-margin)}"
        )
        further = nights_to_decide(evidence, bound, margin, green_runs)
        if further is None:
            endless = True
            obstacles.append(
                "at this difference no number of such nights would prove it; more cases, or more "
                "samples a night (`samples:` in models.yml), would"
            )
        else:
            waits = max(waits, further)
    never = tuple(
        sorted((case for case, counts in evidence.totals.items() if _never_passed(counts)), key=str)
    )
    if never:
        obstacles.append(f"the candidate has never passed {some(never)}")
        waits = max(waits, 1)
    return obstacles, 0 if endless else waits


def _looks_worse(counts: Counts) -> bool:
    pp, pn, cp, cn = counts
    return cp * pn < pp * cn and at_most(fisher_worse(pp, pn, cp, cn), FLAGGING_LEVEL)


def _never_passed(counts: Counts) -> bool:
    """Whether production has passed this case and the candidate never.

    Where samples are few that proves nothing yet, but it is nothing to move a pin on either.
    """
    return counts[0] > 0 and counts[2] == 0
