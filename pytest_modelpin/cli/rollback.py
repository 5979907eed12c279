"""`rollback`: back to the version before, in the working tree or as a pull request."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.cli.project_options import (
    REPORTS,
    add_ledger,
    add_project_options,
    forge_of,
    ledger_of,
    pins_of,
    tell,
    tests_of,
    today_of,
)
from pytest_modelpin.cli.promote import check_known, print_places
from pytest_modelpin.errors import ExitCode

if TYPE_CHECKING:
    from pytest_modelpin.upgrade.bump.promote import Checkout

_LOGS = REPORTS / "rollback"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("rollback", help="back to the version before the last move")
    parser.add_argument("name", metavar="NAME", help="the logical model")
    parser.add_argument(
        "--pr",
        action="store_true",
        help="leave this folder as it is and open a pull request; outside of GitHub, a branch",
    )
    parser.add_argument(
        "--because",
        metavar="WHY",
        help="what was wrong: the pull request says it, and the ledger keeps it",
    )
    add_ledger(parser)
    add_project_options(parser, tests=True)
    parser.add_argument("--today", metavar="YYYY-MM-DD", help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Move the pin back, here or on a branch of its own."""
    from pytest_modelpin.registry import environment_variable
    from pytest_modelpin.upgrade.bump.journal import one_move_at_a_time, recover
    from pytest_modelpin.upgrade.bump.promote import Checkout
    from pytest_modelpin.upgrade.suite import Suite

    root = Path.cwd()
    with one_move_at_a_time(root) as lock:
        broken_off = recover(root)
        if broken_off:
            tell(broken_off.sentence)
            move = broken_off.move
            if broken_off.finished and (move.kind, move.name) == ("rollback", arguments.name):
                _note(arguments, move.name, move.old)
                return ExitCode.FINE
        pins = pins_of(arguments)
        check_known(pins.models, arguments.name)
        suite = Suite(root, tests_of(arguments), holds=(lock,))
        checkout = Checkout(suite, pins, today_of(arguments), _LOGS)
        done = _request(arguments, checkout) if arguments.pr else _here(arguments, checkout)
    variable = environment_variable(arguments.name)
    previous = pins.models[arguments.name].previous
    tell(f"To go back right now, without a deployment: {variable}={previous}")
    return done


def _here(arguments: argparse.Namespace, checkout: Checkout) -> ExitCode:
    """What changed is left uncommitted."""
    from pytest_modelpin.upgrade.rollback import roll_back

    moved = roll_back(checkout, arguments.name)
    _note(arguments, moved.name, moved.old)
    tell(f"{moved.name}: back from {moved.old} to {moved.new}; {moved.old} is ignored from now on.")
    print_places(moved)
    tell("Plain `pytest` passes, offline. Look at it with `git diff`, then commit.")
    return ExitCode.FINE


def _note(arguments: argparse.Namespace, name: str, left: str) -> None:
    """Keep in the ledger, where there is one here, that the version is not wanted."""
    from pytest_modelpin.upgrade.proposal.version_decisions import want_no_more

    if arguments.ledger or (REPORTS / "ledger").is_dir():
        # Not GitHub's unless it is asked for: what is done here is still to be committed.
        forge = forge_of(arguments) if arguments.ledger == "github" else None
        ledger = ledger_of(arguments, forge)
        why = f": {arguments.because}" if arguments.because else ""
        want_no_more(ledger, name, left, f"rolled back on {today_of(arguments)}{why}")


def _request(arguments: argparse.Namespace, checkout: Checkout) -> ExitCode:
    from pytest_modelpin.upgrade.rollback import request_rollback

    forge = forge_of(arguments)
    asked = request_rollback(
        checkout,
        arguments.name,
        because=arguments.because or "asked for on the command line",
        ledger=ledger_of(arguments, forge),
        forge=forge,
    )
    moved = asked.rollback
    tell(f"{moved.name}: back from {moved.left} to {moved.back_to}, once it is merged.")
    tell(asked.sentence)
    if asked.pull_request is None:
        return ExitCode.FINE
    print(asked.pull_request.url)
    return ExitCode.FOUND if asked.pull_request.action == "blocked" else ExitCode.FINE
