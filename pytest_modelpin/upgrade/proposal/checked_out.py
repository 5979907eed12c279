"""What is checked out, as GitHub knows it: only what is on the default branch, with models.yml as
it is there, has nights, bumps and rollbacks.

Else a bump would have somebody's unmerged commits merged along, or be made of pins that have moved.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from pytest_modelpin.errors import ForgeError, UpgradeError
from pytest_modelpin.forge import Forge
from pytest_modelpin.forge.branches import (
    MOST_FILES,
    Ahead,
    ahead,
    contents_of,
    default_branch,
    head_of,
    read_commit,
)
from pytest_modelpin.forge.errors import Limited, Refused, is_outage
from pytest_modelpin.upgrade.git import from_top, git
from pytest_modelpin.wording import counted, some

_UNKNOWN = (404, 422)  # GitHub's answers for a commit that it has not got


def known_head(forge: Forge, root: Path) -> str | None:
    """The commit that is checked out at `root`, None where GitHub does not know it.

    Raises UpgradeError without git, and ForgeError where GitHub does not say: an outage is no
    reason to put a bump on top of another commit than the one that was tested.
    """
    head = git(root, "rev-parse", "HEAD").strip()
    try:
        return read_commit(forge, head).sha
    except Refused as refusal:
        if refusal.status not in _UNKNOWN:
            raise
        return None


def outdated(forge: Forge, commit: str, base: str, pins: Collection[str]) -> str | None:
    """Why nothing that is made from a commit is to be merged into `base`, as a clause.

    It is not on it, or a file of `pins`, paths from the repository's root, has changed there since.
    None where it may be. Raises ForgeError.
    """
    return _outdated(forge, commit, base, pins, ahead(forge, commit, base))


def _outdated(
    forge: Forge, commit: str, base: str, pins: Collection[str], since: Ahead
) -> str | None:
    at = commit[:10]
    if since.behind:
        return f"{at} is not on the default branch"
    if changed := sorted({*pins} & _changed(forge, commit, base, since, pins)):
        return f"{some(changed)} has changed on the default branch since {at}"
    return None


def _changed(forge: Forge, commit: str, base: str, since: Ahead, pins: Collection[str]) -> set[str]:
    """What differs between both, as far as `pins` are concerned."""
    if len(since.files) < MOST_FILES:
        return {*since.files}
    head = head_of(forge, base) or base  # a branch, or a commit
    trees = [read_commit(forge, sha).tree for sha in (commit, head)]
    before, now = (contents_of(forge, tree, pins) for tree in trees)
    return {path for path in pins if before.get(path) != now.get(path)}


def astray(forge: Forge, root: Path, registry: Path, *, again: bool = False) -> str | None:
    """Why a night of what is checked out at `root` is none that counts, as a sentence.

    None where it is one, where GitHub does not know the commit or does not let us ask, and without
    git. Raises ForgeError where GitHub has trouble: somebody's branch would have its night written
    down as the default branch's. Raises UpgradeError where a run was started `again` and the
    default branch has moved on since: it would be paid for, and count for nothing, as nobody knows
    all files that its tests and prompts are made of.
    """
    try:
        head = known_head(forge, root)
        pins = from_top(root, registry)
        # By its commit: a tag may be called as the branch is.
        base = head_of(forge, default_branch(forge))
        if head is None or base is None:
            return None
        since = ahead(forge, head, base)
        why = _outdated(forge, head, base, [pins], since)
    except UpgradeError:
        return None
    except ForgeError as error:
        if is_outage(error) or isinstance(error, Limited):
            raise
        return None
    if again and since.commits and not since.behind:
        raise UpgradeError(
            f"This run was started again and has the commit of its first time, {head[:10]}, since "
            f"which the default branch has {counted(len(since.commits), 'commit')} more. Its night "
            "would count for nothing, so no model was asked: start a new one by “Run workflow”."
        )
    said = "so this night is shown, but not written down, and no pull request is touched"
    return f"{why}, {said}." if why else None
