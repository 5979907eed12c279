"""Which cases, and which of their drifts, a reviewer should see first."""

from __future__ import annotations

import json
from collections.abc import Iterable

from pytest_modelpin.compare.comparison import CaseComparison, Comparison
from pytest_modelpin.drift.drift import Drift, Severity
from pytest_modelpin.providers.reply import JSON

SEVERITIES: tuple[Severity, ...] = ("regression", "review", "info")
"""The worst first."""

_RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}


def worst_first(cases: Iterable[CaseComparison]) -> list[CaseComparison]:
    """Cases with a finding: broken ones first, critical before others, then by severity."""
    return sorted((case for case in cases if has_finding(case)), key=_rank)


def all_worst_first(comparison: Comparison) -> list[CaseComparison]:
    """All cases, the worst first, those without a finding last."""
    found = worst_first(comparison.cases)
    known = {case.id for case in found}
    return [*found, *(case for case in comparison.cases if case.id not in known)]


def severity(case: CaseComparison) -> Severity | None:
    """Of the worst finding; None where there is none."""
    worst = drifts_worst_first(case)
    return worst[0].severity if worst else None


def of_severity(cases: Iterable[CaseComparison], wanted: Severity) -> int:
    """How many cases have this as their worst finding."""
    return sum(severity(case) == wanted for case in cases)


def drifts_worst_first(case: CaseComparison) -> list[Drift]:
    """A case's drifts, the worst first, else in the order they were found."""
    return sorted(case.drifts, key=lambda drift: _RANK[drift.severity])


def has_finding(case: CaseComparison) -> bool:
    """Whether anything is to be said of the case."""
    return bool(case.drifts) or case.broken or case.lost or fails(case)


def fails(case: CaseComparison) -> bool:
    """Whether a sample of the candidate failed."""
    return case.candidate.passes < case.candidate.samples


def as_text(value: JSON) -> str:
    """A drift's before or after as a person reads it; empty for nothing."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def _rank(case: CaseComparison) -> tuple[bool, bool, bool, int, int, str]:
    severity = min((_RANK[drift.severity] for drift in case.drifts), default=len(_RANK))
    return (
        not case.broken,
        not (fails(case) and case.critical),
        not fails(case),
        severity,
        -len(case.drifts),
        case.id,
    )
