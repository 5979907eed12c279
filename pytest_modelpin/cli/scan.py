"""`scan`: every model id that is hard-coded in this repository."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.cli.project_options import add_project_options, tell_of_reading
from pytest_modelpin.errors import ExitCode, ModelpinError
from pytest_modelpin.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_modelpin.alarms.scan import Found
    from pytest_modelpin.registry import Pins


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("scan", help="model ids that are hard-coded in this repository")
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="only these files (default: all that git tracks)"
    )
    add_project_options(parser)
    parser.add_argument(
        "--strict",
        action="store_true",
        help="exit 1 where models.yml does not know an id, or a file can't be read",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what was found; with --strict 1 where models.yml lacks an id, or a file is unread."""
    from pytest_modelpin.alarms.scan import scan
    from pytest_modelpin.literals.listing import files, forbidden

    root = Path.cwd()
    missing = [path for path in arguments.paths if not (root / path).is_file()]
    if missing:
        raise ModelpinError(f"No file at {missing[0]}; `scan` without a path looks at all files.")
    paths = arguments.paths or files(root)
    tell_of_reading(len(paths))
    found = scan(root, _pins(arguments, root), paths=paths)
    unread = forbidden(root, paths)
    if arguments.json:
        rows = [
            {**asdict(each), "retires": each.retires and each.retires.isoformat()} for each in found
        ]
        print(json.dumps(rows, indent=2))
    else:
        _print(found)
    if unread:
        count = counted(len(unread), "file")
        said = f"{count} can't be read here, such as {unread[0]}: what they name is not known."
        print(said, file=sys.stderr)
    unknown = bool(unread) or any(not each.known for each in found)
    return ExitCode.FOUND if arguments.strict and unknown else ExitCode.FINE


def _pins(arguments: argparse.Namespace, root: Path) -> Pins | None:
    """models.yml, which `scan` can do without: `init` is what comes after it."""
    from pytest_modelpin.registry import find, load

    if arguments.registry:
        return load(Path(arguments.registry))
    path = find(root)
    return load(path) if path else None


def _print(found: Sequence[Found]) -> None:
    width = max((len(f"{each.path}:{each.line}") for each in found), default=0)
    for each in found:
        known = "" if each.known else ", not in models.yml"
        retires = f", retires {each.retires}" if each.retires else ""
        print(f"{f'{each.path}:{each.line}':<{width}}  {each.model}  {each.kind}{retires}{known}")
    ids = len({each.model for each in found})
    print(f"{counted(len(found), 'place')}, {counted(ids, 'id')}.")
