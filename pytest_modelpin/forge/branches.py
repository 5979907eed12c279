"""Branches: where they point, and moving them without losing anybody's commit."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from pytest_modelpin.forge.connection import Forge
from pytest_modelpin.forge.errors import Moved, Refused


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, as far as anybody here needs it."""

    sha: str
    tree: str
    message: str = ""
    parents: tuple[str, ...] = ()
    authored: str = ""
    committed: str = ""
    """ISO 8601 both; they differ where somebody amended or rebased the commit."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a branch has that its base has not."""

    commits: tuple[Commit, ...]
    """Oldest first."""
    files: tuple[str, ...]
    """Paths that differ, the first 300 at most."""
    behind: bool
    """Whether the base has commits that the branch has not."""


def head_of(forge: Forge, branch: str) -> str | None:
    """The commit that a branch points to; None where there is no such branch."""
    found = forge.find(f"/git/ref/heads/{quote(branch)}")
    return str(found["object"]["sha"]) if found else None


def default_branch(forge: Forge) -> str:
    """The branch that pull requests go to."""
    return str(forge.get("")["default_branch"])


def read_commit(forge: Forge, sha: str) -> Commit:
    """A commit by its sha."""
    found = forge.get(f"/git/commits/{sha}")
    return _commit(sha, found)


def ahead(forge: Forge, base: str, head: str) -> Ahead:
    """What `head` has that `base` has not, both a sha or a branch; raises ForgeError.

    GitHub lists 250 commits and 300 files at most; a bump branch has a handful.
    """
    found = forge.get(f"/compare/{quote(base)}...{quote(head)}")
    commits = tuple(_commit(item["sha"], item | item["commit"]) for item in found["commits"])
    files = tuple(item["filename"] for item in found.get("files") or ())
    return Ahead(commits, files, found["behind_by"] > 0)


def advance(forge: Forge, branch: str, expected: str | None, to: str) -> None:
    """Move a branch from the commit it was read at; `expected` None makes it.

    Never forced: `to` descends from `expected`, so GitHub itself refuses where the branch has
    moved meanwhile. Raises Moved then.
    """
    try:
        if expected is None:
            forge.post("/git/refs", {"ref": f"refs/heads/{branch}", "sha": to})
        else:
            forge.patch(f"/git/refs/heads/{quote(branch)}", {"sha": to, "force": False})
    except Refused as error:
        if error.status in (404, 409, 422) and _STALE.intersection(error.message.lower().split()):
            raise Moved(f"The branch {branch} moved while it was being changed.") from None
        raise


# "Update is not a fast forward", "Reference already exists", "Reference does not exist"; one
# word each, so that a rule's violation, which is a 422 as well, is not taken for one.
_STALE = frozenset({"fast-forward", "forward", "exists", "exist"})


def _commit(sha: str, found: dict[str, dict[str, str]]) -> Commit:
    return Commit(
        sha=sha,
        tree=found["tree"]["sha"],
        message=str(found["message"]),
        parents=tuple(parent["sha"] for parent in found["parents"]),  # type: ignore[index]
        authored=found["author"]["date"],
        committed=found["committer"]["date"],
    )
