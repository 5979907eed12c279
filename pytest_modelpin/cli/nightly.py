"""`nightly`: run, compare, write the night down, and open the pull request when it is due.

And `view`, which opens the page that a night has written.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.cli import (
    REPORTS,
    add_ledger,
    add_project_options,
    forge_of,
    ledger_of,
    pins_of,
    tests_of,
    today_of,
)
from pytest_modelpin.errors import ExitCode, ModelpinError

if TYPE_CHECKING:
    from pytest_modelpin.ledger.store import Ledger
    from pytest_modelpin.registry import Pins
    from pytest_modelpin.upgrade.nightly.run_nightly import NightlyResult


def options(parser: argparse.ArgumentParser) -> None:
    """Declare its options."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="logical models; default: all")
    add_project_options(parser, tests=True)
    add_ledger(parser)
    parser.add_argument("--today", metavar="YYYY-MM-DD", help="pretend that it is this day (UTC)")
    parser.add_argument("--reports", metavar="DIR", help="where run reports go")
    parser.add_argument(
        "--no-pull-request", action="store_true", help="never open or change a pull request"
    )
    parser.add_argument(
        "--live-baseline",
        type=_samples,
        metavar="N",
        help="ask the pin live, too, N times a case, instead of replaying its recordings",
    )
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")


def only_below(folder: Path, registry: Path) -> str:
    """That a night in `folder` is of part of a suite, whose `registry` was found above; else empty.

    Its ledger and reports lie in that folder, too, so that it is no night of the whole.
    """
    from pytest_modelpin.registry import find

    if find(folder) is not None:
        return ""
    return (
        f"Mind that this night runs the tests of {folder} alone, and is kept there: "
        f"{registry.resolve()} lies above. For the whole suite, run it where that file belongs."
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the night; 0 green, 1 red, 3 inconclusive, 2 where the ledger has it not."""
    from pytest_modelpin.cli.nightly_output import as_json, github_output, lines, step_summary
    from pytest_modelpin.forge import run_again, run_url
    from pytest_modelpin.gate.verdict import EXIT_CODES
    from pytest_modelpin.judge.judge import judge_of
    from pytest_modelpin.report.ansi import palette, width
    from pytest_modelpin.report.progress import ProgressDisplay
    from pytest_modelpin.upgrade.bump.journal import put_right
    from pytest_modelpin.upgrade.nightly import NightlyContext
    from pytest_modelpin.upgrade.nightly.run_nightly import run_nightly
    from pytest_modelpin.upgrade.suite import Suite
    from pytest_modelpin.write_access import runner_files_kept

    if broken_off := put_right(Path.cwd()):
        print(broken_off.sentence, file=sys.stderr)
    pins, today = pins_of(arguments), today_of(arguments)
    if not arguments.registry and (part := only_below(Path.cwd(), pins.path)):
        print(part, file=sys.stderr)
    forge = forge_of(arguments)
    ledger = ledger_of(arguments, forge)
    root, display = Path.cwd(), ProgressDisplay(sys.stdout)
    nightly = NightlyContext(
        Suite(root, tuple(tests_of(arguments)), display=None if arguments.json else display),
        pins,
        _reports(arguments, today),
        str(today),
        run_url(),
        say=(lambda _: None) if arguments.json else display.say,
        live_baseline=arguments.live_baseline,
        judge=judge_of(pins, root),
        again=run_again(),
    )
    with runner_files_kept(partial(print, file=sys.stderr)):
        played = run_nightly(
            nightly,
            arguments.names,
            ledger=ledger,
            forge=forge,
            pull_requests=not arguments.no_pull_request,
        )
    if arguments.json:
        print(as_json(played))
    else:
        print("\n".join(["", *lines(played, palette(), width(), _options(arguments))]))
    github_output(played, os.environ.get("GITHUB_OUTPUT"))
    step_summary(played, os.environ.get("GITHUB_STEP_SUMMARY"))
    _tell_slack(played, pins, ledger, today)
    return ExitCode.USAGE if played.lost else EXIT_CODES[played.colour]


def _options(arguments: argparse.Namespace) -> str:
    """What a further command needs to find the same models.yml, ledger and tests."""
    given = (
        ("--registry", arguments.registry),
        ("--ledger", arguments.ledger),
        ("--tests", arguments.tests),
    )
    return "".join(f" {option}={shlex.quote(value)}" for option, value in given if value)


def _tell_slack(played: NightlyResult, pins: Pins, ledger: Ledger, today: date) -> None:
    """The announcement, where a webhook is set; what goes wrong with it costs a line, no night."""
    from pytest_modelpin.upgrade.nightly.announcement import announce_night, webhook

    address = webhook(os.environ)
    if address is None or not played.kept:
        return
    try:
        announce_night(address, played, pins, ledger, root=Path.cwd(), today=today)
    except ModelpinError as error:
        print(f"warning: {error}", file=sys.stderr)


def _samples(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


def _reports(arguments: argparse.Namespace, today: date) -> Path:
    folder = Path(arguments.reports) if arguments.reports else REPORTS / "nights" / str(today)
    return folder.absolute()


def view_options(parser: argparse.ArgumentParser) -> None:
    """`view`: open a comparison's page, the newest one where none is named."""
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="default: the newest")
    parser.add_argument("--print", action="store_true", help="only say where it is")


def run_view(arguments: argparse.Namespace) -> int:
    """Open the page. Raises ModelpinError where there is none."""
    import webbrowser

    page: Path = arguments.file or _newest()
    if not page.is_file():
        raise ModelpinError(
            f"There is no page at {page}; `pytest-modelpin view` alone opens the newest."
        )
    print(page)
    # Where no browser can be opened, as over SSH, the path is all that helps.
    if not arguments.print and not webbrowser.open(page.resolve().as_uri()):
        print("No browser could be opened here; copy the file to where there is one.")
    return ExitCode.FINE


def _newest() -> Path:
    pages = sorted(REPORTS.rglob("*.html"), key=lambda page: page.stat().st_mtime)
    if not pages:
        raise ModelpinError(
            f"There is no page below {REPORTS} yet; `pytest-modelpin nightly` writes one, and so "
            "do `pytest --model candidate --model-html FILE` and `pytest-modelpin compare --html`."
        )
    return pages[-1]
