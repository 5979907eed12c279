"""A comparison and its verdict as plain text for a terminal."""

from __future__ import annotations

from pytest_modelpin.compare.comparison import CaseComparison, Comparison
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.report.escape import terminal
from pytest_modelpin.report.figures import Row, category_rows, figure_rows
from pytest_modelpin.report.worst import as_text, drifts_worst_first, worst_first
from pytest_modelpin.wording import clipped

_LONGEST = 70  # characters of a value in a line
_HEAD = Row("", "production", "candidate", "change")
_MOST_CASES = 200  # nobody reads more in a terminal, and the worst come first
_WIDEST = 40  # characters of a figure's name


def comparison_text(comparison: Comparison, verdict: Verdict) -> str:
    """Everything a person wants to know, the verdict first; ends with a newline."""
    return "\n".join(
        [
            *heading(comparison, verdict),
            "",
            *findings(comparison, most=_MOST_CASES),
            "",
            *figures(comparison),
            *(f"note: {terminal(note)}" for note in comparison.notes),
            "",
        ]
    )


def heading(comparison: Comparison, verdict: Verdict) -> list[str]:
    """The verdict, its reasons, and what was compared with what."""
    before, after = comparison.production, comparison.candidate
    served = ", ".join(after.served) or "an unknown version"
    lines = [
        f"{verdict.colour.upper()}: {comparison.name}, {before.id} -> {after.id} "
        f"(served by {served})"
    ]
    return [terminal(line) for line in (*lines, *(f"  {why}" for why in verdict.reasons))]


def findings(comparison: Comparison, *, most: int | None = None) -> list[str]:
    """Each case in which something failed or drifted, the worst first; at `most` so many."""
    told = worst_first(comparison.cases)
    quiet = len(comparison.cases) - len(told)
    lines = [line for case in told[:most] for line in _case_lines(case)]
    if most is not None and len(told) > most:
        lines.append(f"and {len(told) - most} cases more; add --json for all of them")
    return [*lines, f"{quiet} of {len(comparison.cases)} cases: nothing changed"]


def figures(comparison: Comparison) -> list[str]:
    """The suite's figures and each category's pass rates, on both sides."""
    rows = [_HEAD, *figure_rows(comparison), *category_rows(comparison)]
    cells = [Row(terminal(row.figure)[:_WIDEST], *row[1:]) for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEAD))]
    return [
        "  ".join(
            [
                row.figure.ljust(widths[0]),
                *(row[column].rjust(widths[column]) for column in range(1, len(_HEAD))),
            ]
        ).rstrip()
        for row in cells
    ]


def _case_lines(case: CaseComparison) -> list[str]:
    before, after = case.production, case.candidate
    marks = [mark for mark, holds in (("critical", case.critical), ("lost", case.lost)) if holds]
    passed = f"{before.passes}/{before.samples} -> {after.passes}/{after.samples} passed"
    lines = [terminal(f"{case.id}: {passed}" + (f" ({', '.join(marks)})" if marks else ""))]
    if case.message:
        lines.append(f"  {_short(case.message)}")
    return [*lines, *map(_drift_line, drifts_worst_first(case))]


def _drift_line(drift: Drift) -> str:
    return f"  {drift.severity:<10}  {_finding(drift)}"


def drift_text(drift: Drift) -> str:
    """One finding in a line: severity, kind, place, before and after, in how many samples."""
    seen, of = drift.samples
    told = f" ({seen} of {of} samples)" if of > 1 else ""
    return f"{drift.severity}, {_finding(drift)}{told}"


def _finding(drift: Drift) -> str:
    where = f" at {terminal(drift.where)}" if drift.where else ""
    line = f"{drift.kind}{where}"
    if drift.before is None and drift.after is None:
        return line
    return f"{line}: {_short(as_text(drift.before))} -> {_short(as_text(drift.after))}"


def _short(text: str) -> str:
    return clipped(terminal(" ".join(text.split())), _LONGEST)
