"""The page's head: what to do, the figures that speak for it, and the tables behind them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlencode

from pytest_modelpin import __version__
from pytest_modelpin.compare.comparison import Comparison
from pytest_modelpin.compare.profile import RATIOS
from pytest_modelpin.drift.drift import Severity
from pytest_modelpin.gate.evidence import Counts
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.report.escape import html, terminal
from pytest_modelpin.report.figures import Row, category_rows, figure_rows
from pytest_modelpin.report.findings import SEVERITIES, fails, of_severity
from pytest_modelpin.report.page.plots import NightPoint, trend
from pytest_modelpin.wording import counted

_PROFILED = 12
"""Lines of the profile that are shown; what an equal model hardly ever shows comes first."""
_ID = re.compile(r"[\w./-]+\.py::\w")  # as pytest makes them; other names may be any word
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class PageContext:
    """What the page tells beside the comparison; all of it optional."""

    nights: Sequence[NightPoint] = ()
    """Of all the candidate's versions, oldest first, tonight's last."""
    margin: float = 0.10
    made: str = ""
    """When and from which commit, as shown."""
    run_url: str = ""
    retirements: Sequence[str] = ()
    """Sentences about who retires when, old pin and new."""
    fresh: Mapping[str, Counts] = field(default_factory=dict)
    """By case: passes and samples of both sides, asked anew to confirm what looked changed."""
    held: Sequence[str] = ()
    """Cases with a confirmed change that a person has not accepted yet."""
    accepted: Sequence[str] = ()
    """Cases whose changes a person has accepted; `*` stands for all."""


class Tile(NamedTuple):
    """A figure in large type."""

    title: str
    value: str
    note: str = ""
    tone: str = ""
    """`red` or `amber` where it speaks against the candidate."""


class Table(NamedTuple):
    """A table with a heading; the first cell of a row names it."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def decision(verdict: Verdict, context: PageContext) -> tuple[str, str]:
    """What to do, in three words, and why, in a sentence."""
    if verdict.colour == "red":
        return "Keep the pin", "Something got worse, and fresh samples confirmed it."
    if verdict.colour == "inconclusive":
        return "Nothing decided", "This comparison alone can't tell whether the candidate is worse."
    if not verdict.bump_due:
        return "Keep watching", "Nothing got worse beyond chance tonight; it takes more nights."
    if context.held:
        return "Read, then move the pin", "No test got worse, but what the pin always says changed."
    return "Move the pin", "Nothing got worse beyond chance, and that is shown over several nights."


def tiles(comparison: Comparison) -> Iterator[Tile]:
    """The few figures that a decision rests on; what nobody knows is left out."""
    cases = comparison.cases
    failing = sum(case.broken or fails(case) for case in cases)
    yield Tile(
        "Cases broken or failing", f"{failing:,} of {len(cases):,}", "", "red" if failing else ""
    )
    worst = {each: of_severity(cases, each) for each in SEVERITIES}
    changed = sum(worst.values())
    parts = [f"{worst[each]:,} {name}" for each, name in _CHANGED.items() if worst[each]]
    tone = "red" if worst["regression"] else "amber" if worst["review"] else ""
    yield Tile("Answers that changed", f"{changed:,}", ", ".join(parts), tone)
    passed, *figures = figure_rows(comparison)
    yield _change("Samples that pass", passed)
    for row in figures:
        if row.figure in _TILED and "unknown" not in (row.production, row.candidate):
            yield _change(row.figure, row)


_CHANGED: Mapping[Severity, str] = {
    "regression": "regressed",
    "review": "to review",
    "info": "harmless",
}
_TILED = ("Output tokens a sample", "Cost a sample", "Latency, median")


def _change(title: str, row: Row) -> Tile:
    short = (re.sub(r"^.*\((.*)\)$", r"\1", value) for value in (row.production, row.candidate))
    # A number stays beside its unit.
    return Tile(title, " → ".join(short).replace(" s", "\u00a0s"), row.change)


