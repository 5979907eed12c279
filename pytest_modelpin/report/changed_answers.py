"""The whole answer of each case on both sides, where the candidate's is none that the pin gave.

A test need not use `model_snapshot` for its answer to be read: without one, what was said on the
wire stands for it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from pytest_modelpin.compare.comparison import Comparison
from pytest_modelpin.compare.figures import answered
from pytest_modelpin.providers.reply import Reply
from pytest_modelpin.report.findings import all_worst_first, as_text
from pytest_modelpin.results.case import Case, Sample
from pytest_modelpin.results.run import Run
from pytest_modelpin.wording import clipped

MOST = 300
"""Answers that are kept; nobody reads more, and the worst come first."""
LONGEST = 4_000
"""Characters of an answer that are kept."""


@dataclass(frozen=True, slots=True)
class ChangedAnswer:
    """One case's answer before and after."""

    case: str
    before: str
    """The pin's first answer; empty where there is none."""
    after: str
    """Of the candidate: of a sample that failed where there is one, else the first new answer."""


def changed_answers(
    comparison: Comparison, production: Run, candidate: Run, *, most: int = MOST
) -> tuple[ChangedAnswer, ...]:
    """The answers that read differently from every sample of the pin's, the worst case first."""
    before = {case.id: case for case in production.cases}
    after = {case.id: case for case in candidate.cases}
    found = (
        changed_answer(before[case.id], after[case.id], comparison.name)
        for case in all_worst_first(comparison)
        if case.id in before and case.id in after
    )
    changed = (answer for answer in found if answer is not None)
    return tuple(answer for answer, _ in zip(changed, range(most), strict=False))


def answers_by_case(comparison: Comparison, production: Run, candidate: Run) -> dict[str, str]:
    """What the candidate answered in each case that changed."""
    found = changed_answers(comparison, production, candidate)
    return {answer.case: answer.after for answer in found}


def changed_answer(pin: Case, candidate: Case, name: str) -> ChangedAnswer | None:
    """The answer of one case where it changed; `name` is the logical model's."""
    accepted = [answer_text(sample, name) for sample in pin.samples]
    new = [
        (sample.outcome != "failed", text)
        for sample in candidate.samples
        if (text := answer_text(sample, name)) not in accepted and sample.outcome != "lost"
    ]
    if not new:
        return None
    _, text = min(new, key=lambda each: each[0])
    first = next(filter(None, accepted), "")
    return ChangedAnswer(candidate.id, clipped(first, LONGEST), clipped(text, LONGEST))


def answer_text(sample: Sample, name: str) -> str:
    """What a sample answered, as text: what it gave to `model_snapshot`, else its replies."""
    if sample.answers:
        return "\n\n".join(as_text(answer.received) for answer in sample.answers)
    calls = (call for call in answered(sample, name) if call.vectors is None)
    return "\n\n".join(spoken(call.reply) for call in calls)


def spoken(reply: Reply) -> str:
    """A reply as a person reads it: its text, and a line for each tool that it calls."""
    calls = (f"{tool.name}({_arguments(tool.arguments)})" for tool in reply.tools)
    return "\n".join(filter(None, (reply.text or reply.refusal or "", *calls)))


def _arguments(arguments: object) -> str:
    return json.dumps(arguments, ensure_ascii=False, default=str)
