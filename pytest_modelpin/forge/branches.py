"""Branches: where they point, moving them without losing anybody's commit, and one commit from file
contents, in few requests whatever the number of files.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from urllib.parse import quote

from pytest_modelpin.errors import ForgeError
from pytest_modelpin.forge import Forge
from pytest_modelpin.forge.errors import Moved, Refused, Unreachable, is_outage


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


MOST_FILES = 300
"""Files that GitHub names of a comparison; the rest it leaves out, and says nothing of it."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a branch has that its base has not."""

    commits: tuple[Commit, ...]
    """Oldest first."""
    files: tuple[str, ...]
    """Paths that differ, the first `MOST_FILES` at most."""
    behind: bool
    """Whether the base has commits that the branch has not."""


def head_of(forge: Forge, branch: str) -> str | None:
    """The commit that a branch points to; None where there is no such branch."""
    found = forge.find(f"/git/ref/heads/{quote(branch)}")
    return str(found["object"]["sha"]) if found else None


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository, as far as anybody here needs it."""

    node: str
    """Its id in GraphQL."""
    default_branch: str
    """The one that pull requests go to."""
    rebases_only: bool
    """Whether pull requests are merged by rebase alone."""


def is_ruled(forge: Forge, branch: str) -> bool:
    """Whether a rule or a protection says who may write to a branch; raises ForgeError.

    False where GitHub does not say, as of private repositories in its free plan.
    """
    for path in (f"/rules/branches/{quote(branch)}", f"/branches/{quote(branch)}"):
        try:
            found = forge.find(path)
        except Refused as error:
            if error.status != 403:
                raise
            continue
        if found if isinstance(found, list) else found and found.get("protected"):
            return True
    return False


def read_repository(forge: Forge) -> Repository:
    """What GitHub says of the repository."""
    found = forge.get("")
    other = (found.get(f"allow_{way}", True) for way in ("merge_commit", "squash_merge"))
    return Repository(str(found["node_id"]), str(found["default_branch"]), not any(other))


def default_branch(forge: Forge) -> str:
    """The branch that pull requests go to."""
    return read_repository(forge).default_branch


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
    moved on meanwhile. One that was set back by force it would bring forward again, with all that
    somebody took out; so where the branch is, is read once more right before. Raises Moved, and
    ForgeError where another branch's name is in the way.
    """
    moved = f"The branch {branch} moved while it was being changed."
    if expected is not None and head_of(forge, branch) != expected:
        raise Moved(moved)
    try:
        if expected is None:
            forge.post("/git/refs", {"ref": f"refs/heads/{branch}", "sha": to})
        else:
            forge.patch(f"/git/refs/heads/{quote(branch)}", {"sha": to, "force": False})
    except (Refused, Unreachable) as error:
        if is_outage(error) and head_of(forge, branch) == to:
            return  # it took effect, and the answer was lost on its way
        if isinstance(error, Unreachable):
            raise
        if expected is None and error.status in (409, 422):
            _refuse_beside_another(forge, branch)
        if error.status in (404, 409, 422) and _STALE.intersection(error.message.lower().split()):
            raise Moved(moved) from None
        raise


def _refuse_beside_another(forge: Forge, branch: str) -> None:
    """Raise ForgeError where a branch's name is a folder of this one's, or the other way round.

    To git both are files. GitHub's own words are those for a branch that is there already.
    """
    *folders, _ = accumulate(branch.split("/"), "{}/{}".format)
    below = forge.get(f"/git/matching-refs/heads/{quote(branch)}/")
    names = [str(item["ref"]).removeprefix("refs/heads/") for item in below]
    if there := [each for each in folders if head_of(forge, each)] + names:
        raise ForgeError(beside_another(branch, there[0]))


def beside_another(branch: str, other: str) -> str:
    """Why there can't be both branches, and what to do."""
    return (
        f"The branch {branch} can't be made as long as there is one called {other}: git keeps "
        f"branches as files, and one would be the other's folder. Rename or delete {other}, then "
        "run this again."
    )


def replace(forge: Forge, repository: str, branch: str, expected: str, to: str) -> None:
    """Move a branch to a commit that need not descend from the one that it was read at.

    `repository` is its id in GraphQL, whose `beforeOid` lets GitHub itself refuse, in the same
    step, where the branch is no longer at `expected`. Raises Refused then, and where there is no
    such mutation yet: https://docs.github.com/en/graphql/reference/mutations#updaterefs.
    """
    ref = {
        "name": f"refs/heads/{branch}",
        "beforeOid": expected,
        "afterOid": to,
        "force": True,
    }
    forge.mutate("updateRefs", {"repositoryId": repository, "refUpdates": [ref]})


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


Entry = dict[str, str | None]

_ENTRIES = 1_000
_CHARACTERS = 3_000_000
"""Of content a request; GitHub drops requests that take it longer than ten seconds."""
_TREES = 12
"""Requests at most for a tree: bigger contents make bigger requests instead of more."""


