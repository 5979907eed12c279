"""The drift that one run shows by itself: received answers against the accepted ones."""

from __future__ import annotations

from collections.abc import Mapping

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare.case_context import configured
from pytest_modelpin.drift.case_drifts import case_drifts
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.judge.opinion import judge_drifts
from pytest_modelpin.results.run import Run


def drifts_within(run: Run, settings: Settings) -> Mapping[str, tuple[Drift, ...]]:
    """By case id, how all samples' answers differ from the accepted; only where they do.

    The full comparison of two runs is `compare.comparison.compare`; this is what a single run can
    say at its end.
    """
    found = {}
    for case in run.cases:
        context = configured(case, settings)
        drifted: list[Drift] = []
        answers = [answer for sample in case.samples for answer in sample.answers]
        for snapshot in dict.fromkeys(answer.snapshot for answer in answers):
            told = [each for each in answers if each.snapshot == snapshot]
            accepted = [each.accepted for each in told if each.accepted is not None][:1]
            received = [each.received for each in told]
            drifted += case_drifts(accepted, received, context=context)
            drifted += [drift for each in told for drift in judge_drifts(each, context)]
        if drifted:
            found[case.id] = tuple(drifted)
    return found
