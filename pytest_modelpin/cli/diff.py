"""`diff`: how two recorded versions' answers differ, offline."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.cli.project_options import (
    REPORTS,
    add_ledger,
    add_project_options,
    pins_of,
    tell,
)
from pytest_modelpin.cli.promote import check_known, last_served
from pytest_modelpin.errors import ExitCode, ModelpinError

if TYPE_CHECKING:
    from pytest_modelpin.compare.comparison import Comparison
    from pytest_modelpin.results.run import Run


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("diff", help="how two recorded versions' answers differ")
    parser.add_argument("name", metavar="NAME", help="the logical model")
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
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Replay the suite on both versions and print what drifted; 1 where a case got worse."""
    from pytest_modelpin.cli.compare import write_page
    from pytest_modelpin.cli.review_runs import as_recorded
    from pytest_modelpin.compare.comparison import RunPair, compare
    from pytest_modelpin.recordings.owner import TRIED
    from pytest_modelpin.report.ansi import palette, width, wrapped
    from pytest_modelpin.report.changed_answers import answers_by_case
    from pytest_modelpin.report.comparison_text import findings, sides
    from pytest_modelpin.report.escape import terminal
    from pytest_modelpin.report.markdown import comparison_markdown
    from pytest_modelpin.upgrade.bump.journal import recordings
    from pytest_modelpin.upgrade.bump.promote import recordings_of_nights
    from pytest_modelpin.upgrade.nightly.outcome import decided_again

    pins = pins_of(arguments)
    check_known(pins.models, arguments.name)
    by_ledger = last_served(arguments) if arguments.ledger and not arguments.other else None
    other = arguments.other or by_ledger or pins.models[arguments.name].staging
    if other is None:
        raise ModelpinError(
            f"{arguments.name} has no candidate in models.yml; name the version to look at: "
            f"`pytest-modelpin diff {arguments.name} ID`."
        )
    night = recordings_of_nights(REPORTS, arguments.name, other)
    by_hand = night == REPORTS / TRIED.name
    if night is not None and not by_hand and not recordings(Path.cwd(), other):
        # What a night recorded lies in its own folder, with the reports of both sides.
        production, candidate, source = _heard_at_night(night.parent)
    else:
        source = "as recorded"
        production, candidate = as_recorded(arguments, pins, arguments.name, other)
    comparison = compare(production, candidate, arguments.name, pins.settings)
    last = _last_night(arguments.name)
    if (
        last
        and not arguments.other
        and not any(case.candidate.samples for case in comparison.cases)
    ):
        production, candidate, source = _heard_at_night(last)  # nobody tried it by hand
        comparison = compare(production, candidate, arguments.name, pins.settings)
    if not _answered(comparison):
        raise ModelpinError(
            f"No test has a recording of {arguments.name} on {other}, so there is nothing to "
            f"compare; record them with `pytest --model {arguments.name}={other}`."
        )
    runs = RunPair(production, candidate, pins.settings)
    comparison, verdict = decided_again(comparison, runs)
    if arguments.markdown:
        print(comparison_markdown(comparison, verdict), end="")
    else:
        columns = width()
        subject = f"{comparison.name}: {sides(comparison)}, {source}"
        print("\n".join(wrapped(terminal(subject), columns)))
        answers = answers_by_case(comparison, production, candidate)
        told = findings(comparison, palette=palette(), columns=columns, answers=answers)
        print("\n".join(told))
        if last and source == "as recorded":
            day = last.parent.name
            tell(
                "These are the recordings beside the tests; the night of "
                f"{day} has its own page: `pytest-modelpin view`."
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


def _answered(comparison: Comparison) -> bool:
    """Whether the second version has any answer in it."""
    return any(case.candidate.samples for case in comparison.cases)


def _last_night(name: str) -> Path | None:
    """The folder of the last night that holds both sides' reports; None where there is none."""
    found = sorted(REPORTS.glob(f"nights/*/{name}/candidate.json"), reverse=True)
    return next((one.parent for one in found if _production_of(one.parent).is_file()), None)


def _production_of(night: Path) -> Path:
    return night.parent / "production.json"


def _heard_at_night(night: Path) -> tuple[Run, Run, str]:
    """Both sides' reports, and whose they are."""
    from pytest_modelpin.results import report_file

    production = report_file.read(_production_of(night))
    candidate = report_file.read(night / "candidate.json")
    return production, candidate, f"as the night of {night.parent.name} heard it"
