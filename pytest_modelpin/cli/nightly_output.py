"""What a night says: to a person, to a script, to GitHub Actions."""

from __future__ import annotations

import json
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pytest_modelpin.compare.comparison import CaseComparison, Comparison
from pytest_modelpin.compare.samples import figure_drifts
from pytest_modelpin.drift.drift import Context, Drift
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.redaction.written import append_redacted
from pytest_modelpin.report.advice import (
    after_inconclusive,
    after_not_run,
    after_red,
    after_waiting,
)
from pytest_modelpin.report.ansi import PLAIN, Palette, fitted, wrapped
from pytest_modelpin.report.comparison_text import (
    answered_instead,
    case_head,
    drift_lines,
    reason_lines,
)
from pytest_modelpin.report.escape import job_log, terminal
from pytest_modelpin.report.findings import (
    drifts_worst_first,
    fails,
    fails_as_before,
    worst_first,
)
from pytest_modelpin.upgrade.nightly.model_night import ModelNight
from pytest_modelpin.upgrade.nightly.one_night import NightResult
from pytest_modelpin.upgrade.nightly.outcome import why_not
from pytest_modelpin.upgrade.nightly.run_nightly import NightlyResult
from pytest_modelpin.wording import clipped, counted, plural, some

_WORST = 3
"""Cases whose worst finding the log shows; the report shows all."""
_LONGEST_REASON = 160  # characters
_SUMMARY_LIMIT = 1_000_000  # bytes; GitHub cuts a step's summary at 1 MiB


def lines(
    played: NightlyResult, palette: Palette = PLAIN, columns: int | None = None, options: str = ""
) -> list[str]:
    """The end of a night, for the terminal; `options` are what further commands need here."""
    said: list[str] = []
    for night in played.nights:
        found = night.result
        colour = palette.word(found.night.colour, found.night.colour.upper())
        said.append(f"{night.model.name}: {colour}  {_dots(night, played)}")
        said += reason_lines(_told(night), found.comparison, columns)
        said += _worst(found, palette, columns) if found.comparison else []
        compared = found.comparison
        notes = (*compared.notes, *compared.standing, *_partly_lost(compared)) if compared else ()
        told = [f"note: {note}" for note in notes]
        if found.streak.ended_by and found.night.colour == "green" and found.streak.length == 1:
            told.append(f"a new streak begins: {found.streak.ended_by}")
        for sentence in (*told, night.state, night.url):
            said += wrapped(f"  {terminal(sentence)}", columns) if sentence else []
        said += wrapped(f"next: {terminal(next_step(night, options))}", columns, 2)
        page = played.folder / night.model.name / "report.html"
        said += [f"report: {page}"] if page.is_file() else []
        said.append("")
    if len({night.branch for night in played.nights if night.branch and not night.url}) > 1:
        said += wrapped(terminal(_ONE_AT_A_TIME.format(options)), columns)
    for note in played.notes:
        said += wrapped(terminal(note), columns)
    if not said[-1]:
        said.pop()
    return [job_log(line) for line in said]


def _partly_lost(comparison: Comparison) -> list[str]:
    """That some samples of cases were lost whose others count: whole cases have a reason."""
    cases = [case for case in comparison.cases if case.candidate.lost and not case.lost]
    if not cases:
        return []
    lost = sum(case.candidate.lost for case in cases)
    why = next((case.message for case in cases if not fails(case) and case.message), "")
    because = f": {clipped(why.splitlines()[0], _LONGEST_REASON)}" if why else ""
    return [
        f"{counted(lost, 'sample')} of the candidate got no answer, of "
        f"{some([case.id for case in cases], _WORST)}{because}"
    ]


_ONE_AT_A_TIME = (
    "Merge one bump at a time: where the next no longer merges, because both touch neighbouring "
    "lines, `git merge --abort`, then `pytest-modelpin nightly{}` builds it on what was merged."
)
_NOT_YET = "Nothing to do until that has changed; the next night looks again."
"""Behind the sentence that says what a due bump waits for, or that the pin itself answers."""


