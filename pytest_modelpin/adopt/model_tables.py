"""Tables of models in Python code: figures by model id, as of prices and context lengths.

What such a table names is known there, and asked by whoever names it elsewhere.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from pytest_modelpin.literals import written
from pytest_modelpin.literals.syntax import recognise

_FEWEST = 2
"""Ids that are keys of one dictionary; a single one may be anything's."""


def in_table(folder: Path) -> Callable[[str, int, str], bool]:
    """(file, line, id) -> whether a table of models is all that names the id on that line."""

    @cache
    def keys(path: str) -> frozenset[tuple[int, str]]:
        if not path.endswith(".py"):
            return frozenset()
        try:
            tree = ast.parse(written(folder / path).decode("utf-8", "replace"))
        except (SyntaxError, ValueError, RecursionError):
            return frozenset()
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        every = [(node.lineno, id) for node in nodes if (id := _id_of(node))]
        of_tables = list(_keys(tree))
        return frozenset(each for each in of_tables if every.count(each) == of_tables.count(each))

    return lambda path, line, id: (line, id) in keys(path)


def _keys(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict) and all(map(_is_figure, node.values)):
            found = [(key.lineno, id) for key in node.keys if key and (id := _id_of(key))]
            if len({id for _, id in found}) >= _FEWEST:
                yield from found


def _is_figure(node: ast.AST) -> bool:
    """Whether a value tells of a model; by a function or a client beside its id, it is asked."""
    if isinstance(node, ast.Constant):
        return not isinstance(node.value, str)
    return isinstance(node, ast.Dict | ast.List | ast.Tuple | ast.UnaryOp | ast.BinOp)


def _id_of(node: ast.AST | None) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        found = recognise(node.value, says_model=True)
        return found.id if found else None
    return None
