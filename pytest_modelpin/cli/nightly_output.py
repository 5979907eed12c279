"""What a night says: to a person, to a script, to GitHub Actions."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_modelpin.compare.comparison import Comparison
from pytest_modelpin.compare.samples import figure_drifts
from pytest_modelpin.drift.context import Context
from pytest_modelpin.redaction.written import append_redacted
from pytest_modelpin.report.ansi import PLAIN, Palette, wrapped
from pytest_modelpin.report.comparison_text import drift_lines
from pytest_modelpin.report.escape import job_log, terminal
from pytest_modelpin.report.findings import drifts_worst_first, worst_first
from pytest_modelpin.upgrade.nightly.run_nightly import ModelNight, NightlyResult
from pytest_modelpin.wording import counted

_WORST = 3
"""Cases whose worst finding the log shows; the report shows all."""
_SUMMARY_LIMIT = 1_000_000  # bytes; GitHub cuts a step's summary at 1 MiB


def lines(played: NightlyResult, palette: Palette = PLAIN, columns: int | None = None) -> list[str]:
    """The end of a night, for the terminal."""
    said: list[str] = []
    for night in played.nights:
        found = night.result
        colour = palette.word(found.night.colour, found.night.colour.upper())
        said.append(f"{night.model.name}: {colour}  {_dots(night, played)}")
        for reason in found.verdict.reasons:
            said += wrapped(f"  {terminal(reason)}", columns)
        said += _worst(found.comparison, palette, columns) if found.comparison else []
        compared = found.comparison
        notes = (*compared.notes, *compared.standing) if compared else ()
        told = [f"note: {note}" for note in notes]
        if found.streak.ended_by and found.night.colour != "red" and found.streak.length <= 1:
            told.append(f"a new streak begins: {found.streak.ended_by}")
        for sentence in (*told, night.state, night.url):
            said += wrapped(f"  {terminal(sentence)}", columns) if sentence else []
        said.append("")
    for note in played.notes:
        said += wrapped(terminal(note), columns)
    said += [f"report: {page}" for page in sorted(played.folder.glob("*/report.html"))]
    return [job_log(line) for line in said]


def _worst(comparison: Comparison, palette: Palette, columns: int | None) -> list[str]:
    """The findings to read first: of each of the worst cases its worst, with before and after.

    What is `info` is left to the report, but for the suite's own tokens, cost and latency.
    """
    told = []
    for case in worst_first(comparison.cases):
        drifts = [drift for drift in drifts_worst_first(case) if drift.severity != "info"]
        if drifts:
            told.append((case.id, drifts[0]))
    lines: list[str] = []
    for id, drift in told[:_WORST]:
        lines.append(palette.paint(terminal(id), "bold"))
        lines += drift_lines(drift, palette, columns, of=True)
    more = len(told) - _WORST
    if more > 0:
        lines.append(f"and {counted(more, 'case')} more in the report")
    for drift in figure_drifts(comparison.suite_production, comparison.suite_candidate, Context()):
        first, *rest = drift_lines(drift, palette, columns)
        lines += [f"the whole suite: {first.strip()}", *rest]
    head = f"the worst {min(_WORST, len(told))} of {len(told)}, " if more > 0 else ""
    if lines:
        lines.insert(0, f"{head}before -> after:")
    return [f"  {line}" for line in lines]


def as_json(played: NightlyResult) -> str:
    """The end of a night, for a script."""
    return json.dumps(
        {
            "day": played.day,
            "verdict": played.colour,
            "models": {night.model.name: _model(night) for night in played.nights},
            "report": str(played.folder),
        },
        indent=2,
        ensure_ascii=False,
    )


def _model(night: ModelNight) -> Mapping[str, Any]:
    found = night.result
    return {
        "verdict": found.night.colour,
        "reasons": list(found.verdict.reasons),
        "pin": found.night.pin,
        "candidate": found.night.asked,
        "served": found.night.served,
        "streak": found.streak.length,
        "estimate": found.verdict.estimate,
        "lower_bound": found.verdict.lower_bound,
        "more_samples": found.verdict.more_samples,
        "state": night.state,
        "branch": night.branch,
        "pull_request": night.pull_request,
        "url": night.url,
    }


def github_output(played: NightlyResult, path: str | None) -> None:
    """Append the action's outputs to the file that GitHub names; nothing without one.

    Every value is written between random delimiters, so that no text in it, whoever wrote it,
    can end the value and begin another output. Of several models, the outputs other than the
    verdict are those of the one that has a pull request, else of the last.
    """
    if not path:
        return
    shown = next((night for night in played.nights if night.pull_request), played.nights[-1])
    values = {
        "verdict": played.colour,
        "streak": str(shown.result.streak.length),
        "served-model": shown.result.night.served or "",
        "pull-request-number": str(shown.pull_request or ""),
        "pull-request-url": shown.url or "",
        "report": str(played.folder),
    }
    ends = {name: f"end-{secrets.token_hex(16)}" for name in values}
    told = [f"{name}<<{ends[name]}\n{value}\n{ends[name]}\n" for name, value in values.items()]
    append_redacted(Path(path), "".join(told))


def step_summary(played: NightlyResult, path: str | None) -> None:
    """Append the job summary (Markdown) to the file that GitHub names; nothing without one."""
    if not path:
        return
    from pytest_modelpin.forge.connection import artifacts_url
    from pytest_modelpin.report.escape import link, markdown, sentence
    from pytest_modelpin.report.markdown import SIGNS, comparison_markdown

    parts, run = [], None
    for night in played.nights:
        found = night.result
        run = found.night.run_url
        head = f"## {markdown(night.model.name)} {_dots(night, played)}"
        state = "".join(f"{markdown(line)}\n" for line in night.state.splitlines()[:1])
        parts.append(f"{head}\n\n{state}")
        if found.comparison is not None:
            limit = _SUMMARY_LIMIT // (4 * len(played.nights))
            parts.append(comparison_markdown(found.comparison, found.verdict, limit=limit))
        else:
            parts.append(f"**{SIGNS[found.night.colour]} {found.night.colour}**\n")
            parts += [f"- {sentence(reason)}" for reason in found.verdict.reasons]
    if kept := link("The night's pages, reports and recordings", artifacts_url(run)):
        parts.append(f"\n{kept} are kept with this run.")
    append_redacted(Path(path), "\n".join(parts) + "\n")


def _dots(night: ModelNight, played: NightlyResult) -> str:
    """The streak as ●●○, with its figures."""
    length, wanted = night.result.streak.length, played.green_runs
    filled = min(length, wanted)
    return f"{'●' * filled}{'○' * (wanted - filled)} {length} of {wanted} green nights"
