"""A JSON document as an editor, a merge or a broken upload may leave it: one value replaced by each
other kind of JSON, or taken out.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]


def _nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


OTHERS = (
    None, True, -1, 0, 7, 10**400, 1.5, float("inf"), float("nan"), "x", "", "../x", "\ud800",
    [], ["x"], [1, 2], [[]], {}, {"x": 1}, {"x": [1]}, _nested(300), _nested(900),
)  # fmt: skip
"""What stands in the place of a value: every kind of JSON, and what is huge, deep or no number."""


def mutations(document: Any) -> Iterator[tuple[str, Any]]:
    """Every mutation of a document, and what it is, in a word or two."""
    for path in _paths(document):
        for other in OTHERS:
            yield f"{_told(path)} = {str(other)[:20]}", _with(document, path, other)
        if path:
            yield f"{_told(path)} is gone", _without(document, path)


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _paths(inner, (*path, place))


def _with(document: Any, path: Path, other: Any) -> Any:
    if not path:
        return other
    made = copy.deepcopy(document)
    _at(made, path[:-1])[path[-1]] = other
    return made


def _without(document: Any, path: Path) -> Any:
    made = copy.deepcopy(document)
    del _at(made, path[:-1])[path[-1]]
    return made


def _at(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document


def _told(path: Path) -> str:
    return "/".join(map(str, path)) or "the whole"
