"""What changed in the answers, for the pull request: what fails first, then every other change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pytest_modelpin.compare.comparison import CaseComparison, Comparison
from pytest_modelpin.drift.drift import DriftKind
from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.report.comparison_text import MOST, ChangedAnswer
from pytest_modelpin.report.escape import code, html, markdown, one_line
from pytest_modelpin.report.findings import (
    MEANINGS,
    SEVERITIES,
    all_worst_first,
    as_text,
    drifts_worst_first,
    fails,
    severity,
)
from pytest_modelpin.report.markdown import (
    VALUE,
    all_values,
    diff_block,
    findings,
    passed,
    what_happened,
)
from pytest_modelpin.upgrade.bump import Bump
from pytest_modelpin.upgrade.proposal import Section
from pytest_modelpin.wording import clipped, counted

_NAME = 300
_FAILING = 50
"""Failing cases that are listed by name; what is beyond is counted."""


def changes(bump: Bump) -> list[Section]:
    """Sections of the pull request's text; none without a comparison."""
    comparison = bump.comparison
    if comparison is None:
        return []
    answers = {answer.case: answer for answer in bump.answers}
    cases = [
        case
        for case in all_worst_first(comparison)
        if case.id in answers or case.drifts or fails(case) or case.broken
    ]
    grave = [case for case in cases if _is_grave(case)]
    mild = [case for case in cases if not _is_grave(case)]
    parts = [
        Section(_head(comparison, len(answers), len(cases))),
        Section(_failing(grave)),
        _kinds(cases),
    ]
    parts += _folds(grave, answers, 100)
    parts += _folded_together(mild, answers)
    return [part for part in parts if part.text]


def _is_grave(case: CaseComparison) -> bool:
    return case.broken or fails(case) or severity(case) in ("regression", "review")


def _head(comparison: Comparison, changed: int, cases: int) -> str:
    total = len(comparison.cases)
    if not cases:
        return f"### What changed\n\nNothing: {_all(total)} answered as the pin did."
    said = f"{changed:,} of {counted(total, 'case')} answer otherwise than the pin did"
    worst = Counter(severity(case) for case in comparison.cases)
    named = {
        "regression": "with a regression",
        "review": "to review",
        "info": "of words or figures",
    }
    parts = [f"{worst[each]} {named[each]}" for each in SEVERITIES if worst[each]]
    found = f": {', '.join(parts)}" if parts else ""
    return f"### What changed\n\n{said if changed else 'No whole answer changed'}{found}."


def _all(total: int) -> str:
    return "the one case" if total == 1 else f"all {total:,} cases"


def _failing(cases: Sequence[CaseComparison]) -> str:
    failing = [case for case in cases if fails(case) or case.broken]
    if not failing:
        return ""
    lines = ["**Fails now:**", ""]
    for case in failing[:_FAILING]:
        critical = "**critical** " if case.critical else ""
        why = f": {markdown(clipped(one_line(case.message), 160))}" if case.message else ""
        lines.append(f"- ❌ {critical}{code(name(case.id))}, passed {passed(case)}{why}")
    if len(failing) > _FAILING:
        lines.append(f"- and {len(failing) - _FAILING} more")
    return "\n".join(lines)


def _kinds(cases: Sequence[CaseComparison]) -> Section:
    """How many cases show each kind of change, and what the kind means."""
    worst: dict[DriftKind, int] = {}
    count: Counter[DriftKind] = Counter()
    for case in cases:
        for kind in {drift.kind for drift in case.drifts if drift.kind != "identical"}:
            count[kind] += 1
            ranks = (SEVERITIES.index(d.severity) for d in case.drifts if d.kind == kind)
            worst[kind] = min(*ranks, worst.get(kind, len(SEVERITIES)), len(SEVERITIES))
    order = sorted(count, key=lambda kind: (worst[kind], -count[kind], kind))
    lines = [
        f"- **{markdown(kind)}** in {counted(count[kind], 'case')}, {SEVERITIES[worst[kind]]}: "
        f"{markdown(MEANINGS.get(kind, 'found by a detector of your own'))}"
        for kind in order
        if SEVERITIES[worst[kind]] != "info"
    ]
    mild = [kind for kind in order if SEVERITIES[worst[kind]] == "info"]
    if mild:
        told = ", ".join(f"{markdown(kind)} ({count[kind]})" for kind in mild)
        lines.append(f"- for information: {told}")
    return Section("\n".join(lines), 2)


