"""How much a drift of each kind matters, by its consequence for whoever uses the answer.

`regression`: a consumer breaks or a reader is told something else. `review`: a person should look.
`info`: harmless. The table and its reasons are in docs/drift.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from pytest_modelpin.drift.context import Context
from pytest_modelpin.drift.drift import Drift, DriftKind, Severity
from pytest_modelpin.providers.reply import JSON

DEFAULT: Mapping[DriftKind, Severity] = {
    "identical": "info",
    "whitespace": "info",
    "wording": "info",
    "order": "info",
    "fence": "review",
    "unparseable": "regression",
    "keys": "regression",
    "type": "regression",
    "enum": "regression",
    "shape": "regression",
    "number": "regression",
    "negation": "regression",
    "refusal": "regression",
    "truncated": "regression",
    "empty": "regression",
    "length": "review",
    "language": "regression",
    "format": "review",
    "content": "review",
    "tools": "regression",
    "neighbours": "review",
    "tokens": "info",
    "cost": "info",
    "latency": "info",
    "finish_reason": "review",
}

OF_SUITES: frozenset[DriftKind] = frozenset({"neighbours"})
"""Kinds that no two answers show by themselves: it takes all that a suite asked."""

RANK: Mapping[str, int] = {"info": 0, "review": 1, "regression": 2}


def drift_of(
    kind: DriftKind,
    where: str = "",
    before: JSON = None,
    after: JSON = None,
    severity: Severity | None = None,
) -> Drift:
    """A drift with its kind's default severity, unless this one's consequence is known better."""
    return Drift(kind, severity or DEFAULT[kind], where, before, after)


def worst(severities: Iterable[Severity]) -> Severity:
    """The gravest of some severities; `info` where there are none."""
    return max(severities, key=RANK.__getitem__, default="info")


def settled(drift: Drift, context: Context) -> Drift:
    """The drift as this case's context weighs it: `ignore` lowers, `critical` raises."""
    severity = context.severities.get(drift.kind, drift.severity)
    if severity not in RANK:
        severity = drift.severity
    if context.critical and severity == "review":
        severity = "regression"
    if drift.kind in context.ignore:
        severity = "info"
    return drift if severity == drift.severity else replace(drift, severity=severity)
