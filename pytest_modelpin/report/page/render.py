"""The page itself: head, figures, filters and script put together from a comparison's data."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import NamedTuple

from pytest_modelpin import __version__
from pytest_modelpin.compare.comparison import CaseComparison, Comparison
from pytest_modelpin.compare.profile import RATIOS
from pytest_modelpin.gate.evidence import Counts
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.report.escape import terminal
from pytest_modelpin.report.figures import category_rows, figure_rows
from pytest_modelpin.report.findings import MEANINGS, SEVERITIES, all_worst_first
from pytest_modelpin.report.page.data import CHUNK, chunks, index, outcome
from pytest_modelpin.report.page.plots import NightPoint, margin_plot, timeline, trend
from pytest_modelpin.results.run import Run
from pytest_modelpin.wording import counted

_SIGNS = {"green": "✓", "red": "✗", "inconclusive": "?"}
_DECISIONS = {
    "green": "Nothing got worse beyond chance tonight.",
    "red": "Something got worse, and fresh samples confirmed it.",
    "inconclusive": "Nothing can be concluded from this comparison.",
}
_PROFILED = 12
"""Lines of the profile that are shown; what an equal model hardly ever shows comes first."""
_SCRIPTS = ("diff.js", "state.js", "case.js", "page.js")


@dataclass(frozen=True, slots=True)
class PageContext:
    """What the page tells beside the comparison; all of it optional."""

    nights: Sequence[NightPoint] = ()
    """Of the candidate's version, oldest first."""
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


class _Table(NamedTuple):
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


class _Filter(NamedTuple):
    id: str
    label: str
    options: Sequence[tuple[str, str]]


def comparison_page(
    comparison: Comparison,
    verdict: Verdict,
    production: Run,
    candidate: Run,
    context: PageContext | None = None,
) -> str:
    """The whole page as HTML. `production` and `candidate` are the runs that were compared.

    Whatever a model said is data, which the page's own script shows as text. A content security
    policy lets nothing but that script and the page's own style in, and nothing out.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    context = context or PageContext()
    cases = all_worst_first(comparison)
    style = _static("page.css")
    script = "\n".join(
        ['"use strict";', f"const CHUNK = {CHUNK};", *(_static(name) for name in _SCRIPTS)]
    )
    environment = Environment(
        loader=PackageLoader("pytest_modelpin.report.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    nights = tuple(context.nights)
    return environment.get_template("page.html.jinja").render(
        policy=(
            "default-src 'none'; base-uri 'none'; form-action 'none'; "
            f"style-src '{_digest(style)}'; script-src '{_digest(script)}'"
        ),
        style=style,
        script=script,
        comparison=comparison,
        verdict=verdict,
        sign=_SIGNS[verdict.colour],
        served=", ".join(map(terminal, comparison.candidate.served)),
        decision=_DECISIONS[verdict.colour],
        reasons=[terminal(reason) for reason in verdict.reasons],
        retirements=[terminal(line) for line in context.retirements],
        made=_made(comparison, context),
        run_url=context.run_url if context.run_url.startswith("https://") else "",
        nights=nights,
        margin_plot=margin_plot(nights, context.margin),
        timeline=timeline(nights),
        trends=_trends(nights),
        tables=_tables(comparison, context),
        held=[terminal(case) for case in context.held],
        accepted=_accepted(context),
        notes=[terminal(note) for note in comparison.notes],
        filters=_filters(cases),
        kinds=sorted(MEANINGS.items()),
        index=index(cases),
        chunks=chunks(cases, comparison, production, candidate),
    )


def _made(comparison: Comparison, context: PageContext) -> str:
    count = len(comparison.cases)
    parts = [context.made, counted(count, "case")]
    return " · ".join([*filter(None, parts), f"pytest-modelpin {__version__}"])


def _trends(nights: Sequence[NightPoint]) -> list[dict[str, str]]:
    drawn = (
        ("Cost a night", trend([night.cost_usd for night in nights], "${:.4f}")),
        ("Latency, median", trend([night.latency for night in nights], "{:.2f} s")),
        ("Tokens a night", trend([night.tokens for night in nights], "{:,.0f}")),
    )
    return [{"title": title, "svg": svg} for title, svg in drawn if svg]


def _accepted(context: PageContext) -> list[str]:
    if "*" in context.accepted:
        return ["every change of this version"]
    return [terminal(case) for case in context.accepted]


def _tables(comparison: Comparison, context: PageContext) -> list[_Table]:
    columns = ("Pin", "Candidate", "Change")
    tables = [
        _Table("Suite", columns, figure_rows(comparison)),
        _Table("Categories", columns, category_rows(comparison)),
        _Table("Confirmed on fresh samples", ("Pin", "Candidate"), _fresh(context)),
        _Table(
            "Profile of the answers",
            ("Pin", "Candidate", "Change", "Pin's own spread"),
            _profile(comparison),
        ),
        _Table("Drift, in cases", [s.capitalize() for s in SEVERITIES], _kinds(comparison)),
    ]
    return [table for table in tables if table.rows]


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


def _filters(cases: Sequence[CaseComparison]) -> list[_Filter]:
    kinds = sorted({drift.kind for case in cases for drift in case.drifts})
    categories = sorted({terminal(case.category) for case in cases if case.category})
    outcomes = sorted({outcome(case) for case in cases})
    filters = [
        _Filter("severity", "Severity", _choices("any severity", SEVERITIES)),
        _Filter("kind", "Kind of drift", _choices("any kind", kinds)),
        _Filter("outcome", "Outcome", _choices("any outcome", outcomes)),
        _Filter("category", "Category", _choices("any category", categories)),
        _Filter(
            "sort",
            "Order",
            [("worst", "worst first"), ("name", "by name"), ("cost", "by cost")],
        ),
        _Filter(
            "group",
            "Grouping",
            [
                ("", "no groups"),
                ("file", "by file"),
                ("kind", "by kind"),
                ("category", "by category"),
                ("change", "same change together"),
            ],
        ),
    ]
    return [each for each in filters if each.id != "category" or categories]


def _choices(any_of: str, values: Iterable[str]) -> list[tuple[str, str]]:
    return [("", any_of), *((value, value) for value in values)]


def _static(name: str) -> str:
    return files(__package__).joinpath("static", name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
