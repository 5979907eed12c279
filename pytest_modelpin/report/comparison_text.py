"""A comparison and its verdict as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_modelpin.compare.colour import Verdict, points
from pytest_modelpin.compare.comparison import CaseComparison, Comparison
from pytest_modelpin.compare.drift import Drift
from pytest_modelpin.compare.figures import Side, increase
from pytest_modelpin.report.escape import terminal

_ORDER = {"regression": 0, "review": 1, "info": 2}
_LONGEST = 70  # characters of a value in a line
_WIDTH = 22


def comparison_text(comparison: Comparison, verdict: Verdict) -> str:
    """Everything a person wants to know, the verdict first; ends with a newline."""
    return "\n".join(
        [
            *heading(comparison, verdict),
            "",
            *findings(comparison),
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


def findings(comparison: Comparison) -> list[str]:
    """Each case in which something failed or drifted, the worst first."""
    told = sorted((case for case in comparison.cases if _worth_telling(case)), key=_rank)
    lines: list[str] = []
    for case in told:
        lines += _case_lines(case)
    quiet = len(comparison.cases) - len(told)
    return [*lines, f"{quiet} of {len(comparison.cases)} cases: nothing changed"]


def figures(comparison: Comparison) -> list[str]:
    """The suite's figures, and each category's, on both sides."""
    lines = [f"{'suite':<{_WIDTH}}{'production':>14}{'candidate':>14}{'change':>10}"]
    lines += _side_lines(comparison.suite_production, comparison.suite_candidate)
    for category, (before, after) in comparison.categories.items():
        change = _rate_change(before, after)
        lines.append(
            f"{terminal(category)[: _WIDTH - 1]:<{_WIDTH}}"
            f"{_passes(before):>14}{_passes(after):>14}{change:>10}"
        )
    return lines


def _case_lines(case: CaseComparison) -> list[str]:
    marks = [mark for mark, holds in (("critical", case.critical), ("lost", case.lost)) if holds]
    lines = [
        terminal(
            f"{case.id}: {_passes(case.production)} -> {_passes(case.candidate)} passed"
            + (f" ({', '.join(marks)})" if marks else "")
        )
    ]
    if case.message:
        lines.append(f"  {_short(case.message)}")
    lines += [_drift_line(drift) for drift in sorted(case.drifts, key=lambda d: _ORDER[d.severity])]
    return lines


def _drift_line(drift: Drift) -> str:
    where = f" at {terminal(drift.where)}" if drift.where else ""
    if drift.before is None and drift.after is None:
        return f"  {drift.severity:<10}  {drift.kind}{where}"
    return (
        f"  {drift.severity:<10}  {drift.kind}{where}: "
        f"{_short(drift.before)} -> {_short(drift.after)}"
    )


def _worth_telling(case: CaseComparison) -> bool:
    worse = case.candidate.passes < case.candidate.samples or case.lost
    return worse or bool(case.drifts)


def _rank(case: CaseComparison) -> tuple[int, str]:
    failing = case.broken or case.candidate.passes < case.candidate.samples
    severities = [_ORDER[drift.severity] + 1 for drift in case.drifts]
    return 0 if failing else min(severities, default=len(_ORDER) + 1), case.id


def _side_lines(before: Side, after: Side) -> Iterable[str]:
    rows = [
        ("passed", _passes(before), _passes(after), _rate_change(before, after)),
        ("lost", str(before.lost), str(after.lost), ""),
    ]
    for what, old, new, form in (
        (
            "tokens a sample",
            before.per_sample(before.tokens),
            after.per_sample(after.tokens),
            "{:,.0f}",
        ),
        (
            "cost a sample",
            before.per_sample(before.cost_usd),
            after.per_sample(after.cost_usd),
            "${:.6f}",
        ),
        ("latency p50", before.latency_p50, after.latency_p50, "{:.2f} s"),
        ("latency p95", before.latency_p95, after.latency_p95, "{:.2f} s"),
    ):
        change = increase(old, new)
        rows.append(
            (
                what,
                "unknown" if old is None else form.format(old),
                "unknown" if new is None else form.format(new),
                "" if change is None else f"{change:+.0%}",
            )
        )
    for what, left, right, change_text in rows:
        yield f"{what:<{_WIDTH}}{left:>14}{right:>14}{change_text:>10}".rstrip()


def _rate_change(before: Side, after: Side) -> str:
    if not before.samples or not after.samples:
        return "unknown"
    return points(after.passes / after.samples - before.passes / before.samples)


def _passes(side: Side) -> str:
    return f"{side.passes}/{side.samples}"


def _short(value: object) -> str:
    text = terminal(" ".join(str(value).split()))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
