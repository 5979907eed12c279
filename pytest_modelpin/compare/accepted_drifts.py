"""The drift that one run shows by itself: received answers against the accepted ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare.case_context import configured
from pytest_modelpin.compare.opinions import MOST_ANSWERS, unsure_readings, with_opinions
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.drift.invariants.case import compare_samples
from pytest_modelpin.judge.difference import Opinion, Reading
from pytest_modelpin.judge.opinion import judge_drifts
from pytest_modelpin.providers.reply import JSON
from pytest_modelpin.results.case import Answer, Case
from pytest_modelpin.results.run import Run


def drifts_within(
    run: Run, settings: Settings, opinions: Mapping[str, Opinion] | None = None
) -> Mapping[str, tuple[Drift, ...]]:
    """By case id, how all samples' answers differ from the accepted; only where they do.

    The full comparison of two runs is `compare.comparison.compare`; this is what a single run can
    say at its end. `opinions` are a judge's, by the keys of `unsure_within`.
    """
    found = {}
    for case in run.cases:
        context = configured(case, settings)
        drifted: list[Drift] = []
        for told, accepted, received in _snapshots(case):
            change = compare_samples(accepted, received, context)
            if opinions and not _is_marked(told):
                change = with_opinions(change, accepted, received, opinions, context)
            drifted += change.drifts
            drifted += [drift for each in told for drift in judge_drifts(each, context)]
        if drifted:
            found[case.id] = tuple(drifted)
    return found


def unsure_within(run: Run, settings: Settings) -> tuple[Reading, ...]:
    """What a judge could tell more of, at most MOST_ANSWERS answers a case."""
    found: list[Reading] = []
    for case in run.cases:
        context = configured(case, settings)
        of_case = [
            each
            for told, accepted, received in _snapshots(case)
            if not _is_marked(told)
            for each in unsure_readings(
                compare_samples(accepted, received, context), accepted, received
            )
        ]
        found += of_case[:MOST_ANSWERS]
    return tuple(found)


def _snapshots(case: Case) -> Iterator[tuple[list[Answer], list[JSON], list[JSON]]]:
    """The answers of each snapshot: all of them, the accepted one if any, those received."""
    answers = [answer for sample in case.samples for answer in sample.answers]
    for snapshot in dict.fromkeys(answer.snapshot for answer in answers):
        told = [each for each in answers if each.snapshot == snapshot]
        accepted = [each.accepted for each in told if each.accepted is not None][:1]
        yield told, accepted, [each.received for each in told]


def _is_marked(told: list[Answer]) -> bool:
    """Whether the test names a criterion of its own for a judge."""
    return any(each.judge is not None for each in told)
