"""Logical names where a repository has several models.yml: nights, branches and pull requests go by
name alone, so that a name is one file's.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pytest_modelpin.errors import RegistryError, UpgradeError
from pytest_modelpin.ledger import Night
from pytest_modelpin.registry import load
from pytest_modelpin.upgrade.git import top
from pytest_modelpin.upgrade.proposal.branch_commit import branch_of


def owner_elsewhere(name: str, nights: Sequence[Night], file: str, root: Path) -> str | None:
    """The other models.yml than `file` whose name it is, from the root of `root`'s repository.

    That of the last night, where it is still there with the name: one that was moved is none. One
    that can't be read counts as there. `nights` are the name's, oldest first.
    """
    before = nights[-1].file if nights else ""
    if before in ("", file):
        return None
    try:
        other = top(root) / before
        return before if other.is_file() and name in load(other).models else None
    except RegistryError:
        return before
    except UpgradeError:
        return None


def refuse_shared(name: str, nights: Sequence[Night], file: str, root: Path) -> None:
    """Raise UpgradeError where the name is another models.yml's; arguments as above."""
    if other := owner_elsewhere(name, nights, file, root):
        raise UpgradeError(
            f"{name} is a logical model of {other}, too. Nights, the branch {branch_of(name)} and "
            f"its pull request go by that name, so that each would undo the other's: call the one "
            f"in {file or 'this models.yml'} otherwise, there and where its tests and code name it."
        )
