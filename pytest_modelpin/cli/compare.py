"""`compare`: run reports side by side, with the verdict; or several parts merged into one.

And `diff`, which replays the two versions that it compares.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_modelpin.cli import (
    REPORTS,
    add_ledger,
    add_project_options,
    models_of,
    pins_if_any,
    pins_of,
    tell,
)
from pytest_modelpin.cli.moves import last_served
from pytest_modelpin.errors import ExitCode, ModelpinError
from pytest_modelpin.wording import counted

if TYPE_CHECKING:
    from modelpin_runtime.registry.models import Model, Pins
    from pytest_modelpin.compare.comparison import Comparison, RunPair
    from pytest_modelpin.gate.verdict import Verdict
    from pytest_modelpin.results.run import Run


def options(parser: argparse.ArgumentParser) -> None:
    """Declare its options."""
    parser.add_argument(
        "reports",
        nargs="+",
        metavar="REPORT",
        type=Path,
        help="production's and the candidate's, or several candidates'; with --merge, the parts of "
        "one run",
    )
    parser.add_argument("--name", metavar="NAME", help="the logical model; default: the one tried")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--markdown", action="store_true", help="print Markdown")
    form.add_argument("--html", metavar="FILE", type=Path, help="write a page to look at")
    parser.add_argument(
        "--pick",
        choices=("cheapest", "best"),
        help="of several candidates, name the one to set as `staging:`, of those that "
        "are within the margin",
    )
    form.add_argument("--merge", action="store_true", help="merge the reports of a divided suite")
    parser.add_argument("-o", "--output", metavar="PATH", type=Path, help="where --merge writes")
    add_project_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the comparison; 0 where it is green, 1 red, 3 inconclusive."""
    from modelpin_runtime.registry.models import Settings
    from pytest_modelpin.compare.candidates import refusals
    from pytest_modelpin.compare.comparison import RunPair, compare
    from pytest_modelpin.compare.judged import judged
    from pytest_modelpin.gate.verdict import EXIT_CODES
    from pytest_modelpin.judge.judge import judge_of
    from pytest_modelpin.results.report_file import collector_paused, read
    from pytest_modelpin.upgrade.nightly.outcome import decided_again

    if arguments.merge:
        return _merge(arguments)
    if len(arguments.reports) < 2:
        raise ModelpinError(
            "Two run reports are compared, and 1 was named; use "
            "`pytest-modelpin compare production.json candidate.json`."
        )
    if len(arguments.reports) > 2 or arguments.pick:
        return _several(arguments)
    pins = pins_if_any(arguments)
    settings = pins.settings if pins else Settings()
    judge = judge_of(pins, Path.cwd()) if pins else None
    with collector_paused():
        production, candidate = (read(path) for path in arguments.reports)
        name = arguments.name or _tried(candidate)
        comparison = compare(production, candidate, name, settings, jobs=os.cpu_count() or 1)
        runs = RunPair(production, candidate, settings)
        comparison = judged(comparison, runs, judge, asking=False)
        comparison, verdict = decided_again(comparison, runs)
        if arguments.html:
            model = pins.models.get(name) if pins else None
            write_page(arguments.html, comparison, verdict, runs, model)
        else:
            sys.stdout.write(_rendered(arguments, comparison, verdict, production, candidate))
            if not (arguments.json or arguments.markdown):
                tell(f"refusals: {refusals(production, candidate, name)}")
    return EXIT_CODES[verdict.colour]


