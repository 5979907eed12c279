"""The page's head: what to do, the figures that speak for it, and the tables behind them.

And what it tells beside the comparison, and where it is from: the page's context.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from urllib.parse import urlencode

from modelpin_runtime.registry.models import Model
from pytest_modelpin import __version__
from pytest_modelpin.clock import utc_today
from pytest_modelpin.compare.comparison import Comparison, RunPair
from pytest_modelpin.compare.figures import RATIOS
from pytest_modelpin.drift.drift import Severity
from pytest_modelpin.gate.evidence import Counts
from pytest_modelpin.ledger import Night
from pytest_modelpin.providers import floor
from pytest_modelpin.providers.retirements import retirement, retirement_of_pin, when
from pytest_modelpin.report.escape import IN_BACKTICKS, html, terminal
from pytest_modelpin.report.findings import (
    COST,
    SEVERITIES,
    Row,
    category_rows,
    fails,
    figure_rows,
    of_severity,
    seconds,
    share_passed,
)
from pytest_modelpin.report.page.plots import trend
from pytest_modelpin.wording import counted, dollars, plural

_AT_PIN = "the pin itself answered for the candidate"


@dataclass(frozen=True, slots=True)
class PageContext:
    """What the page tells beside the comparison; all of it optional."""

    nights: Sequence[Night] = ()
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
    branch: str = ""
    """Of the bump, where one is or would be made."""
    pulls_url: str = ""
    """Where the bump's pull request is found; only https is linked."""
    not_proposed: str = ""
    """Why no bump would come of it, however green, as a sentence without its end; else empty."""
    replayed: bool = False
    """Whether the candidate's replies are recorded ones."""


def context_of_runs(comparison: Comparison, runs: RunPair, model: Model | None) -> PageContext:
    """Of two runs that are compared outside of a night: when, from what, and who retires.

    What a night kept of the candidate's run is told, too, where it is of these two.
    """
    candidate = runs.candidate
    kept = candidate.night_beside(runs.production)
    served = comparison.candidate.served
    return PageContext(
        margin=runs.settings.margin,
        made=made_of(candidate.started[:16].replace("T", " "), candidate.commit),
        retirements=ends_of(
            comparison.production.id,
            served[0] if len(served) == 1 else None,
            utc_today(),
            model,
        ),
        fresh=dict(kept.fresh) if kept else {},
        accepted=kept.accepted if kept else (),
        not_proposed=_AT_PIN if served == (comparison.production.id,) else "",
        replayed=comparison.stale > 0,
    )


def made_of(when_made: str, commit: str) -> str:
    """When and from which commit, as a page shows it; what is unknown is left out."""
    known = (f"{when_made} UTC" if when_made else "", f"commit {commit}" if commit else "")
    return ", ".join(filter(None, known))


def ends_of(pin: str, served: str | None, today: date, model: Model | None) -> tuple[str, ...]:
    """Sentences about the end of the pin and of the version that would be the new one."""
    return tuple(_ends(pin, served, today, model))


def _ends(pin: str, served: str | None, today: date, model: Model | None) -> Iterator[str]:
    provider = model.provider if model else None
    listed = retirement_of_pin(pin, provider)
    ends = (model.retires if model else None) or (listed.retires if listed else None)
    yield f"The pin {pin} {_end(pin, ends, provider, today)}."
    if served and served != pin:
        itself = retirement(served, provider)
        end = _end(served, itself.retires if itself else None, provider, today)
        yield f"The candidate's version {served} {end}."


def _end(id: str, ends: date | None, provider: str | None, today: date) -> str:
    if ends:
        return when(ends, today)
    promise = floor(id, provider)
    if promise and promise.holds(today):
        return f"will not retire before {promise.not_sooner_than}"
    return "has no retirement date that is known"


_PROFILED = 12
"""Lines of the profile that are shown; what an equal model hardly ever shows comes first."""
_NAMED = 4
"""Lines of the profile that its heading names."""
_ID = re.compile(r"[\w./-]+\.py::\w")  # as pytest makes them; other names may be any word


class Tile(NamedTuple):
    """A figure in large type."""

    title: str
    value: str
    note: str = ""
    tone: str = ""
    """`red` or `amber` where it speaks against the candidate."""


class Profile(NamedTuple):
    """How the answers as a whole changed, beside the pin's own spread."""

    said: str
    """What is beyond chance, in a line."""
    rows: Sequence[Sequence[str]]


