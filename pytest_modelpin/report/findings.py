"""Findings as every report tells them: which come first, what a kind means, how a value reads."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping

from pytest_modelpin.compare.comparison import CaseComparison, Comparison
from pytest_modelpin.drift.drift import Drift, DriftKind, Severity
from pytest_modelpin.providers.reply import JSON
from pytest_modelpin.report.figures import seconds
from pytest_modelpin.wording import clipped, dollars

SEVERITIES: tuple[Severity, ...] = ("regression", "review", "info")
"""The worst first."""

JUDGE = "judge"
"""Where a finding of the judge says that it is; its `after` is the reason."""

ABSENT, EMPTY = "(absent)", "(empty)"

MEANINGS: Mapping[DriftKind, str] = {
    "identical": "nothing differs",
    "whitespace": "only blanks, line ends or indentation differ",
    "wording": "the same said in other words",
    "order": "the same parts in another order",
    "fence": "JSON or code put into a Markdown fence, or taken out of one",
    "unparseable": "JSON or XML that no parser reads any more",
    "keys": "a key lost, added or renamed",
    "type": "another JSON type, such as a string for a number",
    "enum": "a value outside the known set",
    "shape": "nested otherwise: a list for an object, an object flattened",
    "number": "an amount, date, time, unit, id or version changed",
    "negation": "turned round: yes for no, allowed for denied",
    "refusal": "one side declines to answer",
    "truncated": "cut off before its end",
    "empty": "nothing where there was something",
    "length": "much longer or shorter",
    "language": "another language",
    "format": "laid out otherwise: headings, lists, an opening courtesy",
    "content": "something said only on one side",
    "tools": "other tools called, or with other arguments",
    "neighbours": "an embedded text whose nearest texts of the suite are others",
    "tokens": "more or fewer output tokens",
    "cost": "dearer or cheaper",
    "latency": "slower or faster",
    "finish_reason": "ended for another reason",
}
"""Of each kind, in a line for a legend."""

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
    """A case's drifts, the worst first, else in the order they were found; each ending once."""
    told = {(drift.kind, drift.where) for drift in case.drifts if not drift.watched}
    once = (drift for drift in case.drifts if not _is_told(drift, told))
    return sorted(once, key=lambda drift: _RANK[drift.severity])


# How a reply ended is found in the reply and, where it is the answer too, in the answer's text.
_ENDINGS = ("truncated", "refusal")


def _is_told(drift: Drift, told: Container[tuple[str, str]]) -> bool:
    return (
        drift.watched
        and drift.kind in _ENDINGS
        and not drift.before
        and (drift.kind, drift.where) in told
    )


def has_finding(case: CaseComparison) -> bool:
    """Whether anything is to be said of the case."""
    return bool(case.drifts) or case.broken or case.lost or fails(case)


def fails(case: CaseComparison) -> bool:
    """Whether a sample of the candidate failed."""
    return case.candidate.passes < case.candidate.samples


def broken_answers(case: CaseComparison) -> str:
    """What to add to a case's passed samples: its asserts hold, and its answer does not."""
    return f", the answer broken in {case.drifted_samples}" if case.drifted_samples else ""


def as_text(value: JSON) -> str:
    """A drift's before or after as a person reads it; empty for nothing."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def shown_pair(drift: Drift) -> tuple[str, str]:
    """Both values as texts that can't be taken for each other.

    What is not there says so; where the types differ, each names its own: `42 (number)` became
    `"42" (string)`. Tokens, seconds and dollars have their unit. Line breaks stay.
    """
    before, after = drift.before, drift.after
    if form := _UNITS.get(drift.kind):
        old, new = (
            form(value) if isinstance(value, (int, float)) else _shown(value, typed=False)
            for value in (before, after)
        )
        return old, new
    typed = before is not None and after is not None and _type(before) != _type(after)
    return _shown(before, typed), _shown(after, typed)


def excerpts(before: str, after: str, longest: int) -> tuple[str, str]:
    """Both texts at `longest` characters at most, cut so that where they first differ is seen."""
    same = next(
        (at for at, (old, new) in enumerate(zip(before, after, strict=False)) if old != new),
        min(len(before), len(after)),
    )
    start = max(0, same - longest // 3)
    if start == 0 or max(len(before), len(after)) <= longest:
        return clipped(before, longest), clipped(after, longest)
    return tuple(f"…{clipped(text[start:], longest - 1)}" for text in (before, after))  # type: ignore[return-value]


_UNITS = {"tokens": "{:,.0f}".format, "latency": seconds, "cost": dollars}


def _shown(value: JSON, typed: bool) -> str:
    if value is None:
        return ABSENT
    if value == "":
        return EMPTY
    if not typed:
        return as_text(value)
    return f"{json.dumps(value, ensure_ascii=False, default=str)} ({_type(value)})"


def _type(value: JSON) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return {str: "string", dict: "object", type(None): "null"}.get(type(value), "list")


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