def _several(arguments: argparse.Namespace) -> int:
    """A table of candidates beside one pin; with --pick 1 where none of them is fit."""
    from modelpin_runtime.registry.models import Settings
    from pytest_modelpin.compare.candidates import Candidate, pick, refusals, rows, why_none
    from pytest_modelpin.compare.comparison import RunPair, compare
    from pytest_modelpin.report.ansi import table, width
    from pytest_modelpin.report.escape import terminal
    from pytest_modelpin.results.report_file import collector_paused, read
    from pytest_modelpin.upgrade.nightly.outcome import decided_again

    if arguments.html or arguments.markdown:
        raise ModelpinError("--html and --markdown are about one candidate; name two reports.")
    pins, found = pins_if_any(arguments), []
    settings = pins.settings if pins else Settings()
    with collector_paused():
        production, *runs = (read(path) for path in arguments.reports)
        for run in runs:
            name = arguments.name or _tried(run)
            comparison = compare(production, run, name, settings, jobs=os.cpu_count() or 1)
            asked = comparison.candidate
            served = ", ".join(asked.served) or asked.id
            comparison, verdict = decided_again(comparison, RunPair(production, run, settings))
            declined = refusals(production, run, name)
            found.append(Candidate(served, comparison, verdict, declined))
    chosen = pick(found, arguments.pick, settings) if arguments.pick else None
    if arguments.json:
        told = [
            {"id": each.id, "verdict": asdict(each.verdict), "cost_a_sample_usd": each.cost,
             "refusals": asdict(each.refusals)} for each in found
        ]  # fmt: skip
        print(_as_json({"candidates": told, "picked": chosen.id if chosen else None}))
    else:
        print("\n".join(table([[*map(terminal, row)] for row in rows(found)], width())))
        if arguments.pick:
            named = chosen.id if chosen else why_none(found)
            tell(f"{arguments.pick} of those within the margin: {named}")
    return ExitCode.FOUND if arguments.pick and chosen is None else ExitCode.FINE


def _merge(arguments: argparse.Namespace) -> int:
    from pytest_modelpin.results.report_file import read, write
    from pytest_modelpin.results.run import merge

    if arguments.output is None:
        raise ModelpinError("--merge needs a place to write to: add `-o run.json`.")
    merged = merge([read(path) for path in arguments.reports])
    write(merged, arguments.output)
    reports, cases = counted(len(arguments.reports), "report"), counted(len(merged.cases), "case")
    print(f"{reports}, {cases} -> {arguments.output}")
    return ExitCode.FINE


def write_page(
    path: Path,
    comparison: Comparison,
    verdict: Verdict,
    runs: RunPair,
    model: Model | None,
) -> None:
    """Write the comparison's page and say where. Raises ModelpinError where it can't be written."""
    from pytest_modelpin.redaction.written import write_redacted
    from pytest_modelpin.report.page import comparison_page, context_of_runs

    context = context_of_runs(comparison, runs, model)
    page = comparison_page(comparison, verdict, runs.production, runs.candidate, context)
    try:
        write_redacted(path, page)
    except OSError as error:
        raise ModelpinError(
            f"{path} could not be written: {error.strerror or error}. "
            "Name another place with --html."
        ) from None
    print(f"page: {path}")


def _rendered(
    arguments: argparse.Namespace,
    comparison: Comparison,
    verdict: Verdict,
    production: Run,
    candidate: Run,
) -> str:
    if arguments.json:
        data = {"verdict": asdict(verdict), "comparison": asdict(comparison)}
        return _as_json(data) + "\n"
    if arguments.markdown:
        from pytest_modelpin.report.markdown import comparison_markdown

        return comparison_markdown(comparison, verdict)
    from pytest_modelpin.report.ansi import palette, width
    from pytest_modelpin.report.comparison_text import answers_by_case, comparison_text

    answers = answers_by_case(comparison, production, candidate)
    return comparison_text(comparison, verdict, palette(), width(), answers)


def _as_json(data: dict[str, Any]) -> str:
    """Strict JSON in ASCII, whatever a test's answers hold: NaN becomes the text "NaN"."""
    try:
        return json.dumps(data, indent=2, default=str, allow_nan=False)
    except ValueError:
        return json.dumps(json.loads(json.dumps(data, default=str), parse_constant=str), indent=2)


def _tried(candidate: Run) -> str:
    """The logical model of which the candidate's run tried another version."""
    tried = [name for name, asked in candidate.selection.items() if asked.which != "production"]
    if len(tried) == 1:
        return tried[0]
    if not tried and len(candidate.selection) == 1:
        return next(iter(candidate.selection))
    names = ", ".join(tried or candidate.selection) or "none"
    raise ModelpinError(
        f"The candidate's report is about several logical models ({names}); "
        "say which one: `--name NAME`."
    )


def diff_options(parser: argparse.ArgumentParser) -> None:
    """`diff`: how two recorded versions' answers differ, offline."""
    parser.add_argument(
        "name",
        metavar="NAME",
        nargs="?",
        help="the logical model; may be left out where only one has a candidate",
    )
    parser.add_argument(
        "other",
        nargs="?",
        metavar="ID",
        help="default: the candidate; with --ledger, what served it last",
    )
    add_ledger(parser)
    add_project_options(parser, tests=True)
    parser.add_argument("--html", metavar="FILE", type=Path, help="write a page to look at")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")


