"""`promote`: move a pin in the working tree, with its answers and recordings."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_modelpin.cli.place import REPORTS, add_place, pins_of, tests_of, today_of
from pytest_modelpin.errors import ExitCode, ModelpinError


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("promote", help="move a pin here, for you to review and commit")
    parser.add_argument("name", metavar="NAME", help="the logical model")
    parser.add_argument("--to", metavar="ID", help="the version; default: what last served")
    add_place(parser, tests=True)
    parser.add_argument("--today", metavar="YYYY-MM-DD", help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Move the pin; what changed is left uncommitted."""
    from pytest_modelpin.upgrade.bump.promote import promote
    from pytest_modelpin.upgrade.suite import Suite

    pins = pins_of(arguments)
    known(pins.models, arguments.name)
    suite = Suite(Path.cwd(), tests_of(arguments))
    new = arguments.to or _last_served(arguments.name)
    moved = promote(
        suite, pins, arguments.name, new, today=today_of(arguments), logs=REPORTS / "promote"
    )
    print(f"{moved.name}: {moved.old} -> {moved.new}")
    for place in moved.literals:
        print(f"  {place} named the old pin and names the new one now")
    print("Plain `pytest` passes, offline. Look at it with `git diff`, then commit.")
    return ExitCode.FINE


def known(models: object, name: str) -> None:
    """Raise ModelpinError unless `name` is one of the logical `models`."""
    if isinstance(models, dict) and name in models:
        return
    names = ", ".join(models) if isinstance(models, dict) else ""
    raise ModelpinError(f"models.yml names no {name!r}; it names: {names}.")


def _last_served(name: str) -> str:
    from pytest_modelpin.ledger.folder import FolderLedger

    nights = FolderLedger(REPORTS / "ledger").read(name)
    served = [night.served for night in nights if night.served]
    if not served:
        raise ModelpinError(
            f"Which version to move {name} to is not known here; name it: "
            f"`pytest-modelpin promote {name} --to ID`."
        )
    return served[-1]
