"""What the recorded samples of a case tell by themselves: a cache that answered, questions that are
drawn anew each time, answers that contradict each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_modelpin.recordings.drawn import ASK_THE_SAME, begin_anew
from pytest_modelpin.wording import counted, plural, some

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_modelpin.results.case import Case
    from pytest_modelpin.results.run import Run


def told_by_samples(run: Run, cases: Sequence[Case]) -> list[str]:
    """What is amiss with the samples of a run's `cases`, those that asked a model."""
    return [*_kept(cases), *_drawn(cases), *_contradictory(run)]


def _asked(case: Case) -> list[list[str]]:
    """The questions of each sample that passed, in order, by their fingerprints."""
    return [
        [call.request for call in sample.calls]
        for sample in case.samples
        if sample.outcome == "passed" and not sample.shared
    ]


def _drawn(cases: Sequence[Case]) -> list[str]:
    """A sentence about the cases that ask something else in each sample."""
    found = [case.id for case in cases if begin_anew(_asked(case))]
    if not found:
        return []
    asks = plural(len(found), "asks", "ask")
    return [
        f"{counted(len(found), 'case')} {asks} something else in each sample: {some(found)}. A "
        f"replay will ask what is not recorded. Have {plural(len(found), 'it', 'them')} ask the "
        f"same each time: hypothesis by `@settings(derandomize=True)`, {ASK_THE_SAME}."
    ]


def _kept(cases: Sequence[Case]) -> list[str]:
    """A sentence about the cases that a cache of the code's own answers after one sample."""
    from pytest_modelpin.session.unheard import answered_once

    found = [case.id for case in cases if answered_once(_asked(case))]
    if not found:
        return []
    return [
        f"a cache of the code's own answered {counted(len(found), 'case')} after one sample: "
        f"{some(found)}. It would answer in a candidate's place, too: turn it off for tests, then "
        "run `pytest-modelpin record` again."
    ]


def _contradictory(run: Run) -> list[str]:
    """A sentence about the cases of which nothing is invariant, as their own samples disagree."""
    from pytest_modelpin.compare.comparable import contradictions_within

    found = contradictions_within(run)
    if not found:
        return []
    named = [f"{case} ({between})" for case, between in found.items()]
    samples = f"the samples of {counted(len(found), 'case')}"
    return [
        f"{samples} contradict each other, so neither answer can be held against a candidate "
        f"there: {some(named)}. Ask for it more precisely, or have the test assert what is right."
    ]
