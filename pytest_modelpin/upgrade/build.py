"""Building a bump: the move tried out in a second working tree, and its difference from HEAD."""

from __future__ import annotations

from datetime import date

from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.registry.models import Model
from pytest_modelpin.upgrade.bump import Bump
from pytest_modelpin.upgrade.git import changes, uncommitted, worktree
from pytest_modelpin.upgrade.nightly import Finding, Watch
from pytest_modelpin.upgrade.promote import bring_recordings, pins_in, promote, relocated


def build_bump(watch: Watch, model: Model, finding: Finding, *, retires: str | None = None) -> Bump:
    """The bump that moves `model` to the version that served this night.

    The user's working tree stays untouched: everything happens in a temporary one, and plain
    `pytest` has passed there, offline, before a bump comes back. Raises UpgradeError where there
    is no git, the tree has uncommitted changes that the evidence may rest on, or the suite does
    not pass after the move.
    """
    dirty = uncommitted(watch.suite.root)
    if dirty:
        raise UpgradeError(
            f"{len(dirty)} tracked files have uncommitted changes ({', '.join(dirty[:3])} …); "
            "the nights were run with them, but a pull request would not hold them. "
            "Commit them first."
        )
    new = finding.night.served
    if new is None or finding.recordings is None:
        raise UpgradeError(f"{model.name}: no version to move to was recorded this night.")
    logs = watch.folder / model.name
    with worktree(watch.suite.root) as root:
        suite = relocated(watch.suite, root)
        bring_recordings(finding.recordings, root, new)
        promotion = promote(
            suite,
            pins_in(watch.suite, watch.pins, root),
            model.name,
            new,
            today=date.fromisoformat(watch.day),
            logs=logs,
        )
        files = changes(root)
    return Bump(
        name=model.name,
        old=promotion.old,
        new=new,
        files=files,
        streak=finding.streak,
        verdict=finding.verdict,
        comparison=finding.comparison,
        retires=retires,
    )
