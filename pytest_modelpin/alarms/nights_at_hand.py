"""The ledger's nights as they can be read here and now, without the network."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from pytest_modelpin.errors import LedgerError
from pytest_modelpin.ledger.branch import BRANCH
from pytest_modelpin.ledger.decision import Decision, read_decisions
from pytest_modelpin.ledger.folder import FolderLedger
from pytest_modelpin.ledger.night import Night
from pytest_modelpin.ledger.nights import Nights
from pytest_modelpin.ledger.store import decisions_file, nights_file
from pytest_modelpin.registry import Pins

LOCAL = Path(".pytest_modelpin/ledger")
"""Where `nightly` keeps its ledger outside of GitHub, from the repository's root."""


def nights_at_hand(
    pins: Pins, root: Path, ledger: Path | None = None
) -> dict[str, Sequence[Night]]:
    """The nights of each logical model, oldest first.

    From the folder `ledger` where it is given; else from the branch `modelpin-ledger` as the git
    clone at `root` last saw it; else from the folder that `nightly` writes outside of GitHub.
    Raises LedgerError where `ledger` is no folder, or what is there can't be read.
    """
    if ledger is not None and not ledger.is_dir():
        raise LedgerError(f"--ledger {ledger} is no folder; name the one that `nightly` wrote.")
    ref = None if ledger is not None else _newest_ref(root)
    if ref is None:
        store = FolderLedger(ledger or root / LOCAL)
        return {name: store.read(name) for name in pins.models}
    return {name: _from_branch(root, ref, name) for name in pins.models}


def decisions_at_hand(name: str, root: Path, ledger: Path | None = None) -> tuple[Decision, ...]:
    """What was decided about versions of a logical model, oldest first, from the same place."""
    ref = None if ledger is not None else _newest_ref(root)
    if ref is None:
        return FolderLedger(ledger or root / LOCAL).decisions(name)
    file = decisions_file(name)
    return read_decisions(_git(root, "show", f"{ref}:{file}") or b"", f"{ref}:{file}")


def _newest_ref(root: Path) -> str | None:
    """The local or remote-tracking branch that was written to last."""
    refs = _git(
        root, "for-each-ref", "--sort=-committerdate", "--format=%(refname)",
        f"refs/heads/{BRANCH}", f"refs/remotes/*/{BRANCH}",
    )  # fmt: skip
    return refs.decode().split("\n", 1)[0] or None if refs else None


def _from_branch(root: Path, ref: str, name: str) -> Sequence[Night]:
    file = nights_file(name)
    return Nights(_git(root, "show", f"{ref}:{file}") or b"", f"{ref}:{file}")


def _git(root: Path, *arguments: str) -> bytes | None:
    """What git prints; None where there is no git, no repository, or no such thing."""
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None