def run_diff(arguments: argparse.Namespace) -> int:
    """Replay the suite on both versions and print what drifted; 1 where a case got worse."""
    from pytest_modelpin.cli.review import as_recorded, heard_at_night, last_night
    from pytest_modelpin.compare.comparison import RunPair, compare
    from pytest_modelpin.recordings.owner import TRIED
    from pytest_modelpin.report.ansi import palette, width
    from pytest_modelpin.report.comparison_text import answers_by_case, findings, sides
    from pytest_modelpin.report.markdown import comparison_markdown
    from pytest_modelpin.upgrade.bump.version_files import recordings, recordings_of_nights
    from pytest_modelpin.upgrade.nightly.outcome import decided_again

    pins = pins_of(arguments)
    other = _other_version(arguments, pins)
    night = recordings_of_nights(REPORTS, arguments.name, other)
    by_hand = night == REPORTS / TRIED.name
    if night is not None and not by_hand and not recordings(Path.cwd(), other):
        # What a night recorded lies in its own folder, with the reports of both sides.
        production, candidate, source = heard_at_night(night.parent)
    else:
        source = ""
        production, candidate = as_recorded(arguments, pins, arguments.name, other)
    comparison = compare(production, candidate, arguments.name, pins.settings)
    last = last_night(arguments.name)
    if last and not arguments.other and not _answered(comparison):
        production, candidate, source = heard_at_night(last)  # nobody tried it by hand
        comparison = compare(production, candidate, arguments.name, pins.settings)
    if not _answered(comparison):
        raise ModelpinError(
            f"No test has a recording of {arguments.name} on {other}, so there is nothing to "
            "compare; record them with `pytest --model "
            f"{shlex.quote(f'{arguments.name}={other}')}`.{_tried_above()}"
        )
    runs = RunPair(production, candidate, pins.settings)
    comparison, verdict = decided_again(comparison, runs)
    if arguments.markdown:
        print(comparison_markdown(comparison, verdict), end="")
    else:
        heard = f"as {source} heard it" if source else "as recorded"
        tell(f"{comparison.name}: {sides(comparison)}, {heard}")
        answers = answers_by_case(comparison, production, candidate)
        told = findings(comparison, palette=palette(), columns=width(), answers=answers)
        print("\n".join(told))
        if last and not source:
            tell(
                "These are the recordings beside the tests; the night of "
                f"{last.parent.name} has its own page: `pytest-modelpin view`."
            )
    if arguments.html:
        write_page(arguments.html, comparison, verdict, runs, pins.models[arguments.name])
    regressed = any(
        case.candidate.passes * case.production.samples
        < case.production.passes * case.candidate.samples
        or any(drift.severity == "regression" for drift in case.drifts)
        for case in comparison.cases
        if case.production.samples and case.candidate.samples
    )
    return ExitCode.FOUND if regressed else ExitCode.FINE


def _other_version(arguments: argparse.Namespace, pins: Pins) -> str:
    """The version to put beside the pin; names the logical model where only one can be meant."""
    if arguments.name is None:
        watched = [name for name, model in pins.models.items() if model.staging]
        if len(watched) != 1:
            raise ModelpinError(
                "Name the logical model: `pytest-modelpin diff NAME`, or `diff NAME ID` for a "
                f"version other than its candidate. These have one: {', '.join(watched) or 'none'}."
            )
        arguments.name = watched[0]
    models_of(pins, [arguments.name])
    by_ledger = last_served(arguments) if arguments.ledger and not arguments.other else None
    other: str | None = arguments.other or by_ledger or pins.models[arguments.name].staging
    if other is None:
        raise ModelpinError(
            f"{arguments.name} has no candidate in models.yml; name the version to look at: "
            f"`pytest-modelpin diff {arguments.name} ID`."
        )
    return other


def _tried_above() -> str:
    """Where runs by hand kept what they tried, if that is above the current folder."""
    from pytest_modelpin.recordings.owner import TRIED

    above = next((each for each in Path.cwd().parents if (each / TRIED).is_dir()), None)
    return f" What was tried in {above} is kept there: run this in it." if above else ""


def _answered(comparison: Comparison) -> bool:
    """Whether the second version has any answer in it."""
    return any(case.candidate.samples for case in comparison.cases)
