"""Every model id that is hard-coded in a repository: where, and what is to be known about it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from pytest_modelpin.alarms.pin_facts import ends
from pytest_modelpin.literals import Kind as FileKind
from pytest_modelpin.literals import (
    files,
    is_recorded_traffic,
    is_registry,
    kind_of,
    syntax,
    written,
)
from pytest_modelpin.literals.uses import ASKS
from pytest_modelpin.providers import Kind, ModelId, retirement
from pytest_modelpin.registry import Pins


class Named(NamedTuple):
    """Where a file names a model."""

    path: str
    """From the scanned folder, with `/`."""
    line: int
    model: ModelId


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
) -> tuple[Found, ...]:
    """Every hard-coded id below `root`, in the order of paths and lines.

    `paths`, relative to `root`, limits it to these files; else all that git does not ignore.
    models.yml, recordings (other libraries' cassettes, too) and snapshots are left out: ids belong
    there. An unreadable file is passed over.
    """
    return known_of(
        (
            Named(path, line, model)
            for path in (files(root) if paths is None else sorted(set(paths)))
            if (kind := kind_of(path)) is not None
            for line, model in ids_named(path, kind, written(f"{root}/{path}"))
        ),
        pins,
    )


def known_of(named: Iterable[Named], pins: Pins | None = None) -> tuple[Found, ...]:
    """What is to be known about each of them."""
    known = _known(pins)
    return tuple(
        Found(
            path, line, model.id, model.provider, model.kind,
            ends(model.id, model.provider, retirement), _is_known(model, known),
        )
        for path, line, model in named
    )  # fmt: skip


_HEAD = 8_000
"""Bytes in which a NUL says that a file is no text, whatever its name; as git tells."""


def _place(each: tuple[int, ModelId]) -> tuple[int, str]:
    return each[0], each[1].id


def ids_named(path: str, kind: FileKind, content: bytes) -> list[tuple[int, ModelId]]:
    """(line, id) of each id in a file of that kind, in order."""
    # Few files hold an id at all: one fast look at the bytes spares the others the parser.
    pattern = syntax.QUOTED_BYTES if kind == "python" else syntax.ANY
    words = {word.decode("ascii") for word in pattern.findall(content)}
    asks = kind in ("python", "notebook") and ASKS.search(content)
    if (
        b"\0" in content[:_HEAD]
        or not any(
            syntax.recognise(word, says_model=True) or (asks and syntax.weights(word))
            for word in words
        )
        or is_registry(path, content)
        or is_recorded_traffic(path, content)
    ):
        return []
    text = content.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    return sorted(set(syntax.ids_in(text, kind)), key=_place)


def ids_recorded(content: bytes) -> frozenset[str]:
    """The model ids in recorded traffic, whether they asked or answered."""
    words = {word.decode("ascii") for word in syntax.ANY.findall(content)}
    return frozenset(found.id for word in words if (found := syntax.recognise(word)))


_TOLD_APART = re.compile(rb"^[ -]*(request|response):\s*$", re.MULTILINE)
"""What begins either half of an exchange in a cassette of vcrpy's."""


def ids_asked(content: bytes) -> frozenset[str]:
    """The model ids that recorded traffic asks for; all of it where requests are not told apart."""
    _, *halves = _TOLD_APART.split(content)
    asking = b"".join(text for half, text in zip(halves[::2], halves[1::2], strict=True)
                      if half == b"request")  # fmt: skip
    return ids_recorded(asking) or ids_recorded(content)


def _is_known(model: ModelId, known: frozenset[str]) -> bool:
    inner = syntax.behind_route(model)
    return model.id in known or (inner is not None and inner.id in known)


def _known(pins: Pins | None) -> frozenset[str]:
    if pins is None:
        return frozenset()
    return frozenset().union(*(model.ids() for model in pins.models.values()))