class Table(NamedTuple):
    """A table with a heading; the first cell of a row names it."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def tiles(comparison: Comparison) -> Iterator[Tile]:
    """The few figures that a decision rests on; what nobody knows is left out."""
    cases = comparison.cases
    failing = sum(case.broken or fails(case) for case in cases)
    told = [case for case in cases if case.drifted_samples and not (case.broken or fails(case))]
    verb = plural(len(told), "changes", "change")
    yield Tile(
        "Cases broken or failing",
        f"{failing:,} of {len(cases):,}",
        f"{len(told):,} more {verb} what the pin always says" if told else "",
        "red" if failing or told else "",
    )
    worst = {each: of_severity(cases, each) for each in SEVERITIES}
    changed = sum(worst.values())
    parts = [f"{worst[each]:,} {name}" for each, name in _CHANGED.items() if worst[each]]
    tone = "red" if worst["regression"] else "amber" if worst["review"] else ""
    yield Tile("Answers that changed", f"{changed:,}", ", ".join(parts), tone)
    passed, *figures = figure_rows(comparison)
    pin, candidate = map(share_passed, (comparison.suite_production, comparison.suite_candidate))
    yield _change("Samples that pass", passed._replace(production=pin, candidate=candidate))
    for row in figures:
        if row.figure in _TILED and "unknown" not in (row.production, row.candidate):
            yield _change(row.figure, row)


_CHANGED: Mapping[Severity, str] = {
    "regression": "regressed",
    "review": "to review",
    "info": "harmless",
}
_TILED = ("Output tokens a sample", COST, "Latency, median")


def _change(title: str, row: Row) -> Tile:
    # A number stays beside its unit.
    shown = re.sub(r" (m?s)\b", "\u00a0\\1", f"{row.production} → {row.candidate}")
    return Tile(title, shown, row.change)


def tables(comparison: Comparison) -> list[Table]:
    """All that is counted, table by table; one without rows is left out."""
    columns = ("Pin", "Candidate", "Change")
    found = [
        Table("The whole suite", columns, figure_rows(comparison)),
        Table("Categories", columns, category_rows(comparison)),
        Table(
            "Kinds of change, in cases", [s.capitalize() for s in SEVERITIES], _kinds(comparison)
        ),
    ]
    return [table for table in found if table.rows]


def trends(nights: Sequence[Night]) -> list[dict[str, str]]:
    """Cost, latency and tokens as lines over the nights; what is not known twice is left out."""
    drawn = (
        ("Cost a night", trend([night.cost_usd for night in nights], dollars)),
        ("Latency, median", trend([night.latency for night in nights], seconds)),
        ("Output tokens a sample", trend([night.tokens for night in nights], "{:,.0f}".format)),
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
    pieces = map(html, IN_BACKTICKS.split(sentence))
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
        case_link(piece) if at % 2 else with_code(piece) for at, piece in enumerate(pieces)
    )


def case_link(case: str) -> str:
    """A case's id as HTML that opens the case."""
    return f'<a href="#{html(urlencode({"case": terminal(case)}))}">{html(case)}</a>'


def fresh(context: PageContext) -> list[Sequence[str]]:
    """Cases that were asked anew, and how many of these samples pass on either side."""
    return [
        (terminal(case), f"{pin} of {pin_of}", f"{new} of {new_of}")
        for case, (pin, pin_of, new, new_of) in sorted(context.fresh.items())
    ]


def profile(comparison: Comparison) -> Profile:
    """What changed over the suite as a whole; what an equal model hardly ever shows is marked."""
    rows = sorted(comparison.profile, key=lambda row: (not row.beyond_chance, row.p, row.name))
    beyond = [row for row in rows if row.beyond_chance]
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
    shown = [f"{row[0].partition(' (')[0]} {row[3]}" for row in told[: len(beyond)]]
    said = ", ".join(shown[:_NAMED]) + (
        f" and {len(beyond) - _NAMED} more" if len(beyond) > _NAMED else ""
    )
    return Profile(f"beyond chance: {said}" if said else "nothing beyond chance", told)


def _kinds(comparison: Comparison) -> list[Sequence[str]]:
    counts: dict[str, dict[str, int]] = {}
    for case in comparison.cases:
        for kind, severity in {(drift.kind, drift.severity) for drift in case.drifts}:
            of_kind = counts.setdefault(kind, {})
            of_kind[severity] = of_kind.get(severity, 0) + 1
    ranked = sorted(counts, key=lambda kind: [-counts[kind].get(s, 0) for s in SEVERITIES])
    return [(kind, *(str(counts[kind].get(s, "")) for s in SEVERITIES)) for kind in ranked]
