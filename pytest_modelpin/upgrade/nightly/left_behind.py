"""Pull requests that models.yml has left behind: their model was taken out of it, or is called
otherwise, has no candidate, moves with others, or is on another pin than the one that they move.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from modelpin_runtime.registry.models import Pins
from pytest_modelpin.forge.pulls_and_issues import open_pulls
from pytest_modelpin.ledger import Night
from pytest_modelpin.upgrade import UpgradeContext
from pytest_modelpin.upgrade.nightly import NightlyContext
from pytest_modelpin.upgrade.nightly.shared_names import owner_elsewhere
from pytest_modelpin.upgrade.proposal import PinMove, find
from pytest_modelpin.upgrade.proposal.branch_commit import PREFIX, branch_of, rollback_of
from pytest_modelpin.upgrade.proposal.pull_request import close


def close_left_behind(context: UpgradeContext, nightly: NightlyContext) -> Iterator[str]:
    """Close the pull requests that move no pin of this repository any more, a sentence each.

    By models.yml alone: a pin that somebody has changed may have no recordings, and so no night. Of
    a rollback only the pin is looked at; what belongs to another models.yml stays. Raises
    ForgeError.
    """
    for pull in open_pulls(context.forge):
        marker = find(pull.body) if pull.branch.startswith(PREFIX) else None
        names = [move.name for move in marker.moves] if marker else []
        if marker is None:
            continue
        nights = {name: context.ledger.read(name) for name in names}
        root, file = nightly.suite.root, nightly.file
        if any(owner_elsewhere(name, nights[name], file, root) for name in names):
            continue
        # Nobody knows whose a name is of which no night tells, unless it is one of ours.
        if any(name not in nightly.pins and not _told(nights[name]) for name in names):
            continue
        reasons = (_why_left(move, pull.branch, nightly.pins) for move in marker.moves)
        if why := next(filter(None, reasons), None):
            yield close(context.forge, pull, marker, why)


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
