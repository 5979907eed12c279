"""A comparison and its verdict as plain text for a terminal; and the whole answer of each case on
both sides, where the candidate's is none that the pin gave.

A test need not use `model_snapshot` for its answer to be read: without one, what was said on the
wire stands for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pytest_modelpin.compare.comparable import in_order_of
from pytest_modelpin.compare.comparison import CaseComparison, Comparison, Side
from pytest_modelpin.compare.decide import left_out_reason
from pytest_modelpin.compare.figures import answered
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.providers.wire import Reply
from pytest_modelpin.report.advice import left_out_lines
from pytest_modelpin.report.ansi import PLAIN, Palette, fitted, shown_width, table, wrapped
from pytest_modelpin.report.escape import job_log, terminal
from pytest_modelpin.report.findings import (
    EMPTY,
    JUDGE,
    Row,
    all_worst_first,
    as_text,
    broken_answers,
    category_rows,
    drifts_worst_first,
    excerpts,
    fails_as_before,
    figure_rows,
    only_measured,
    shown_pair,
    worst_first,
)
from pytest_modelpin.results.case import Case, Sample
from pytest_modelpin.results.run import Run
from pytest_modelpin.wording import clipped, counted

NO_ANSWERS: Mapping[str, str] = {}

_LONGEST = 70  # characters of a value in a line
_HEAD = Row("", "production", "candidate", "change")
_MOST_CASES = 200  # nobody reads more in a terminal, and the worst come first
_ROOM = 100  # characters of a line, where nobody sees an edge
_WIDEST = 40  # characters of a figure's name
_BELOW = 4  # blanks before what goes on of a line that was too long


def comparison_text(
    comparison: Comparison,
    verdict: Verdict,
    palette: Palette = PLAIN,
    columns: int | None = None,
    answers: Mapping[str, str] = NO_ANSWERS,
) -> str:
    """Everything a person wants to know, the verdict first; ends with a newline."""
    return "\n".join(
        [
            *heading(comparison, verdict, palette, columns),
            "",
            *findings(
                comparison, most=_MOST_CASES, palette=palette, columns=columns, answers=answers
            ),
            "",
            *figures(comparison, columns),
            *(
                line
                for note in (*comparison.notes, *comparison.standing)
                for line in wrapped(f"note: {terminal(note)}", columns)
            ),
            "",
        ]
    )


def heading(
    comparison: Comparison,
    verdict: Verdict,
    palette: Palette = PLAIN,
    columns: int | None = None,
) -> list[str]:
    """The verdict, its reasons, and what was compared with what."""
    first, *rest = wrapped(
        terminal(f"{verdict.colour.upper()}: {comparison.name}, {sides(comparison)}"), columns
    )
    colour, colon, said = first.partition(":")
    lines = [palette.word(verdict.colour, colour) + colon + said, *rest]
    return [job_log(line) for line in [*lines, *reason_lines(verdict, comparison, columns)]]


def reason_lines(verdict: Verdict, comparison: Comparison | None, columns: int | None) -> list[str]:
    """The verdict's reasons; of cases that were left out a line each, by what they did."""
    lines: list[str] = []
    grouped = left_out_reason(comparison) if comparison and comparison.left_out else None
    for why in verdict.told:
        if comparison and why == grouped:
            inner = None if columns is None else columns - 4
            told = left_out_lines(comparison.left_out, inner)
            count = counted(len(comparison.left_out), "case was", "cases were")
            if len(comparison.left_out) == 1:
                lines.append(f"  {count} left out: {told.pop(0)}")
            else:
                lines.append(f"  {count} left out:")
            lines += [f"    {line}" for line in told]
        else:
            lines += wrapped(f"  {terminal(why)}", columns)
    return lines


def sides(comparison: Comparison) -> str:
    """What was compared with what, and which version answered for the second."""
    before, after = comparison.production.id, comparison.candidate.id
    served = ", ".join(comparison.candidate.served) or "an unknown version"
    return f"{before} -> {after}" + (f" (served by {served})" if served != after else "")


def findings(
    comparison: Comparison,
    *,
    most: int | None = None,
    palette: Palette = PLAIN,
    columns: int | None = None,
    answers: Mapping[str, str] = NO_ANSWERS,
) -> list[str]:
    """Each case in which something failed or drifted, the worst first; at `most` so many.

    Those that only took longer, or more tokens, are counted: the suite's figures tell of them.
    `answers` are the candidate's by case: what was answered instead of what is absent.
    """
    found = worst_first(comparison.cases)
    told = [case for case in found if not only_measured(case)]
    quiet = len(comparison.cases) - len(found)
    lines = [
        line
        for case in told[:most]
        for line in _case_lines(case, palette, columns, answers.get(case.id))
    ]
    if most is not None and len(told) > most:
        more = f"and {counted(len(told) - most, 'case')} more; `--html FILE` shows all of them"
        lines += wrapped(more, columns)
    if measured := len(found) - len(told):
        more = f"nothing changed but latency, tokens or cost in {counted(measured, 'case')}"
        lines += wrapped(f"{more}; `--html FILE` shows them", columns)
    if quiet or not found:
        lines.append(f"nothing changed in {quiet} of {counted(len(comparison.cases), 'case')}")
    return lines


