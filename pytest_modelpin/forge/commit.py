"""One commit from file contents, in few requests whatever the number of files."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence

from pytest_modelpin.forge.branches import Commit
from pytest_modelpin.forge.connection import Forge
from pytest_modelpin.forge.errors import Refused

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
    return seal(forge, new, message=message, parents=parents)


def seal(forge: Forge, tree: str, *, message: str, parents: Sequence[str]) -> Commit:
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
        there = modes_of(forge, base)
        present = {path: new for path, new in files.items() if new is not None or path in there}
        return _write(forge, present, base, modes or {})


def modes_of(forge: Forge, tree: str) -> dict[str, str]:
    """The mode of each file of a tree, such as `100755`, by path."""
    listed = forge.get(f"/git/trees/{tree}", recursive=1)["tree"]
    return {item["path"]: item["mode"] for item in listed if item["type"] == "blob"}


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
