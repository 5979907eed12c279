"""A comparison and its verdict as one HTML file that needs nothing else, not even a network."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Any

from pytest_modelpin.compare.comparison import CaseComparison, Comparison
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.report.escape import html, terminal
from pytest_modelpin.report.figures import Row, category_rows, figure_rows
from pytest_modelpin.report.worst import as_text, drifts_worst_first, has_finding, worst_first

_WORDS = {"green": "✓ green", "red": "✗ red", "inconclusive": "? inconclusive"}


def comparison_html(comparison: Comparison, verdict: Verdict) -> str:
    """Verdict, reasons, figures, and every case with its answers before and after.

    Whatever a model said is data, which the page's own script shows as text. A content security
    policy lets nothing but that script and the page's own style in, and nothing out. The words
    that differ are found by the reader's browser, for the cases that are opened.
    """
    style, script = _resource("page.css"), _resource("page.js")
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"style-src '{_digest(style)}'; script-src '{_digest(script)}'"
    )
    return "".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            f"<title>{html(comparison.name)}: {verdict.colour}</title>\n",
            f"<style>{style}</style>\n</head>\n<body>\n<main>\n",
            _verdict(comparison, verdict),
            '<div class="tables">\n',
            _table("Suite", figure_rows(comparison)),
            _table("Categories", category_rows(comparison)),
            "</div>\n",
            _list("Notes", comparison.notes),
            _filters(comparison),
            '<ul id="cases"></ul>\n<button id="more" type="button" hidden></button>\n',
            "<noscript><p>The list of cases needs JavaScript.</p></noscript>\n</main>\n",
            f'<script type="application/json" id="data">{_data(comparison)}</script>\n',
            f"<script>{script}</script>\n</body>\n</html>\n",
        ]
    )


def _verdict(comparison: Comparison, verdict: Verdict) -> str:
    before, after = comparison.production, comparison.candidate
    served = ", ".join(after.served) or "an unknown version"
    reasons = "".join(f"<li>{html(reason)}</li>" for reason in verdict.reasons)
    due = "<p><strong>A bump is due.</strong></p>" if verdict.bump_due else ""
    return (
        f'<section class="verdict {verdict.colour}">\n'
        f'<h1><span class="colour">{_WORDS[verdict.colour]}</span> · {html(comparison.name)}</h1>\n'
        f"<p>Pin <code>{html(before.id)}</code> → candidate <code>{html(after.id)}</code>, "
        f"served by <code>{html(served)}</code></p>\n"
        f"<ul>{reasons}</ul>{due}\n</section>\n"
    )


def _table(title: str, rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    body = "".join(
        "<tr>" + "".join(f"<td>{html(cell)}</td>" for cell in row) + "</tr>\n" for row in rows
    )
    return (
        f"<section><h2>{title}</h2><table>\n<thead><tr><td></td>"
        '<th scope="col">Pin</th><th scope="col">Candidate</th><th scope="col">Change</th>'
        f"</tr></thead>\n<tbody>\n{body}</tbody></table></section>\n"
    )


def _list(title: str, lines: Iterable[str]) -> str:
    items = "".join(f"<li>{html(line)}</li>" for line in lines)
    return f"<h2>{title}</h2><ul>{items}</ul>\n" if items else ""


def _filters(comparison: Comparison) -> str:
    kinds = sorted({drift.kind for case in comparison.cases for drift in case.drifts})
    states = (
        ("findings", "with a finding"), ("all", "all"), ("failed", "failed"), ("lost", "lost"),
        ("regression", "regressions"), ("review", "to review"), ("info", "info"),
    )  # fmt: skip
    first = "findings" if any(map(has_finding, comparison.cases)) else "all"
    return (
        '<h2 id="title">Cases</h2>\n<div class="filters" role="search" aria-labelledby="title">\n'
        '<input id="search" type="search" placeholder="Search names and answers ( / )" '
        'aria-label="Search names and answers" autocomplete="off">\n'
        f'<select id="state" aria-label="Which cases">{_options(states, first)}</select>\n'
        '<select id="kind" aria-label="Kind of drift"><option value="">any drift</option>'
        f"{_options([(kind, kind) for kind in kinds])}</select>\n"
        '<span id="count" class="quiet" role="status"></span>\n</div>\n'
    )


def _options(choices: Iterable[tuple[str, str]], chosen: str = "") -> str:
    return "".join(
        f'<option value="{value}"{" selected" if value == chosen else ""}>{name}</option>'
        for value, name in choices
    )


def _data(comparison: Comparison) -> str:
    found = worst_first(comparison.cases)
    quiet = [case for case in comparison.cases if not has_finding(case)]
    # In a script element only `<` could end it or open a comment.
    return json.dumps(
        [_case(case) for case in (*found, *quiet)], ensure_ascii=False, separators=(",", ":")
    ).replace("<", "\\u003c")


def _case(case: CaseComparison) -> dict[str, Any]:
    return {
        "id": terminal(case.id),
        "category": terminal(case.category or ""),
        "critical": case.critical,
        "broken": case.broken,
        "lost": case.lost,
        "message": terminal(case.message),
        "before": [case.production.passes, case.production.samples],
        "after": [case.candidate.passes, case.candidate.samples],
        "drifts": [_drift(drift) for drift in drifts_worst_first(case)],
    }


def _drift(drift: Drift) -> dict[str, str]:
    return {
        "kind": drift.kind,
        "severity": drift.severity,
        "where": terminal(drift.where),
        "before": terminal(as_text(drift.before)),
        "after": terminal(as_text(drift.after)),
    }


def _resource(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
