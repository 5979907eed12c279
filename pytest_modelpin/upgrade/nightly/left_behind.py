"""Pull requests that models.yml has left behind: their model was taken out of it, or is called
otherwise, has no candidate, moves with others, or is on another pin than the one that they move.
Without GitHub, the local branches in their place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from modelpin_runtime.registry.models import Pins
from pytest_modelpin.errors import ModelpinError, UpgradeError
from pytest_modelpin.forge.pulls_and_issues import open_pulls
from pytest_modelpin.ledger import Night
from pytest_modelpin.ledger.store import Ledger
from pytest_modelpin.upgrade import UpgradeContext
from pytest_modelpin.upgrade.git import ADDRESS, git
from pytest_modelpin.upgrade.nightly import NightlyContext
from pytest_modelpin.upgrade.nightly.shared_names import owner_elsewhere
from pytest_modelpin.upgrade.proposal import Marker, PinMove, find
from pytest_modelpin.upgrade.proposal.branch_commit import PREFIX, branch_of, rollback_of
from pytest_modelpin.upgrade.proposal.pull_request import close


def told_left_behind(
    context: UpgradeContext | None,
    nightly: NightlyContext,
    ledger: Ledger,
    nights: Sequence[Night] = (),
) -> list[str]:
    """What became of all that was left behind, a sentence each, as `close_left_behind` and, without
    GitHub (no `context`), `drop_left_behind` say. What goes wrong with it costs no night.
    """
    if context is None:
        with suppress(UpgradeError):  # no git, or a branch that moved meanwhile
            return [*drop_left_behind(nightly, ledger, nights)]
        return []
    try:
        return [*close_left_behind(context, nightly)]
    except ModelpinError as error:
        return [f"Pull requests that no night follows any more were not looked for: {error}"]


def close_left_behind(context: UpgradeContext, nightly: NightlyContext) -> Iterator[str]:
    """Close the pull requests that move no pin of this repository any more, a sentence each.

    By models.yml alone: a pin that somebody has changed may have no recordings, and so no night. Of
    a rollback only the pin is looked at; what belongs to another models.yml stays. Raises
    ForgeError.
    """
    for pull in open_pulls(context.forge):
        marker = find(pull.body) if pull.branch.startswith(PREFIX) else None
        if marker is None:
            continue
        if why := _why(marker, pull.branch, nightly, context.ledger):
            yield close(context.forge, pull, marker, why)


def drop_left_behind(
    nightly: NightlyContext, ledger: Ledger, nights: Sequence[Night] = ()
) -> Iterator[str]:
    """Without GitHub: delete the local branches of bumps that no night follows any more, a sentence
    each; with tonight's `nights`, those too whose candidate answers from another version now.

    A branch that somebody has committed to, or has checked out, stays. Raises UpgradeError.
    """
    root = nightly.suite.root
    listed = git(root, "for-each-ref", f"--format={_LISTED}", f"refs/heads/{PREFIX}")
    served = {night.name: night.served for night in nights}
    for sha, branch, checked_out in (line.split(" ", 2) for line in listed.splitlines()):
        whole = git(root, "log", "--format=%ae%n%ce", f"HEAD..{sha}").split()
        marker = find(git(root, "log", "-1", "--format=%b", sha))
        if marker is None or checked_out or {*whole} - {ADDRESS}:
            continue
        others = (
            f"{move.name} is answered by {answers} now, no longer by {move.new}"
            for move in marker.moves
            if (answers := served.get(move.name)) not in (None, move.new)
        )
        if why := _why(marker, branch, nightly, ledger) or next(others, ""):
            git(root, "update-ref", "-d", f"refs/heads/{branch}", sha)
            yield f"Deleted the local branch {branch}: {why}."


_LISTED = "%(objectname) %(refname:lstrip=2) %(worktreepath)"


def _why(marker: Marker, branch: str, nightly: NightlyContext, ledger: Ledger) -> str:
    """Why no night moves these pins by that branch, as a clause; empty where one does, or where
    they may be another models.yml's.
    """
    names = [move.name for move in marker.moves]
    nights = {name: ledger.read(name) for name in names}
    if any(owner_elsewhere(name, nights[name], nightly.file, nightly.suite.root) for name in names):
        return ""
    # Nobody knows whose a name is of which no night tells, unless it is one of ours.
    if any(name not in nightly.pins and not _told(nights[name]) for name in names):
        return ""
    reasons = (_why_left(move, branch, nightly.pins) for move in marker.moves)
    return next(filter(None, reasons), "")


def _told(nights: Sequence[Night]) -> bool:
    return bool(nights and nights[-1].file)


def _why_left(move: PinMove, branch: str, pins: Pins) -> str:
    """Why no night moves this pin by that branch, as a clause; empty where one does."""
    name, goes_back = move.name, branch == branch_of(rollback_of(move.name))
    model = pins.models.get(name)
    if model is None:
        return "" if goes_back else f"{name} is not in models.yml any more"
    if model.pin == move.new:
        return f"{name} is pinned to {model.pin} already"
    if model.pin != move.old:
        return f"{name} is pinned to {model.pin} now, no longer to {move.old}"
    if goes_back:
        return ""
    if move.new in model.ignore:
        return f"{move.new} is on `ignore` of {name} in models.yml"
    if model.staging is None:
        return f"{name} has no candidate in models.yml any more"
    if model.policy == "float":
        return f"the policy of {name} is `float` now, so it is watched only"
    if branch != branch_of(model.group or name):
        return f"{name} moves {f'with the group {model.group}' if model.group else 'alone'} now"
    return ""
