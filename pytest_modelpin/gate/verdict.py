"""What the gate says of a night: its colour, whether a bump is due, and why.

And the cases that look worse, with what fresh samples of both sides say of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import comb, fsum, sqrt
from typing import Literal

from pytest_modelpin.errors import ExitCode
from pytest_modelpin.gate.evidence import Counts, Evidence, NightCounts
from pytest_modelpin.gate.statistics import at_most, fisher_worse, holm, quantile, smallest_p

Colour = Literal["green", "red", "inconclusive"]

EXIT_CODES: Mapping[Colour, ExitCode] = {
    "green": ExitCode.FINE,
    "red": ExitCode.FOUND,
    "inconclusive": ExitCode.INCONCLUSIVE,
}
"""How a command ends that gives a verdict."""


def worst(colours: Iterable[Colour]) -> Colour:
    """Red before inconclusive before green."""
    return min(colours, key=("red", "inconclusive", "green").index)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a night says."""

    colour: Colour
    bump_due: bool = False
    reasons: tuple[str, ...] = ()
    """Why it has this colour: sentences for the user, the deciding one first."""
    estimate: float | None = None
    """Mean paired difference of case pass rates over the version's nights, candidate minus
    production."""
    lower_bound: float | None = None
    """Of that difference: one-sided, at the confidence that this look may spend."""
    more_samples: int | None = None
    """How many more samples (cases × samples) would decide; None where decided or unknowable."""
    flagged: tuple[str, ...] = ()
    """Case ids that are worse at the flagging level and want a confirmation."""
    confirmed: bool = False
    """Of a red one: whether fresh samples of both sides confirmed that something got worse. Without
    them a limit turns a night red, such as that of the cost."""
    bump_reasons: tuple[str, ...] = ()
    """Of a green one: why the pin may move, or what that waits for. Where `bump_due`, the first
    tells the bound that lets it move."""

    @property
    def told(self) -> tuple[str, ...]:
        """All sentences, those about the pin's move last."""
        return (*self.reasons, *self.bump_reasons)


def points(difference: float) -> str:
    """A difference of pass rates as a person reads it: `-1.5 pp`, `+0.0 pp`."""
    rounded = round(100 * difference, 1)
    return f"{rounded + 0.0:+.1f} pp"


FLAGGING_LEVEL = 0.05
CONFIRMING_LEVEL = 0.01
CONFIRMING_SAMPLES = 8
"""Fresh samples of each side for one flagged case, as long as so many can confirm it."""
TOGETHER_LEVEL = 0.001
"""Error of calling all flagged cases together worse, where they are too many for one by one."""

WORST_ASKED = 20
"""Cases asked anew where many together look worse: on eight samples a side they tell a drop of
1¼ margins, even spread evenly, from chance."""

_MOST_SAMPLES = 20  # enough for more flagged cases than any suite holds


@dataclass(frozen=True, slots=True)
class Flags:
    """The cases that look worse, sorted by what their fresh samples said of them."""

    confirmed: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    """Without fresh samples, or with too few to confirm anything."""
    together: bool = False
    """Whether the flagged cases as a whole are worse, where they are too many to tell which."""

    @property
    def all(self) -> tuple[str, ...]:
        """Every flagged case, sorted."""
        return tuple(sorted((*self.confirmed, *self.cleared, *self.open), key=str))


def confirming_samples(flagged: int) -> int:
    """How many fresh samples a side a dead case needs to be confirmed among so many flagged.

    Eight up to 128 cases: all against none has p = 1 / C(16, 8), which Holm compares with .01
    divided by their number.
    """
    needed = CONFIRMING_SAMPLES
    while needed < _MOST_SAMPLES and not at_most(
        1 / comb(2 * needed, needed), CONFIRMING_LEVEL / max(flagged, 1)
    ):
        needed += 1
    return needed


def flag(
    tonight: NightCounts,
    totals: NightCounts,
    confirmations: NightCounts,
    suspects: Iterable[str] = (),
) -> Flags:
    """Which cases look worse, and what their fresh samples say.

    A case is flagged at a one-sided Fisher p ≤ .05, over tonight's samples or all of the
    version's, and where tonight all of its samples fail while all of production's pass, whatever
    earlier nights pool to. Flagging is cheap because it never decides: a case is worse only if
    its fresh samples say so at .01, corrected by Holm over all the flagged.
    """
    wanted = {case for case, counts in totals.items() if looks_worse(counts)}
    wanted |= {case for case, counts in tonight.items() if looks_worse(counts) or died(counts)}
    wanted |= set(suspects) | set(confirmations)
    if not wanted:
        return Flags()
    fresh = {case: confirmations[case] for case in wanted & set(confirmations)}
    p_values = {case: fisher_worse(*counts) for case, counts in fresh.items()}
    missing = dict.fromkeys(wanted - set(fresh), 1.0)
    confirmed = holm(p_values | missing, CONFIRMING_LEVEL)
    # Too few fresh samples to confirm even a dead case are too few to clear one. Nor is a case
    # cleared that looks worse by itself, and only not among so many: it stays open.
    cleared = {
        case
        for case in fresh.keys() - confirmed
        if at_most(smallest_p(fresh[case][1], fresh[case][3]), CONFIRMING_LEVEL)
        and not at_most(p_values[case], CONFIRMING_LEVEL)
    }
    return Flags(
        confirmed=tuple(sorted(confirmed, key=str)),
        cleared=tuple(sorted(cleared, key=str)),
        open=tuple(sorted(wanted - confirmed - cleared, key=str)),
        together=not confirmed and _many_are_worse(fresh, len(wanted)),
    )


def looks_worse(counts: Counts) -> bool:
    """Whether the candidate passes less often, at the flagging level."""
    pp, pn, cp, cn = counts
    return cp * pn < pp * cn and at_most(fisher_worse(pp, pn, cp, cn), FLAGGING_LEVEL)


def died(counts: Counts) -> bool:
    """Whether all of the candidate's samples fail where all of production's pass."""
    pp, pn, cp, _ = counts
    return pp == pn and cp == 0


def worst_of(evidence: Evidence) -> tuple[str, ...]:
    """The cases that pull the mean down, the worst first: those to ask anew where it is worse."""
    below = [case for case, seen in evidence.cases.items() if seen.difference < 0]
    return tuple(
        sorted(below, key=lambda case: (evidence.cases[case].difference, str(case)))[:WORST_ASKED]
    )


def worse_together(fresh: NightCounts, level: float = CONFIRMING_LEVEL) -> bool:
    """Whether the cases, taken together, are worse beyond chance on their fresh samples.

    Each case's passes are dealt out again by themselves (N. Mantel and W. Haenszel's stratified
    sum, 1959), so that it does not matter how the cases were chosen: not by these samples.
    """
    below = fsum(cp - (pp + cp) * cn / (pn + cn) for pp, pn, cp, cn in fresh.values())
    variance = fsum(
        (pp + cp) * (pn + cn - pp - cp) * pn * cn / ((pn + cn) ** 2 * (pn + cn - 1))
        for pp, pn, cp, cn in fresh.values()
    )
    return variance > 0 and below + quantile(level) * sqrt(variance) < 0


def _many_are_worse(fresh: NightCounts, flagged: int) -> bool:
    """Whether flagged cases too many for Holm are, taken together, worse beyond chance."""
    if not fresh or any(
        at_most(smallest_p(counts[1], counts[3]), CONFIRMING_LEVEL / flagged)
        for counts in fresh.values()
    ):
        return False
    return worse_together(fresh, TOGETHER_LEVEL)