def next_step(night: ModelNight, options: str = "") -> str:
    """What to do now: each ending has its own."""
    found, name = night.result, night.model.name
    if night.hindrance == "unwritten":
        return f"Once that is put right, `pytest-modelpin nightly {name}{options}` plays it again."
    if found.comparison is None:
        return after_not_run(name, options)
    if found.night.colour == "red":
        return after_red(found.comparison, options)
    if found.night.colour == "inconclusive":
        return after_inconclusive(found.verdict, found.comparison, options)
    if not night.due and found.verdict.bump_due:
        return _NOT_YET
    if not night.due:
        return after_waiting(name, options, held=bool(found.night.held))
    served = shlex.quote(found.night.served or "")
    promote = f"`pytest-modelpin promote {name} --to {served}` moves the pin here."
    read = f"Read and accept what changed, `pytest-modelpin review {name}{options}`, then merge"
    held = bool(found.night.held)
    if night.url and night.pull_request is None:
        return f"No pull request is open, as is said above; the next night looks again. {promote}"
    if night.url:
        return f"{read} {night.url}." if held else f"Read {night.url} and merge it."
    if night.branch:
        merge = f"`git merge {night.branch}`"
        return f"{read}: {merge}." if held else f"Read that difference, then {merge}."
    if night.hindrance == "group":
        return _NOT_YET
    if night.hindrance == "failed":
        again = f"`pytest-modelpin nightly {name}{options}`"
        return f"Once that is put right, {again} tries again; {promote}"
    return f"The bump is due: {promote}"


def _worst(found: NightResult, palette: Palette, columns: int | None) -> list[str]:
    """The cases to read first: how their samples passed, and of their findings the worst.

    What is `info` is left to the report, but for the suite's own tokens, cost and latency.
    """
    comparison = found.comparison
    assert comparison is not None
    told: list[tuple[CaseComparison, Drift | None]] = []
    before = [case for case in comparison.cases if fails_as_before(case) and not case.left_out]
    for case in worst_first(comparison.cases):
        if case.lost or case in before:
            continue  # a reason or a note tells of them, or the last lines
        drifts = [drift for drift in drifts_worst_first(case) if drift.severity != "info"]
        if case.left_out:
            drifts = []  # what it said was no answer of the candidate's
        if drifts or fails(case):
            told.append((case, drifts[0] if drifts else None))
    answers = {answer.case: answer.after for answer in found.answers}
    lines: list[str] = []
    columns = None if columns is None else columns - 2  # by which all of it is indented
    for case, drift in told[:_WORST]:
        lines += case_head(case, palette, columns)
        if drift is not None:
            lines += drift_lines(drift, palette, columns, of=True)
            lines += answered_instead([drift], answers.get(case.id), columns)
    more = len(told) - _WORST
    if more > 0:
        lines.append(f"and {counted(more, 'case')} more in the report")
    for drift in figure_drifts(comparison.suite_production, comparison.suite_candidate, Context()):
        first, *rest = drift_lines(drift, palette, columns)
        lines += [*fitted(f"the whole suite: {' '.join(first.split())}", columns, 2), *rest]
    head = f"the worst {min(_WORST, len(told))} of {len(told)}, " if more > 0 else ""
    if told and found.night.colour == "inconclusive":
        head = f"so far, to be confirmed: {head}"
    if told:
        lines = [*fitted(f"{head}pin -> candidate:", columns, 2), *lines]
    if before:
        are = plural(len(before), "fails", "fail")
        said = (
            f"broken before, and held against no candidate: {counted(len(before), 'case')} {are} "
            f"on the pin, too: {some([_passed(case) for case in before], _WORST)}"
        )
        lines += wrapped(terminal(said), columns, 2)
    return [f"  {line}" for line in lines]


def _passed(case: CaseComparison) -> str:
    pin, new = case.production, case.candidate
    return f"{case.id} ({pin.passes}/{pin.samples} -> {new.passes}/{new.samples} passed)"


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
        "reasons": list(found.verdict.told),
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
    from pytest_modelpin.forge import artifacts_url
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
            parts.append(comparison_markdown(found.comparison, _told(night), limit=limit))
        else:
            parts.append(f"**{SIGNS[found.night.colour]} {found.night.colour}**\n")
            parts += [f"- {sentence(reason)}" for reason in found.verdict.told]
        parts.append(f"\n**Next:** {sentence(next_step(night))}\n")
    parts += [f"\n{sentence(note)}" for note in played.notes]
    if kept := link("The night's pages, reports and recordings", artifacts_url(run)):
        parts.append(f"\n{kept} are kept with this run.")
    append_redacted(Path(path), "\n".join(parts) + "\n")


def _told(night: ModelNight) -> Verdict:
    """The verdict without a word of a bump where none is to come: the night's state says why."""
    found = night.result
    if not why_not(found.night, night.model):
        return found.verdict
    return replace(found.verdict, bump_reasons=())


def _dots(night: ModelNight, played: NightlyResult) -> str:
    """The streak as ●●○, with its figures; of the pin itself there is none, as `status` says."""
    if night.result.night.served == night.model.pin:
        return "at the pin"
    streak, wanted = night.result.streak, played.green_runs
    filled = min(streak.length, wanted)
    return f"{'●' * filled}{'○' * (wanted - filled)} {streak.told(wanted)}"
