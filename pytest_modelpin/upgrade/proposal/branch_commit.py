"""The bump branch: one commit of the bot's, and never over anybody else's."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_modelpin.forge.branches import (
    Ahead,
    Commit,
    advance,
    ahead,
    commit_tree,
    head_of,
    modes_of,
    read_commit,
    write_tree,
)
from pytest_modelpin.forge.connection import Forge
from pytest_modelpin.forge.errors import Refused
from pytest_modelpin.forge.pulls_and_issues import Pull
from pytest_modelpin.report.findings import fails
from pytest_modelpin.upgrade.bump.bump import Bump
from pytest_modelpin.upgrade.git import git
from pytest_modelpin.upgrade.proposal.body import plain, title
from pytest_modelpin.upgrade.proposal.digest import digest
from pytest_modelpin.upgrade.proposal.marker import Move, moves_of
from pytest_modelpin.wording import counted

PREFIX = "modelpin/"
_UNKNOWN = (404, 422)  # GitHub's answers for a commit that it has not got


@dataclass(frozen=True, slots=True)
class BumpBranch:
    """The branch as it was read."""

    name: str
    head: str | None
    beyond: Ahead
    """What it has that the base has not."""
    base: str
    """The commit of the base that a bump goes on top of."""

    @property
    def strangers(self) -> tuple[Commit, ...]:
        """The commits that the bot did not make."""
        return tuple(commit for commit in self.beyond.commits if not made_by_bot(commit))

    @property
    def content(self) -> str | None:
        """What the bot's last commit holds, as `digest` says it."""
        last = self.beyond.commits[-1] if self.beyond.commits else None
        return _trailers(last).get("Modelpin-Content") if last else None


def branch_of(name: str) -> str:
    """The branch of a logical model or a group: stable, and a valid ref whatever the name."""
    if re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*", name) and not name.endswith(".lock"):
        return f"{PREFIX}{name}"
    cleaned = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")
    return f"{PREFIX}{cleaned}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


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


def read_branch(forge: Forge, name: str, base: str) -> BumpBranch:
    """The branch of a logical model, compared with the commit `base`; raises ForgeError."""
    branch = branch_of(name)
    head = head_of(forge, branch)
    beyond = Ahead((), (), behind=False) if head is None else ahead(forge, base, head)
    return BumpBranch(branch, head, beyond, base)


def commit_files_onto(
    forge: Forge,
    branch: BumpBranch,
    files: Mapping[str, bytes | None],
    message: Callable[[str], str],
) -> str:
    """Put files onto the branch as one commit; gives the commit. `message` takes the tree's id.

    The tree is the base's with the files, whatever the branch held. The commit goes on top of the
    branch's head, never in its place: GitHub then refuses where somebody has pushed meanwhile, so
    that no commit can be lost, not even between looking and writing. Raises Moved there.
    """
    before = read_commit(forge, branch.base).tree
    # Recordings and answers are plain files; code that names the pin may be executable.
    plain_files = all(belongs(path) for path in files)
    tree = write_tree(forge, files, before, modes={} if plain_files else modes_of(forge, before))
    made = commit_tree(forge, tree, message=message(tree), parents=_parents(branch))
    advance(forge, branch.name, branch.head, made.sha)
    return made.sha


def message(bump: Bump, tree: str) -> str:
    """The commit's message: what moves, and in four lines why it may, ends and goes back."""
    nights = ", ".join(plain(night.day) for night in bump.streak.nights[-10:])
    lines = [
        f"Green nights: {nights or 'none'}.",
        *(_what_changed(one) for one in bump.members or (bump,)),
        f"The old pin retires: {_day(bump.retires)}; the new one: {_day(bump.new_retires)}.",
        f"To go back: pytest-modelpin rollback {' '.join(plain(m.name) for m in moves_of(bump))}",
    ]
    return "\n\n".join([title(bump), "\n".join(lines), trailers(moves_of(bump), bump.files, tree)])


def _what_changed(bump: Bump) -> str:
    if bump.comparison is None:
        return f"{plain(bump.name)}: not compared."
    cases = bump.comparison.cases
    failing = sum(fails(case) for case in cases)
    return (
        f"{plain(bump.name)}: {counted(len(cases), 'case')}, {failing or 'none'} failing, "
        f"{counted(len(bump.answers), 'answer')} changed."
    )


def _day(day: str | None) -> str:
    return plain(day) if day else "no date known"


def trailers(moves: Iterable[Move], files: Mapping[str, bytes | None], tree: str) -> str:
    """The last paragraph of a message, by which the bot knows its own commit again."""
    return "\n".join(
        [
            *(
                f"Modelpin-Bump: {plain(move.name)} {plain(move.old)} {plain(move.new)}"
                for move in moves
            ),
            f"Modelpin-Content: {digest(files)}",
            f"Modelpin-Tree: {tree}",
        ]
    )


def made_by_bot(commit: Commit) -> bool:
    """Whether a commit is as the bot made it.

    An amended, rebased or cherry-picked one keeps the trailers, but not the tree that they name,
    or not the moment at which it was written.
    """
    trailers = _trailers(commit)
    return (
        "Modelpin-Bump" in trailers
        and trailers.get("Modelpin-Tree") == commit.tree
        and commit.authored == commit.committed
    )


def is_spent(branch: BumpBranch, pulls: Iterable[Pull]) -> bool:
    """Whether all that the branch holds was merged: GitHub leaves squashed commits on it."""
    return any(pull.merged and pull.head == branch.head for pull in pulls)


def _parents(branch: BumpBranch) -> list[str]:
    if branch.head is None or not branch.beyond.commits:
        return [branch.base]
    return [branch.head, branch.base] if branch.beyond.behind else [branch.head]


def _trailers(commit: Commit) -> dict[str, str]:
    lines = commit.message.rstrip().split("\n\n")[-1].split("\n")
    return dict(line.split(": ", 1) for line in lines if ": " in line)


def belongs(path: str) -> bool:
    """Whether a file is part of any bump: the pin, an accepted answer or a recording."""
    *folders, name = path.split("/")
    return name in ("models.yml", "models.yaml") or bool(
        {"__snapshots__", "__recordings__"}.intersection(folders)
    )


def second_things(bump: Bump, changed: Iterable[str] = ()) -> list[str]:
    """Paths that change with the bump and are another matter; `changed` are people's additions.

    Code that names the pin has to move with it. What does not even hold the new id is a second
    change, and no reviewer could tell which of the two changed an answer.
    """
    ids = [move.new.encode() for move in moves_of(bump)]
    own = (
        path
        for path, content in bump.files.items()
        if content is None or not any(one in content for one in ids)
    )
    added = (path for path in changed if path not in bump.files)
    return sorted(path for path in {*own, *added} if not belongs(path))
