"""Where a command works: its folder, models.yml and ledger, the user's own pytest arguments."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.clock import utc_now
from pytest_modelpin.errors import ModelpinError, RegistryError
from pytest_modelpin.registry import PLACES, Pins, find, load
from pytest_modelpin.wording import counted

if TYPE_CHECKING:
    from pytest_modelpin.forge import Forge
    from pytest_modelpin.ledger.store import Ledger

REPORTS = Path(".pytest_modelpin")

MANY_FILES = 10_000
"""From here on reading them takes a second and more, and is told of."""


def add_project_options(parser: argparse.ArgumentParser, *, tests: bool = False) -> None:
    """The options that every command with a models.yml shares."""
    parser.add_argument("--registry", metavar="PATH", help="models.yml, where it lies elsewhere")
    if tests:
        parser.add_argument(
            "--tests", default="", metavar="ARGS", help='what pytest is run with: "tests/llm -n 4"'
        )


def tell_of_reading(count: int) -> None:
    """Say that many files are about to be read; on stderr, as what follows may be JSON."""
    if count >= MANY_FILES:
        print(f"Reading {counted(count, 'file')} …", file=sys.stderr, flush=True)


def pins_of(arguments: argparse.Namespace) -> Pins:
    """The models.yml that the command is about. Raises RegistryError."""
    if arguments.registry:
        return load(Path(arguments.registry))
    try:
        return load()
    except RegistryError as error:
        if below := _folders_with_one():
            raise RegistryError(
                f"No models.yml is here or above, but there is one in {', '.join(below)}: run "
                "this there, or name it with --registry."
            ) from error
        raise


def _folders_with_one() -> list[str]:
    """The folders below this one that have a models.yml, where none is here or above."""
    from pytest_modelpin.literals import files

    here = Path.cwd()
    if any(find(folder) is not None for folder in (here, *here.parents)):
        return []
    ends = tuple(f"/{place}" for place in PLACES)
    found = (path for path in files(here) if path.endswith(ends))
    # The longest place first: `services/a/config/models.yml` is that of `services/a`.
    longest = sorted(ends, key=len, reverse=True)
    owners = (
        path.removesuffix(next(end for end in longest if path.endswith(end))) for path in found
    )
    return sorted(dict.fromkeys(owners))


def tests_of(arguments: argparse.Namespace) -> tuple[str, ...]:
    """`--tests` as separate arguments. Raises ModelpinError where a quote is not closed."""
    try:
        return tuple(shlex.split(arguments.tests))
    except ValueError as error:
        raise ModelpinError(f"--tests {arguments.tests!r} can't be read: {error}.") from None


def today_of(arguments: argparse.Namespace) -> date:
    """`--today`, or the current day in UTC. Raises ModelpinError where it is no date."""
    if not arguments.today:
        return utc_now().date()
    try:
        return date.fromisoformat(arguments.today)
    except ValueError:
        raise ModelpinError(
            f"--today {arguments.today!r} is no date; write it as YYYY-MM-DD."
        ) from None


def tell(*sentences: str, hanging: int | None = None) -> None:
    """Print lines no wider than the window, broken at blanks; nothing in them steers a terminal.

    `hanging` is by how many columns the pieces after a line's first are indented.
    """
    from pytest_modelpin.report.ansi import width, wrapped
    from pytest_modelpin.report.escape import terminal

    columns = width()
    for sentence in sentences:
        print("\n".join(wrapped(terminal(sentence), columns, hanging)))


def who() -> str:
    """On GitHub whoever started the run, else the name that git signs with; "" where neither."""
    from pytest_modelpin.run_git import run_git

    if actor := os.environ.get("GITHUB_ACTOR"):
        return actor
    try:
        told = run_git(Path.cwd(), "config", "user.name")
    except OSError:
        return ""
    return os.fsdecode(told.stdout).strip()


def add_ledger(parser: argparse.ArgumentParser) -> None:
    """The option that says where nights and decisions are kept."""
    parser.add_argument(
        "--ledger",
        metavar="DIR|github",
        help="where nights are kept: a folder, or the branch modelpin-ledger on GitHub "
        "(default on GitHub Actions; else the folder .pytest_modelpin/ledger)",
    )


def forge_of(arguments: argparse.Namespace) -> Forge | None:
    """The GitHub repository this runs in; None outside of GitHub. Raises ForgeError."""
    wanted = arguments.ledger == "github"
    if not wanted and not os.environ.get("GITHUB_REPOSITORY"):
        return None
    if not wanted and not os.environ.get("GITHUB_TOKEN"):
        return None
    from pytest_modelpin.forge import connect

    return connect(os.environ)


def ledger_of(arguments: argparse.Namespace, forge: Forge | None) -> Ledger:
    """The ledger; on GitHub the branch, unless a folder is named. Raises ModelpinError."""
    if forge is not None and arguments.ledger in (None, "github"):
        from pytest_modelpin.ledger.store import BranchLedger

        return BranchLedger(forge)
    from pytest_modelpin.ledger.store import FolderLedger

    folder = Path(arguments.ledger) if arguments.ledger else REPORTS / "ledger"
    if folder.exists() and not folder.is_dir():
        raise ModelpinError(f"--ledger {folder} is a file; it has to be a folder.")
    return FolderLedger(folder)
