"""`doctor`: what keeps this suite from being recorded, replayed or tried at night, and its cure."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.cli.project_options import add_project_options, pins_of, tell_of_reading
from pytest_modelpin.errors import ExitCode
from pytest_modelpin.wording import counted

if TYPE_CHECKING:
    from pytest_modelpin.adopt.checkup import Finding

_MARKS = {"fine": "ok", "note": "note", "amiss": "AMISS"}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "doctor", help="keys, root folder, ids, clients, git, workflow: what is amiss, and its cure"
    )
    add_project_options(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the table; 1 where something is amiss."""
    from pytest_modelpin.adopt.checkup import checkup
    from pytest_modelpin.adopt.repository import read_repository
    from pytest_modelpin.report.ansi import width

    pins, repository = pins_of(arguments), read_repository(Path.cwd(), ["."])
    tell_of_reading(len(repository.projects[0].paths))
    found = checkup(repository, pins, os.environ)
    if arguments.json:
        print(json.dumps([asdict(each) for each in found], indent=2))
    else:
        print("\n".join(_lines(found, width())))
    return ExitCode.FOUND if any(each.state == "amiss" for each in found) else ExitCode.FINE


def _lines(found: Sequence[Finding], columns: int | None = None) -> list[str]:
    from pytest_modelpin.report.ansi import wrapped

    longest = max(len(each.about) for each in found)
    column = longest + 9  # where what is said begins
    lines = []
    for each in found:
        head = f"{_MARKS[each.state]:<5}  {each.about:<{longest}}  "
        lines += wrapped(head + each.said, columns, column)
        if each.cure:
            lines += wrapped(f"{'':<{column}}-> {each.cure}", columns, column + 3)
    amiss = sum(each.state == "amiss" for each in found)
    notes = sum(each.state == "note" for each in found)
    return [*lines, f"{amiss or 'Nothing'} amiss, {counted(notes, 'note')}."]
