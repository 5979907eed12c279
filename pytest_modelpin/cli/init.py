"""`init`: bring pytest-modelpin into this repository."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.errors import ExitCode, ModelpinError

if TYPE_CHECKING:
    from pytest_modelpin.adopt.plan import Step


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("init", help="write models.yml and the nightly workflow here")
    parser.add_argument("--yes", action="store_true", help="write without asking")
    parser.add_argument("--dry-run", action="store_true", help="only show what would be written")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Show the plan, and carry it out once it is agreed to."""
    from pytest_modelpin.adopt.plan import carry_out, plan
    from pytest_modelpin.alarms.scan import scan

    root = Path.cwd()
    found = scan(root)
    for each in found[:10]:
        print(f"found  {each.path}:{each.line}  {each.model}")
    if len(found) > 10:
        print(f"       … and {len(found) - 10} more places")
    steps = plan(root, [each.model for each in found])
    for step in steps:
        print(_shown(step))
    if arguments.dry_run or all(step.action == "keep" for step in steps):
        return ExitCode.FINE
    if not (arguments.yes or _agreed()):
        print("Nothing was written. `pytest-modelpin init --yes` writes it.")
        return ExitCode.FINE
    try:
        carry_out(root, steps)
    except OSError as error:
        raise ModelpinError(f"{error.filename} can't be written: {error.strerror}.") from None
    print(
        "\nNext, live and once, with your key: "
        "pytest --model production --model-record new --snapshot-update"
    )
    return ExitCode.FINE


def _shown(step: Step) -> str:
    if step.action == "keep":
        return f"keep   {step.path} (as it is)"
    indented = "".join(f"       | {line}\n" for line in step.content.strip("\n").splitlines())
    return f"{step.action:<6} {step.path}\n{indented}".rstrip()


def _agreed() -> bool:
    if not sys.stdin.isatty():
        return False
    return input("Write these? [Y/n] ").strip().lower() in ("", "y", "yes")
