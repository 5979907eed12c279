"""Where a command keeps nights and decisions: a folder, or a branch on GitHub."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_modelpin.cli.place import REPORTS
from pytest_modelpin.errors import ModelpinError

if TYPE_CHECKING:
    from pytest_modelpin.forge import Forge
    from pytest_modelpin.ledger.store import Ledger


def add_ledger(parser: argparse.ArgumentParser) -> None:
    """The option that says where."""
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
        from pytest_modelpin.ledger.branch import BranchLedger

        return BranchLedger(forge)
    from pytest_modelpin.ledger.store import FolderLedger

    folder = Path(arguments.ledger) if arguments.ledger else REPORTS / "ledger"
    if folder.exists() and not folder.is_dir():
        raise ModelpinError(f"--ledger {folder} is a file; it has to be a folder.")
    return FolderLedger(folder)