def commit_files(
    forge: Forge,
    files: Mapping[str, bytes | None],
    *,
    message: str,
    parents: Sequence[str],
    tree: str | None,
) -> Commit:
    """Make a commit that sets `files` by path (None deletes) on top of `tree`.

    No branch points to it yet. No author is named, so that GitHub signs it as the token's bot.
    Raises ForgeError.
    """
    new = write_tree(forge, files, tree)
    return commit_tree(forge, new, message=message, parents=parents)


def commit_tree(forge: Forge, tree: str, *, message: str, parents: Sequence[str]) -> Commit:
    """Make a commit of a tree that is there already."""
    made = forge.post(
        "/git/commits",
        {"message": message, "tree": tree, "parents": list(parents)},
        repeatable=True,  # one that nobody points to is thrown away by GitHub
    )
    return Commit(str(made["sha"]), tree, message, tuple(parents))


def write_tree(
    forge: Forge,
    files: Mapping[str, bytes | None],
    base: str | None,
    modes: Mapping[str, str] | None = None,
) -> str:
    """The sha of the tree that results from `files` on top of the tree `base`.

    `modes` are those that differ from a plain file's, `100644`, by path.
    """
    try:
        return _write(forge, files, base, modes or {})
    except Refused as error:
        # GitHub refuses to delete what is not there, without naming it.
        if error.status != 422 or base is None or None not in files.values():
            raise
        there = modes_of(forge, base, files)
        present = {path: new for path, new in files.items() if new is not None or path in there}
        return _write(forge, present, base, modes or {})


def modes_of(forge: Forge, tree: str, paths: Iterable[str]) -> dict[str, str]:
    """The mode, such as `100755`, of each of these files that a tree has, by path."""
    return {path: item["mode"] for path, item in _files(forge, tree, paths).items()}


def contents_of(forge: Forge, tree: str, paths: Iterable[str]) -> dict[str, str]:
    """The id of what is in each of these files that a tree has, by path."""
    return {path: item["sha"] for path, item in _files(forge, tree, paths).items()}


def _files(forge: Forge, tree: str, paths: Iterable[str]) -> dict[str, dict[str, str]]:
    listed = forge.get(f"/git/trees/{tree}", recursive=1)
    if listed.get("truncated"):  # a big repository's: asked for folder by folder
        return dict(_walked(forge, tree, "", [path.split("/") for path in paths]))
    files = {item["path"]: item for item in listed["tree"] if item["type"] == "blob"}
    return {path: files[path] for path in paths if path in files}


def _walked(
    forge: Forge, tree: str, folder: str, paths: Sequence[Sequence[str]]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Path and entry of the files that `paths`, each split at `/`, name in the tree of `folder`."""
    here = {item["path"]: item for item in forge.get(f"/git/trees/{tree}")["tree"]}
    below: dict[str, list[Sequence[str]]] = {}
    for name, *rest in paths:
        if rest:
            below.setdefault(name, []).append(rest)
        elif name in here and here[name]["type"] == "blob":
            yield f"{folder}{name}", here[name]
    for name, rests in below.items():
        if name in here and here[name]["type"] == "tree":
            yield from _walked(forge, here[name]["sha"], f"{folder}{name}/", rests)


def _write(
    forge: Forge, files: Mapping[str, bytes | None], base: str | None, modes: Mapping[str, str]
) -> str:
    tree = base
    entries = [
        _entry(forge, path, content, modes.get(path, "100644")) for path, content in files.items()
    ]
    for batch in _batches(entries):
        request: dict[str, object] = {"tree": batch}
        if tree is not None:
            request["base_tree"] = tree
        # Content-addressed: writing the same tree twice is writing it once.
        tree = str(forge.post("/git/trees", request, repeatable=True)["sha"])
    if tree is None:
        raise ValueError("a tree without base and without files")
    return tree


def _entry(forge: Forge, path: str, content: bytes | None, mode: str) -> Entry:
    entry: Entry = {"path": path, "mode": mode, "type": "blob"}
    if content is None:
        return entry | {"sha": None}
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" not in text:
        return entry | {"content": text}
    blob = {"content": base64.b64encode(content).decode("ascii"), "encoding": "base64"}
    return entry | {"sha": str(forge.post("/git/blobs", blob, repeatable=True)["sha"])}


def _batches(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    sizes = [len(entry.get("content") or "") for entry in entries]
    most_characters = max(_CHARACTERS, sum(sizes) // _TREES)
    most_entries = max(_ENTRIES, len(entries) // _TREES)
    batch: list[Entry] = []
    characters = 0
    for entry, size in zip(entries, sizes, strict=True):
        if batch and (characters + size > most_characters or len(batch) >= most_entries):
            yield batch
            batch, characters = [], 0
        batch.append(entry)
        characters += size
    if batch:
        yield batch
