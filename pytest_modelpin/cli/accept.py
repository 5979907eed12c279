"""`accept`: what changed in a version's answers is wanted."""

from __future__ import annotations

import argparse

from pytest_modelpin.cli.project_options import (
    add_ledger,
    add_project_options,
    forge_of,
    ledger_of,
    pins_of,
    tell,
    who,
)
from pytest_modelpin.errors import ExitCode, ModelpinError


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("accept", help="what changed in a version's answers is wanted")
    parser.add_argument("name", metavar="NAME", help="the logical model")
    parser.add_argument(
        "cases", nargs="*", metavar="CASE", help="test ids, or how they end; default: every case"
    )
    parser.add_argument("--to", metavar="ID", help="the version; default: what last served")
    add_ledger(parser)
    add_project_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write it to the ledger; the next night goes by it."""
    from pytest_modelpin.cli.promote import check_known
    from pytest_modelpin.ledger.decision import accept

    check_known(pins_of(arguments).models, arguments.name)
    ledger = ledger_of(arguments, forge_of(arguments))
    nights = ledger.read(arguments.name)
    version = arguments.to or next((night.served for night in reversed(nights) if night.served), "")
    if not version:
        raise ModelpinError(
            f"The ledger knows no version that answered for {arguments.name}, so there is nothing "
            "to accept. Run `pytest-modelpin nightly` first, or name its place with --ledger."
        )
    accepted = accept(
        ledger,
        arguments.name,
        version,
        arguments.cases,
        because="accepted by command",
        who=who(),
    )
    what = ", ".join(accepted) if accepted else "every case"
    tell(f"{arguments.name}: what changed in {version} is accepted for {what}.")
    tell(
        "From the next night on, these answers are held to the candidate's own. Another version "
        "is asked about anew."
    )
    return ExitCode.FINE
