"""The files of a repository that a person wrote: what git tracks or would, else a walk."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from pytest_modelpin.write_access import without_tokens

_NOT_WRITTEN = frozenset({
    ".git", ".hg", ".venv", "venv", "node_modules", "__pycache__", ".tox", ".nox", ".eggs",
    ".mypy_cache", ".ruff_cache", ".pytest_cache", "build", "dist", "site-packages",
})  # fmt: skip
"""Folders that a walk without git leaves out."""


def files(root: Path) -> list[str]:
    """Paths from `root`, with `/`, sorted; .gitignore holds where `root` is in a git work tree."""
    listed = _listed(root, "--cached", "--others", "--exclude-standard")
    return sorted(_walk(root)) if listed is None else listed


def tracked(root: Path) -> list[str]:
    """Paths from `root`, with `/`, sorted, of what git tracks; empty outside of git."""
    return _listed(root) or []


def _listed(root: Path, *options: str) -> list[str] | None:
    try:
        done = subprocess.run(
            ["git", "ls-files", "-z", *options],
            cwd=root,
            env=without_tokens(os.environ),
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        return None
    if done.returncode:
        return None
    return sorted({name for name in os.fsdecode(done.stdout).split("\0") if name})


def _walk(root: Path) -> list[str]:
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in _NOT_WRITTEN]
        below = Path(folder).relative_to(root)
        found += [(below / name).as_posix() for name in names]
    return found
