"""The strict gate, for small deterministic suites: every sample of every case must pass."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_modelpin.gate.evidence import Counts, Evidence, NightCounts
from pytest_modelpin.gate.statistical import flag, lower_bound
from pytest_modelpin.gate.verdict import Verdict, some


def evaluate(
    evidence: Evidence,
    margin: float,
    green_runs: int,
    confirmations: NightCounts,
    suspects: Iterable[str] = (),
) -> Verdict:
    """The verdict on the last night.

    Red without further ado is a case that passed every sample on production and none on the
    candidate: where answers are deterministic, one sample settles it. A case that passes only
    sometimes shows that this one is not, so it is red only once fresh samples have confirmed it.
    A case that production fails too is no fault of the candidate's, and yet never green.
    """
    tonight = evidence.tonight
    failing = {case for case, counts in tonight.items() if counts[2] < counts[3]}
    failing_on_both = {case for case in failing if tonight[case][0] == 0}
    flags = flag(evidence.totals, confirmations, {*failing - failing_on_both, *suspects})
    died = {case for case in failing if _died(tonight[case])} - set(flags.cleared)
    worse = tuple(sorted(died | set(flags.confirmed), key=str))
    unclear = tuple(sorted(failing | set(flags.open), key=str))
    bound = lower_bound(evidence, margin, green_runs)

    if worse:
        verdict = Verdict(
            "red", reasons=(f"passes on production, fails on the candidate: {some(worse)}",)
        )
    elif unclear:
        verdict = Verdict("inconclusive", reasons=tuple(_why_unclear(failing_on_both, unclear)))
    elif not any(counts[0] for counts in tonight.values()):
        verdict = Verdict(
            "inconclusive",
            reasons=("production passes no case, so there is nothing that could get worse",),
        )
    else:
        verdict = _green(evidence, green_runs)
    return Verdict(
        verdict.colour,
        verdict.bump_due,
        verdict.reasons,
        estimate=bound.estimate,
        lower_bound=bound.lower,
        more_samples=verdict.more_samples,
        flagged=flags.all,
    )


def _green(evidence: Evidence, green_runs: int) -> Verdict:
    greens = sum(
        all(counts[2] == counts[3] for counts in night.values()) for night in evidence.nights
    )
    reason = "every sample of every case passed (strict gate)"
    if greens >= green_runs:
        return Verdict(
            "green", bump_due=True, reasons=(reason, f"a bump is due: {greens} green in a row")
        )
    waits = green_runs - greens
    return Verdict(
        "green",
        reasons=(reason, f"a bump waits for more green nights: {greens} of {green_runs} so far"),
        more_samples=waits * evidence.candidate_samples(),
    )


def _why_unclear(failing_on_both: set[str], unclear: tuple[str, ...]) -> Iterable[str]:
    wavering = tuple(case for case in unclear if case not in failing_on_both)
    if wavering:
        yield (
            "not every sample passes, which the strict gate asks for; red once fresh samples of "
            f"both sides confirm it: {some(wavering)}"
        )
    if failing_on_both:
        yield f"fails on production as well: {some(tuple(sorted(failing_on_both, key=str)))}"


def _died(counts: Counts) -> bool:
    pp, pn, cp, _cn = counts
    return pp == pn and cp == 0
