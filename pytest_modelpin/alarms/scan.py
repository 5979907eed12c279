"""Every model id that is hard-coded in a repository: where, and what is to be known about it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pytest_modelpin.alarms import literals
from pytest_modelpin.alarms.ending import Retirements, ends
from pytest_modelpin.alarms.listing import files
from pytest_modelpin.providers import Kind, ModelId, retirement
from pytest_modelpin.registry import PLACES, Pins

_PYTHON = frozenset({".py", ".pyi"})
_CODE = frozenset({".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts", ".json"})
_SETTINGS = frozenset({".yml", ".yaml", ".toml", ".env"})
_OUR_FOLDERS = ("/__recordings__/", "/__snapshots__/", "/.pytest_modelpin/")
_LOCK_FILES = frozenset({"package-lock.json", "pnpm-lock.yaml"})
_LARGEST = 2_000_000
"""Bytes; a larger file is data or generated, not written."""


@dataclass(frozen=True, slots=True)
class Found:
    """One model id at one place."""

    path: str
    """From the scanned folder, with `/`."""
    line: int
    model: str
    provider: str | None
    kind: Kind
    retires: date | None
    known: bool
    """Whether models.yml names it."""


def scan(
    root: Path,
    pins: Pins | None = None,
    paths: Iterable[str] | None = None,
    retirements: Retirements = retirement,
) -> tuple[Found, ...]:
    """Every hard-coded id below `root`, in the order of paths and lines.

    `paths`, relative to `root`, limits it to these files; else all that git does not ignore.
    models.yml, recordings and snapshots are left out: ids belong there. An unreadable file is
    passed over.
    """
    known = _known(pins)
    found = []
    for path in files(root) if paths is None else sorted(set(paths)):
        if (suffix := _suffix(path)) is None:
            continue
        for line, model in sorted(set(_ids(root / path, suffix)), key=_place):
            found.append(
                Found(
                    path, line, model.id, model.provider, model.kind,
                    ends(model.id, model.provider, retirements), model.id in known,
                )
            )  # fmt: skip
    return tuple(found)


def _place(each: tuple[int, ModelId]) -> tuple[int, str]:
    return each[0], each[1].id


def _suffix(path: str) -> str | None:
    """The extension that tells how to read the file; None where it is not to be read."""
    name = path.rpartition("/")[2]
    if path in PLACES or name in _LOCK_FILES or any(ours in f"/{path}" for ours in _OUR_FOLDERS):
        return None
    suffix = ".env" if name.startswith(".env") else os.path.splitext(name)[1].lower()  # noqa: PTH122
    return suffix if suffix in _PYTHON | _CODE | _SETTINGS else None


def _ids(path: Path, suffix: str) -> Iterator[tuple[int, ModelId]]:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError:
        return
    # Few files hold an id at all: one fast look at the bytes spares the others the parser.
    pattern = literals.QUOTED_BYTES if suffix in _PYTHON else literals.ANY
    candidates = set(pattern.findall(content))
    if len(content) > _LARGEST or not any(
        literals.recognise(word.decode("ascii"), says_model=True) for word in candidates
    ):
        return
    text = content.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    if suffix in _PYTHON:
        yield from literals.in_python(text)
    elif suffix in _CODE:
        yield from literals.in_code(text)
    else:
        yield from literals.in_settings(text)


def _known(pins: Pins | None) -> frozenset[str]:
    if pins is None:
        return frozenset()
    return frozenset().union(*(model.ids() for model in pins.models.values()))
