"""Findings as every report tells them: which come first, what a kind means, how a value reads.

And the suite's figures on both sides, as rows of a table that any report can lay out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from pytest_modelpin.compare.comparison import CaseComparison, Comparison, Side
from pytest_modelpin.compare.figures import increase
from pytest_modelpin.drift.drift import Drift, DriftKind, Severity
from pytest_modelpin.gate.verdict import points
from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.wording import clipped, dollars, to_one_length

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


def only_measured(case: CaseComparison) -> bool:
    """Whether all that is to be said of a case are figures of its replies, for information."""
    figures = all(drift.kind in _UNITS and drift.severity == "info" for drift in case.drifts)
    return figures and bool(case.drifts) and not (case.broken or case.lost or fails(case))


def fails(case: CaseComparison) -> bool:
    """Whether a sample of the candidate failed."""
    return case.candidate.passes < case.candidate.samples


def fails_as_before(case: CaseComparison) -> bool:
    """Whether it fails at least as often on the pin, and shows nothing else worth a look: what is
    broken there was so before, and no candidate can mend or break it.
    """
    before, after = case.production, case.candidate
    return (
        fails(case)
        and before.passes < before.samples
        and after.passes * before.samples >= before.passes * after.samples
        and all(drift.severity == "info" for drift in case.drifts)
    )


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
        times = [value for value in (before, after) if isinstance(value, (int, float))]
        if form is seconds and times and max(times) >= _IN_SECONDS:
            form = "{:.2f} s".format  # both in one unit
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
        not (fails(case) and case.critical) or fails_as_before(case),
        not fails(case) or fails_as_before(case),
        severity,
        -len(case.drifts),
        case.id,
    )


LATENCY_FLOOR = 0.05
"""Seconds: a smaller difference is the machine's and the network's."""


COST = "Cost of 1,000 samples"
"""One sample's has too many noughts to be read."""


class Row(NamedTuple):
    """One figure, ready to be shown; what isn't known says so and is never 0."""

    figure: str
    production: str
    candidate: str
    change: str
    """Empty where it can't be told."""


def figure_rows(comparison: Comparison) -> list[Row]:
    """The whole suite's figures: pass rates, losses, tokens, cost, latency.

    A sample whose own asserts hold may still break what the pin always answers. By that the night
    goes, so it has a row of its own where the two differ.
    """
    before, after = comparison.suite_production, comparison.suite_candidate
    broken = sum(case.drifted_samples for case in comparison.cases)
    held = replace(after, passes=max(0, after.passes - broken))
    return [
        pass_rate("Tests passed", before, after),
        *([pass_rate("… and the answer held", before, held)] if broken else []),
        Row("Lost to provider errors", str(before.lost), str(after.lost), ""),
        *_averages(before, after),
    ]


def category_rows(comparison: Comparison) -> list[Row]:
    """The pass rate of each category that the tests name."""
    return [
        pass_rate(category, before, after)
        for category, (before, after) in comparison.categories.items()
    ]


def pass_rate(figure: str, before: Side, after: Side) -> Row:
    """A row of passed samples of all, as a share too."""
    change = ""
    if before.samples and after.samples:
        change = points(after.passes / after.samples - before.passes / before.samples)
    return Row(figure, _passes(before), _passes(after), change)


def _averages(before: Side, after: Side) -> Iterator[Row]:
    figures: tuple[tuple[str, Callable[[float], str], float | None, float | None], ...] = (
        ("Input tokens a sample", "{:,.0f}".format, *a_sample(before, after, "input_tokens")),
        ("Output tokens a sample", "{:,.0f}".format, *a_sample(before, after, "output_tokens")),
        (COST, _of_a_thousand, *a_sample(before, after, "cost_usd")),
        ("Latency, median", seconds, before.latency_p50, after.latency_p50),
        ("Latency, p95", seconds, before.latency_p95, after.latency_p95),
    )
    for figure, form, old, new in figures:
        change = increase(old, new)
        if form is seconds and abs((old or 0.0) - (new or 0.0)) < LATENCY_FLOOR:
            change = None
        pin, candidate = to_one_length(
            ["unknown" if each is None else form(each) for each in (old, new)]
        )
        yield Row(figure, pin, candidate, "" if change is None else f"{change:+.0%}")


def _of_a_thousand(cost: float) -> str:
    return dollars(1000 * cost)


def seconds(time: float) -> str:
    """A time as a person reads it: `1.40 s`, `7 ms`."""
    return f"{time:.2f} s" if time >= _IN_SECONDS else f"{1000 * time:.0f} ms"


_IN_SECONDS = 0.1


def a_sample(before: Side, after: Side, sum_of: str) -> tuple[float | None, float | None]:
    """What a sample of each side has of a sum over all of them."""
    return before.per_sample(getattr(before, sum_of)), after.per_sample(getattr(after, sum_of))


def share_passed(side: Side) -> str:
    """The share of samples that passed, as `95.0%`."""
    return f"{side.passes / side.samples:.1%}" if side.samples else "none"


def _passes(side: Side) -> str:
    share = share_passed(side)
    return f"{side.passes:,} of {side.samples:,} ({share})" if side.samples else share


_UNITS = {"tokens": "{:,.0f}".format, "latency": seconds, "cost": dollars}
