"""Which tests that name a model may ask it, as far as their text tells."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from pytest_modelpin.literals import python_tree, written

_STANDS_IN = re.compile(
    r"""\b(?:[Mm]ock\w*|\w+(?:_mock|Mock)\b|mocker\b|patch[.(]|respx|aioresponses|requests_mock)"""
    r"""|\bresponses\.(?:add|activate)|monkeypatch\.setattr|\b(?:Fake|Dummy|Stub)[A-Z]\w*|\bfake_\w"""
    r"""|\b(?:TestModel|FunctionModel)\b|setenv\(\s*["'][A-Z0-9_]*KEY["']|\bapi_key\s*=\s*["']"""
)
"""What answers in a model's place, and keys that are made up."""


def may_ask(folder: Path) -> Callable[[str, int, str], bool]:
    """(file of tests, line, id) -> whether the test there may ask that model.

    It does not where something stands in for the client, where it has a made-up key, and where it
    holds the very id that it gave against what its code made of it. What is not in a function, such
    as a constant that tests share, may be asked; so may all where the text is no Python.
    """

    @cache
    def functions(path: str) -> tuple[tuple[range, str, ast.AST], ...]:
        text = written(folder / path).decode("utf-8", "replace")
        tree = python_tree(text)
        return tuple(_functions(tree, text.splitlines())) if tree else ()

    # Once a function: tests with long accepted answers name dozens of ids.
    stands_in, compared = cache(_STANDS_IN.search), cache(_compared)

    def asks(path: str, line: int, id: str) -> bool:
        return not any(
            line in lines and (stands_in(source) or any(id in text for text in compared(node)))
            for lines, source, node in functions(path)
        )

    return asks


def _functions(tree: ast.AST, lines: list[str]) -> list[tuple[range, str, ast.AST]]:
    """Those of a module and of its classes, with decorators; what they define belongs to them."""
    found: list[tuple[range, str, ast.AST]] = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min((each.lineno for each in node.decorator_list), default=node.lineno)
            last = node.end_lineno or node.lineno
            found.append((range(first, last + 1), "\n".join(lines[first - 1 : last]), node))
        elif isinstance(node, ast.ClassDef | ast.If | ast.Try):
            found += _functions(node, lines)
    return found


def _compared(function: ast.AST) -> tuple[str, ...]:
    """The strings that its asserts hold against something."""
    checks = [node.test for node in ast.walk(function) if isinstance(node, ast.Assert)]
    compared = [
        node
        for check in checks
        for node in ast.walk(check)
        if isinstance(node, ast.Compare) and any(isinstance(each, ast.Eq) for each in node.ops)
    ]
    return tuple(
        text
        for node in compared
        for operand in (node.left, *node.comparators)
        for text in _texts(operand)
    )


def _texts(node: ast.AST) -> Iterator[str]:
    """The strings of a value, without what calls in it are given: that may be what they ask."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif not isinstance(node, ast.Call):
        for each in ast.iter_child_nodes(node):
            yield from _texts(each)
