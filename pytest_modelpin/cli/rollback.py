"""`rollback`: back to the version before, in the working tree."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_modelpin.cli.place import REPORTS, add_place, pins_of, tests_of, today_of
from pytest_modelpin.cli.promote import known
from pytest_modelpin.errors import ExitCode


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("rollback", help="back to the version before the last move")
    parser.add_argument("name", metavar="NAME", help="the logical model")
    add_place(parser, tests=True)
    parser.add_argument("--today", metavar="YYYY-MM-DD", help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Move the pin back; what changed is left uncommitted."""
    from pytest_modelpin.registry import environment_variable
    from pytest_modelpin.upgrade.rollback import roll_back
    from pytest_modelpin.upgrade.suite import Suite

    pins = pins_of(arguments)
    known(pins.models, arguments.name)
    moved = roll_back(
        Suite(Path.cwd(), tests_of(arguments)),
        pins,
        arguments.name,
        today=today_of(arguments),
        logs=REPORTS / "rollback",
    )
    print(
        f"{moved.name}: back from {moved.old} to {moved.new}; {moved.old} is ignored from now on."
    )
    print("Plain `pytest` passes, offline. Look at it with `git diff`, then commit.")
    variable = environment_variable(moved.name)
    print(f"Where it hurts right now, without a deployment: {variable}={moved.new}")
    return ExitCode.FINE