def _folds(
    cases: Sequence[CaseComparison], answers: dict[str, ChangedAnswer], rank: int
) -> list[Section]:
    return [
        Section(_fold(case, answers.get(case.id)), rank + place, answer=True)
        for place, case in enumerate(cases[:MOST])
    ]


def _folded_together(
    cases: Sequence[CaseComparison], answers: dict[str, ChangedAnswer]
) -> list[Section]:
    """Changes that nothing minds: one fold of many, so that they hide nothing that matters."""
    if not cases:
        return []
    summary = f"{counted(len(cases), 'case')} in which only the words or the figures changed"
    inner = _folds(cases, answers, 10_000)
    return [Section(f"<details><summary>{summary}</summary>"), *inner, Section("</details>")]


def _fold(case: CaseComparison, answer: ChangedAnswer | None) -> str:
    kinds = ", ".join(dict.fromkeys(html(drift.kind) for drift in drifts_worst_first(case)))
    sign = "❌" if case.broken or fails(case) else "✏️"
    critical = ", critical" if case.critical else ""
    summary = f"{sign} <code>{html(name(case.id))}</code>{critical}" + (kinds and f": {kinds}")
    inside = "\n\n".join(_inside(case, answer))
    return f"<details><summary>{summary}</summary>\n\n{inside}\n\n</details>"


def _inside(case: CaseComparison, answer: ChangedAnswer | None) -> Iterator[str]:
    drifts = findings(case)
    yield from what_happened(case, drifts)
    if answer is not None:
        yield diff_block(answer.before, answer.after)
        return
    for before, after in all_values(drifts):
        yield diff_block(before, after)


def name(text: str) -> str:
    """A name or path, which may be anything, on one line and at a length that it bears."""
    return clipped(one_line(text), _NAME)


_HELD_CASES = 20
_HELD_FINDINGS = 3


def is_held(bump: Bump) -> bool:
    """Whether the bump waits for a person, so that its pull request opens as a draft."""
    return any(one.held for one in (bump, *bump.members))


def held_changes(bump: Bump) -> str:
    """The section on top of the pull request's text; empty where nothing waits."""
    lines = []
    for one in bump.members or (bump,):
        cases = {case.id: case for case in one.comparison.cases} if one.comparison else {}
        for name in one.held[:_HELD_CASES]:
            lines.append(f"- {code(name)}")
            lines += _of_held(cases[name]) if name in cases else []
        if len(one.held) > _HELD_CASES:
            lines.append(f"- and {len(one.held) - _HELD_CASES} more")
    if not lines:
        return ""
    count = counted(sum(len(one.held) for one in bump.members or (bump,)), "answer")
    head = (
        "> [!IMPORTANT]\n"
        f"> {count} changed in what the pin always says, confirmed on fresh samples of both "
        "sides, and no test fails over it. This pull request is a draft until you accept that: "
        "mark it ready, tick the box on the “Model pins” issue, or run "
        f"{code(f'pytest-modelpin accept {bump.name}')}."
    )
    return "\n".join([head, "", *lines])


def _of_held(case: CaseComparison) -> list[str]:
    worst = [drift for drift in drifts_worst_first(case) if drift.severity != "info"]
    return [
        f"  - {drift.kind}: {_held_value(drift.before)} → {_held_value(drift.after)}"
        for drift in worst[:_HELD_FINDINGS]
    ]


def _held_value(value: JSON) -> str:
    text = clipped(one_line(as_text(value)), VALUE)
    return code(text) if text else "nothing"
