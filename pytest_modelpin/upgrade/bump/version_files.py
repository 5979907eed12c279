"""The files in a tree that hold what versions said: their recordings, and the answers accepted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pytest_modelpin.files import safe_name


def remove_recordings(root: Path, version: str) -> None:
    """Remove a version's recordings everywhere below `root`; git history keeps them."""
    for folder in recordings(root, version):
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        folder.rmdir()


def recordings(root: Path, version: str) -> list[Path]:
    """The folders below `root` that hold a version's recordings, beside its tests."""
    found = (folder / safe_name(version) for folder in recording_folders(root))
    return [folder for folder in found if folder.is_dir()]


def answers(root: Path) -> list[Path]:
    """All accepted answers below `root`, and those that are there to be read alone."""
    accepted = [
        path for folder in _named(root, "__snapshots__") for path in folder.rglob("*")
        if path.is_file()
    ]  # fmt: skip
    return [*accepted, *answers_to_read(root)]


def answers_to_read(root: Path) -> list[Path]:
    """Answers that no test accepts, a file for each module, beside its recordings."""
    return [
        path for folder in recording_folders(root) for path in folder.glob("*.answers")
        if path.is_file()
    ]  # fmt: skip


def recording_folders(root: Path) -> list[Path]:
    """The folders below `root` in which each recorded version has its own."""
    return [*_named(root, "__recordings__")]


def _named(root: Path, name: str) -> Iterator[Path]:
    """The folders of a name below `root`, but for what is installed or kept for tools."""
    for place, folders, _ in os.walk(root):
        if name in folders:
            yield Path(place) / name
        folders[:] = [
            one for one in folders
            if not one.startswith((".", "__")) and one not in ("node_modules", "venv")
        ]  # fmt: skip
