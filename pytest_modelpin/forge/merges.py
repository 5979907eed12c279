"""Merges that hold nothing of their own, as GitHub's button “Update branch” makes them."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from base64 import b64decode
from pathlib import Path

from pytest_modelpin.forge import Forge
from pytest_modelpin.forge.branches import Commit
from pytest_modelpin.run_git import run_git

_MOST_MERGED = 20
"""Files that both sides changed; of more, nobody asks for the contents."""
_LARGEST = 1_000_000
_SECONDS = 30

Entry = tuple[str, str, int]
"""Mode, id and size of what is at a path."""


def merges_only(forge: Forge, commit: Commit) -> bool:
    """Whether a commit merges two others and changes nothing beside that, by its tree.

    Its author and message say nothing: who resolves a conflict on GitHub's page has the same.
    False where that can't be told, as of a tree too large to be listed. Raises ForgeError.
    """
    if len(commit.parents) != 2:
        return False
    ours, theirs = commit.parents
    base = forge.get(f"/compare/{theirs}...{ours}")["merge_base_commit"]["sha"]
    trees = [_listed(forge, sha) for sha in (base, ours, theirs, commit.sha)]
    whole = [tree for tree in trees if tree is not None]
    if len(whole) < len(trees):
        return False
    both = []
    for path in set().union(*whole):
        was, mine, other, now = (tree.get(path) for tree in whole)
        if _merged(was, mine, other, now):
            continue
        if was is None or mine is None or other is None or now is None:
            return False
        both.append((was, mine, other, now))
    return len(both) <= _MOST_MERGED and all(_merged_by_line(forge, *each) for each in both)


def _listed(forge: Forge, commit: str) -> dict[str, Entry] | None:
    """What is at each path of a commit; None where GitHub does not list all."""
    found = forge.get(f"/git/trees/{commit}", recursive=1)
    if found.get("truncated"):
        return None
    return {
        item["path"]: (str(item["mode"]), str(item["sha"]), int(item.get("size") or 0))
        for item in found["tree"]
        if item["type"] != "tree"
    }


def _merged(was: Entry | None, mine: Entry | None, other: Entry | None, now: Entry | None) -> bool:
    """Whether a file is as the side has it that changed it, or as both have it."""
    if mine == other or other == was:
        return now == mine
    return mine == was and now == other


def _merged_by_line(forge: Forge, was: Entry, mine: Entry, other: Entry, now: Entry) -> bool:
    """Whether a file that both sides changed is as git merges it, without a conflict."""
    every = (was, mine, other, now)
    if len({mode for mode, _, _ in every}) > 1 or max(size for _, _, size in every) > _LARGEST:
        return False
    with tempfile.TemporaryDirectory() as folder:
        for name, (_, sha, _) in zip(("was", "mine", "other"), every, strict=False):
            content = forge.get(f"/git/blobs/{sha}")["content"]
            Path(folder, name).write_bytes(b64decode(content))
        try:
            merged = run_git(
                Path(folder), "merge-file", "-p", "mine", "was", "other", seconds=_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
    blob = b"blob %d\0%b" % (len(merged.stdout), merged.stdout)
    return not merged.returncode and hashlib.sha1(blob, usedforsecurity=False).hexdigest() == now[1]
