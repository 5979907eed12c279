"""Putting a folder back as it was where a move of a pin fails half-way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_modelpin.files import safe_name
from pytest_modelpin.upgrade.bump.literals import code_naming, rewrite


@contextmanager
def undone_on_failure(root: Path, registry: Path, version: str) -> Iterator[None]:
    """Put back whatever moving a pin away from `version` changes, where the block raises.

    That is models.yml, the code that names the version, all accepted answers below `root`, and
    the version's recordings: git need not hold any of them.
    """
    before = {path: path.read_bytes() for path in _touched(root, registry, version)}
    try:
        yield
    except BaseException:
        for path in _answers(root):
            if path not in before:
                path.unlink()
        for path, content in before.items():
            if not path.exists() or path.read_bytes() != content:
                path.parent.mkdir(parents=True, exist_ok=True)
                rewrite(path, content)
        raise


def _touched(root: Path, registry: Path, version: str) -> Iterator[Path]:
    yield registry
    yield from code_naming(root, version)
    yield from _answers(root)
    for folder in root.rglob(f"__recordings__/{safe_name(version)}"):
        yield from (path for path in folder.rglob("*") if path.is_file())


def _answers(root: Path) -> list[Path]:
    return [path for path in root.rglob("__snapshots__/**/*") if path.is_file()]
