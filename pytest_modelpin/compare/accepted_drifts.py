"""The drift that one run shows by itself: received answers against the accepted ones."""

from __future__ import annotations

from collections.abc import Mapping

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare.case_context import configured
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.drift.drifts import drifts
from pytest_modelpin.judge.opinion import judge_drifts
from pytest_modelpin.results.run import Run


def drifts_within(run: Run, settings: Settings) -> Mapping[str, tuple[Drift, ...]]:
    """By case id, how the first sample's answers differ from the accepted; only where they do.

    The full comparison of two runs is `compare.comparison.compare`; this is what a single run can
    say at its end.
    """
    found = {}
    for case in run.cases:
        context = configured(case, settings)
        drifted = tuple(
            drift
            for sample in case.samples[:1]
            for answer in sample.answers
            if answer.accepted is not None
            for drift in (
                *drifts(answer.accepted, answer.received, context=context),
                *judge_drifts(answer, context),
            )
            if drift.kind != "identical"
        )
        if drifted:
            found[case.id] = drifted
    return found
