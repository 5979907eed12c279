"""What was asked after a candidate's run, kept in its report: the two reports then say what the
night said, whoever compares them again.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pytest_modelpin.compare.comparison import Comparison, RunPair
from pytest_modelpin.compare.decide import decide
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.results import report_file
from pytest_modelpin.results.run import NightOutcome, Run
from pytest_modelpin.upgrade.nightly.holding import with_live_pin, without_accepted


def keep_outcome(report: Path, candidate: Run, outcome: NightOutcome) -> None:
    """Write the candidate's report anew, with how it came out."""
    report_file.write(replace(candidate, night=outcome), report)


def decided_again(comparison: Comparison, runs: RunPair) -> tuple[Comparison, Verdict]:
    """The comparison and its verdict, with what a night kept of these two runs.

    Earlier nights of the version are in no report: where they made the night come out otherwise,
    a note says so.
    """
    settings = runs.settings
    outcome = runs.candidate.night_beside(runs.production)
    if outcome is None:
        return comparison, decide(comparison, settings)
    comparison = with_live_pin(without_accepted(comparison, outcome.accepted), outcome.live)
    verdict = decide(comparison, settings)
    asked = {case: outcome.fresh[case] for case in verdict.flagged if case in outcome.fresh}
    if asked:
        verdict = decide(comparison, settings, confirmations=asked)
    if (verdict.colour, verdict.reasons) != (outcome.colour, outcome.reasons):
        reasons = "; ".join(outcome.reasons)
        note = f"judged on {outcome.day}, with the nights before it, it came out {outcome.colour}"
        said = f"{note}: {reasons}" if reasons else note
        comparison = replace(comparison, notes=(*comparison.notes, said))
    return comparison, verdict
