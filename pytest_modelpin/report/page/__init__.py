"""A comparison as one HTML page to decide from: self-contained, read from disk, no network.

What to do comes first, then why, then each case.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from pytest_modelpin.compare.comparison import CaseComparison, Comparison
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.report.advice import after_inconclusive, after_red, after_waiting, told_reasons
from pytest_modelpin.report.escape import terminal
from pytest_modelpin.report.findings import MEANINGS, SEVERITIES, all_worst_first
from pytest_modelpin.report.page import head
from pytest_modelpin.report.page.data import CHUNK, chunks, index, outcome
from pytest_modelpin.report.page.head import PageContext, context_of_runs
from pytest_modelpin.report.page.plots import SIGNS, margin_plot, timeline
from pytest_modelpin.results.run import Run

if TYPE_CHECKING:
    from jinja2 import Environment


__all__ = ["PageContext", "comparison_page", "context_of_runs"]

_SCRIPTS = ("diff.js", "state.js", "case.js", "page.js")


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
    context = context or PageContext()
    cases = all_worst_first(comparison)
    style = static("page.css")
    script = "\n".join(
        ['"use strict";', f"const CHUNK = {CHUNK};", *(static(name) for name in _SCRIPTS)]
    )
    environment = templates()
    environment.filters["with_code"] = head.with_code
    environment.filters["case_link"] = head.case_link
    nights = tuple(context.nights)
    tonight = [night for night in nights if night.served == nights[-1].served]
    to_do, why = decision(verdict, context)
    return environment.get_template("page.html.jinja").render(
        policy=(
            "default-src 'none'; base-uri 'none'; form-action 'none'; "
            f"style-src '{_digest(style)}'; script-src '{_digest(script)}'"
        ),
        style=style,
        script=script,
        comparison=comparison,
        verdict=verdict,
        sign=SIGNS[verdict.colour],
        served=", ".join(map(terminal, comparison.candidate.served)),
        to_do=to_do,
        why=why,
        press=what_to_press(verdict, comparison, context),
        pulls_url=_https(context.pulls_url)
        if verdict.bump_due and not context.not_proposed
        else "",
        reasons=[
            head.with_cases(reason, {case.id for case in cases if case.id and case.id in reason})
            for reason in told_reasons(verdict, comparison)
        ],
        retirements=context.retirements,
        made=head.made(comparison, context),
        run_url=_https(context.run_url),
        tiles=list(head.tiles(comparison)),
        nights=nights,
        margin_plot=margin_plot(tonight, context.margin),
        timeline=timeline(nights),
        trends=head.trends(tonight),
        fresh=head.fresh(context),
        profile=head.profile(comparison),
        tables=head.tables(comparison),
        held=[terminal(case) for case in context.held],
        accepted=head.accepted(context),
        notes=(*comparison.notes, *comparison.standing),
        filters=_filters(cases),
        kinds=sorted(MEANINGS.items()),
        index=index(cases),
        chunks=chunks(cases, comparison, production, candidate),
    )


def _filters(cases: Sequence[CaseComparison]) -> list[_Filter]:
    kinds = sorted({drift.kind for case in cases for drift in case.drifts})
    categories = sorted({terminal(case.category) for case in cases if case.category})
    outcomes = sorted({outcome(case) for case in cases})
    filters = [
        _Filter("severity", "Severity", _choices("any severity", SEVERITIES)),
        _Filter("kind", "Kind of change", _choices("any kind", kinds)),
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
                ("change", "alike"),
            ],
        ),
    ]
    return [each for each in filters if each.id != "category" or categories]


def _choices(any_of: str, values: Iterable[str]) -> list[tuple[str, str]]:
    return [("", any_of), *((value, value) for value in values)]


def _https(url: str) -> str:
    return url if url.startswith("https://") else ""


def templates(finalize: Callable[[object], object] | None = None) -> Environment:
    """The pages' templates. What is put into them is text, never markup, unless it is our own."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=finalize,
    )


def static(name: str) -> str:
    """A style or script that a page carries in itself."""
    return files(__package__).joinpath("static", name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def decision(verdict: Verdict, context: PageContext) -> tuple[str, str]:
    """What to do, in a few words, and why, in a sentence."""
    if verdict.colour == "red":
        if verdict.confirmed:
            return "Keep the pin", "Something got worse, and fresh samples confirmed it."
        return "Keep the pin", "It goes beyond what you allow."
    if context.not_proposed:
        fine = "Nothing got worse beyond chance; " if verdict.colour == "green" else ""
        return "Nothing to move", f"{fine}{context.not_proposed}."
    if context.replayed:
        return "To be read", "These are recorded answers: only fresh ones, asked at night, decide."
    if verdict.colour == "inconclusive":
        return "Nothing decided", "This comparison alone can't tell whether the candidate is worse."
    if not verdict.bump_due:
        return "Keep watching", "Nothing got worse beyond chance tonight; it takes more nights."
    if context.held:
        return "Read, then move the pin", "No test got worse, but what the pin always says changed."
    return "Move the pin", "Nothing got worse beyond chance, and that is shown over several nights."


def what_to_press(verdict: Verdict, comparison: Comparison, context: PageContext) -> str:
    """What the reader can do now, as a sentence or two with commands between backticks."""
    name = comparison.name
    if verdict.colour == "red":
        return after_red(comparison)
    if context.not_proposed and verdict.colour != "inconclusive":
        return "Nothing to press."
    if not context.nights:  # two runs side by side, of no night of the ledger
        night = f"`pytest-modelpin nightly {name}`"
        return f"One look moves no pin: {night} asks again, confirms what changed, and counts it."
    if verdict.colour == "inconclusive":
        return after_inconclusive(verdict, comparison)
    if not verdict.bump_due:
        return after_waiting(name, held=bool(context.held))
    alone = f" (without GitHub: `git diff HEAD...{context.branch}`)" if context.branch else ""
    if context.held:
        review = f"`pytest-modelpin review {name}`"
        return f"Read what changed and accept it by {review}, then merge the pull request{alone}."
    return f"Read the pull request and merge it{alone}."
