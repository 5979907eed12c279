"""What holds a bump: confirmed changes that no test fails over, for a person to accept."""

from __future__ import annotations

from pytest_modelpin.compare.comparison import CaseComparison
from pytest_modelpin.providers.reply import JSON
from pytest_modelpin.report.escape import code, one_line
from pytest_modelpin.report.findings import as_text, drifts_worst_first
from pytest_modelpin.upgrade.bump.bump import Bump
from pytest_modelpin.wording import clipped, counted

_CASES = 20
_FINDINGS = 3
_VALUE = 80
"""Characters of a value that is shown."""


def is_held(bump: Bump) -> bool:
    """Whether the bump waits for a person, so that its pull request opens as a draft."""
    return any(one.held for one in (bump, *bump.members))


def held_changes(bump: Bump) -> str:
    """The section on top of the pull request's text; empty where nothing waits."""
    lines = []
    for one in bump.members or (bump,):
        cases = {case.id: case for case in one.comparison.cases} if one.comparison else {}
        for name in one.held[:_CASES]:
            lines.append(f"- {code(name)}")
            lines += _findings(cases[name]) if name in cases else []
        if len(one.held) > _CASES:
            lines.append(f"- and {len(one.held) - _CASES} more")
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


def _findings(case: CaseComparison) -> list[str]:
    worst = [drift for drift in drifts_worst_first(case) if drift.severity != "info"]
    return [
        f"  - {drift.kind}: {_value(drift.before)} → {_value(drift.after)}"
        for drift in worst[:_FINDINGS]
    ]


def _value(value: JSON) -> str:
    text = clipped(one_line(as_text(value)), _VALUE)
    return code(text) if text else "nothing"