def tables(comparison: Comparison, context: PageContext) -> list[Table]:
    """All that is counted, table by table; one without rows is left out."""
    columns = ("Pin", "Candidate", "Change")
    found = [
        Table("Confirmed on fresh samples", ("Pin passes", "Candidate"), _fresh(context)),
        Table(
            "Profile of the answers",
            ("Pin", "Candidate", "Change", "Pin's own spread"),
            _profile(comparison),
        ),
        Table(
            "Kinds of change, in cases", [s.capitalize() for s in SEVERITIES], _kinds(comparison)
        ),
        Table("Categories", columns, category_rows(comparison)),
        Table("The whole suite", columns, figure_rows(comparison)),
    ]
    return [table for table in found if table.rows]


def trends(nights: Sequence[NightPoint]) -> list[dict[str, str]]:
    """Cost, latency and tokens as lines over the nights; what is not known twice is left out."""
    drawn = (
        ("Cost a night", trend([night.cost_usd for night in nights], "${:.4f}")),
        ("Latency, median", trend([night.latency for night in nights], "{:.2f} s")),
        ("Output tokens a sample", trend([night.tokens for night in nights], "{:,.0f}")),
    )
    return [{"title": title, "svg": svg} for title, svg in drawn if svg]


def made(comparison: Comparison, context: PageContext) -> str:
    """When, from what and by which version the page was made."""
    count = len(comparison.cases)
    parts = [context.made, counted(count, "case")]
    return " · ".join([*filter(None, parts), f"pytest-modelpin {__version__}"])


def accepted(context: PageContext) -> list[str]:
    """The cases whose changes a person has accepted, as shown."""
    if "*" in context.accepted:
        return ["every change of this version"]
    return [terminal(case) for case in context.accepted]


def with_code(sentence: str) -> str:
    """A sentence as HTML, what stands between backticks as code."""
    pieces = map(html, _CODE.split(sentence))
    return "".join(f"<code>{piece}</code>" if at % 2 else piece for at, piece in enumerate(pieces))


def with_cases(sentence: str, cases: Collection[str]) -> str:
    """As `with_code`, and each of these cases' ids a link that opens the case."""
    named = [case for case in cases if _ID.match(case)]
    if not named:
        return with_code(sentence)
    # The longest first: one id may begin another.
    ids = "|".join(re.escape(each) for each in sorted(named, key=len, reverse=True))
    pieces = re.split(rf"(?<![\w./-])({ids})(?![\w\[])", sentence)
    return "".join(
        f'<a href="#{html(urlencode({"case": terminal(piece)}))}">{html(piece)}</a>'
        if at % 2
        else with_code(piece)
        for at, piece in enumerate(pieces)
    )


def _fresh(context: PageContext) -> list[Sequence[str]]:
    return [
        (terminal(case), f"{pin} of {pin_of}", f"{new} of {new_of}")
        for case, (pin, pin_of, new, new_of) in sorted(context.fresh.items())
    ]


def _profile(comparison: Comparison) -> list[Sequence[str]]:
    """What changed over the suite as a whole; what an equal model hardly ever shows is marked."""
    rows = sorted(comparison.profile, key=lambda row: (not row.beyond_chance, row.p, row.name))
    told: list[Sequence[str]] = []
    for row in rows[:_PROFILED]:
        ratio = row.name in RATIOS
        unit = "%" if ratio else " points"
        told.append(
            (
                f"{row.name}{' (beyond chance)' if row.beyond_chance else ''}",
                f"{row.pin:,.0f}" if ratio else f"{row.pin:.0%}",
                f"{row.candidate:,.0f}" if ratio else f"{row.candidate:.0%}",
                f"{100 * row.change:+.0f}{unit}",
                f"± {100 * row.spread:.0f}{unit}" if row.spread else "",
            )
        )
    return told


def _kinds(comparison: Comparison) -> list[Sequence[str]]:
    counts: dict[str, dict[str, int]] = {}
    for case in comparison.cases:
        for kind, severity in {(drift.kind, drift.severity) for drift in case.drifts}:
            of_kind = counts.setdefault(kind, {})
            of_kind[severity] = of_kind.get(severity, 0) + 1
    ranked = sorted(counts, key=lambda kind: [-counts[kind].get(s, 0) for s in SEVERITIES])
    return [(kind, *(str(counts[kind].get(s, "")) for s in SEVERITIES)) for kind in ranked]