def figures(comparison: Comparison, columns: int | None = None) -> list[str]:
    """The suite's figures and each category's pass rates, on both sides."""
    rows = [_HEAD, *figure_rows(comparison), *category_rows(comparison)]
    cells = [Row(terminal(row.figure)[:_WIDEST], *row[1:]) for row in rows]
    return table(cells, columns, right=True)


def drift_lines(
    drift: Drift, palette: Palette = PLAIN, columns: int | None = None, *, of: bool = False
) -> list[str]:
    """One finding: in a line where it fits, else what was and what is below each other.

    `of` tells in how many of the samples it was seen, where there are several.
    """
    where = f" at {_short(drift.where)}" if drift.where else ""
    seen, samples = drift.samples
    count = f", in {seen} of {samples} samples" if of and samples > 1 else ""
    what = f"{drift.kind}{where}{count}"
    severity = palette.word(drift.severity, f"{drift.severity:<10}")
    if drift.before == drift.after and drift.before in (None, ""):
        return fitted(f"  {severity}  {what}", columns, _BELOW)
    old, new = shown_pair(drift)
    if drift.where == JUDGE:  # its reason is all there is
        said = f"  {severity}  {drift.kind}, says the judge: {_short(new)}"
        return fitted(said, columns, _BELOW)
    before, after = excerpts(_one_line(old), _one_line(new), _LONGEST)
    painted = palette.pair(before, after)
    room = (columns or _ROOM) - len(f"  {drift.severity:<10}  {what}: ")
    if shown_width(f"{before} -> {after}") <= room:
        return [f"  {severity}  {what}: {painted[0]} -> {painted[1]}"]
    return [
        *fitted(f"  {severity}  {what}", columns, _BELOW),
        *fitted(f"    - {painted[0]}", columns, 6),
        *fitted(f"    + {painted[1]}", columns, 6),
    ]


def case_lines(case: str, rest: str, palette: Palette, columns: int | None) -> list[str]:
    """A case's id, whole, and what is to be said of it; on a second line where one is too short."""
    id = job_log(terminal(case))
    if columns is not None and shown_width(f"{id}: {rest}") > columns:
        return [palette.paint(id, "bold"), *fitted(f"  {rest}", columns, _BELOW)]
    return [f"{palette.paint(id, 'bold')}: {rest}"]


def case_head(case: CaseComparison, palette: Palette, columns: int | None) -> list[str]:
    """A case's id, how its samples passed on both sides, and the first failure."""
    told = (
        ("critical", case.critical),
        ("left out", case.left_out),
        ("failing on the pin, too", fails_as_before(case)),
    )
    marks = [mark for mark, holds in told if holds]
    marked = f" ({', '.join(marks)})" if marks else ""
    lines = case_lines(case.id, _passed(case) + marked, palette, columns)
    if case.message:
        lines += fitted(job_log(f"  {_short(case.message)}"), columns, _BELOW)
    return lines


def _passed(case: CaseComparison) -> str:
    """`5/5 -> 0/4 passed`; a side that has no sample says what became of it instead."""
    before, after = (_of_side(side) for side in (case.production, case.candidate))
    if "/" in before and "/" in after:
        return f"{before} -> {after} passed{broken_answers(case)}"
    told = (f"{side} passed" if "/" in side else side for side in (before, after))
    return " -> ".join(told)


def _of_side(side: Side) -> str:
    if side.samples:
        return f"{side.passes}/{side.samples}"
    return "lost to provider errors" if side.lost else "no answer"


def _case_lines(
    case: CaseComparison, palette: Palette, columns: int | None, answer: str | None
) -> list[str]:
    drifts = drifts_worst_first(case)
    lines = case_head(case, palette, columns)
    for drift in drifts:
        lines += drift_lines(drift, palette, columns)
    return [*lines, *answered_instead(drifts, answer, columns)]


def answered_instead(drifts: Iterable[Drift], answer: str | None, columns: int | None) -> list[str]:
    """What was answered where something went: "(absent)" alone would hide it; else nothing."""
    gone = any(drift.after is None and drift.before is not None for drift in drifts)
    if answer is None or not gone:
        return []
    said = clipped(_one_line(answer), _LONGEST) if answer.strip() else EMPTY
    return fitted(f"    the whole answer: {said}", columns, 6)


def _one_line(text: str) -> str:
    return terminal(" ".join(text.split()))


def _short(text: str) -> str:
    return clipped(_one_line(text), _LONGEST)


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
    comparison: Comparison, production: Run, candidate: Run
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
    return tuple(answer for answer, _ in zip(changed, range(MOST), strict=False))


def answers_by_case(comparison: Comparison, production: Run, candidate: Run) -> dict[str, str]:
    """What the candidate answered in each case that changed."""
    found = changed_answers(comparison, production, candidate)
    return {answer.case: answer.after for answer in found}


def changed_answer(pin: Case, candidate: Case, name: str) -> ChangedAnswer | None:
    """The answer of one case where it changed; `name` is the logical model's."""
    pin, candidate = in_order_of(pin, pin), in_order_of(pin, candidate)
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
