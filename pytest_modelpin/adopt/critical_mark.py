"""Marking a test as critical in its own file, for somebody who rejects what its answer became."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from pytest_modelpin.files import write_atomically

MARK = "@pytest.mark.modelpin(critical=True)"


@dataclass(frozen=True, slots=True)
class Marked:
    """What became of a test's mark."""

    line: int
    """Where the mark stands, counted from 1."""
    new: bool
    """False where the test was critical already."""
    lines: int = 0
    """Lines that the file is longer for it."""


def mark_critical(root: Path, case: str) -> Marked | None:
    """Put the mark above the test in its file below `root`.

    None where that can't be done by line: the file is not there or not below `root`, can't be
    written, the test stands elsewhere, or it has a mark of ours with other arguments.
    """
    found = source_of(root, case)
    if found is None:
        return None
    file, before, _, names = found
    try:
        made = with_mark(before.decode("utf-8"), names)
        if made is None:
            return None
        text, marked = made
        if marked.new:
            ast.parse(text)
            write_atomically(file, text.encode("utf-8"))
    except (SyntaxError, ValueError, OSError):
        return None
    return marked


def place_of_mark(root: Path, case: str) -> int | None:
    """The line at which `mark_critical` would put the mark, or finds it; None where it can't."""
    found = source_of(root, case)
    try:
        made = with_mark(found[1].decode("utf-8"), found[3]) if found else None
    except (SyntaxError, ValueError):
        return None
    return made[1].line if made else None


def source_of(root: Path, case: str) -> tuple[Path, bytes, ast.Module, list[str]] | None:
    """A test's file, its bytes, what they mean, and the names that lead to the test in them.

    None where the file is not below `root`, or is no Python in UTF-8.
    """
    path, *names = case.partition("[")[0].split("::")
    try:
        file = (root / path).resolve()
        if not names or not file.is_file() or root.resolve() not in file.parents:
            return None
        source = file.read_bytes()
        return file, source, ast.parse(source.decode("utf-8")), names
    except (SyntaxError, ValueError, RecursionError, OSError):
        return None


def with_mark(source: str, names: list[str]) -> tuple[str, Marked] | None:
    """The source with the mark above the test of these names, a class's before its method's.

    Line ends stay as they are; `import pytest` is added where it is missing. None where there is
    no such test, or it has a mark of ours with other arguments. Raises SyntaxError.
    """
    tree = ast.parse(source)
    test = test_of(tree.body, names)
    if test is None:
        return None
    for decorator in test.decorator_list:
        if "mark.modelpin" in ast.unparse(decorator):
            is_critical = "critical=True" in ast.unparse(decorator)
            return (source, Marked(decorator.lineno, new=False)) if is_critical else None
    # As Python counts lines: a form feed, or a separator within a text, ends none.
    lines = [line.decode() for line in source.encode().splitlines(keepends=True)]
    end = "\r\n" if lines[0].endswith("\r\n") else "\n"
    first = min([test.lineno, *(each.lineno for each in test.decorator_list)])
    lines.insert(first - 1, f"{' ' * test.col_offset}{MARK}{end}")
    if _knows_pytest(tree):
        return "".join(lines), Marked(first, new=True, lines=1)
    lines.insert(_imports_at(tree), f"import pytest{end}")
    return "".join(lines), Marked(first + 1, new=True, lines=2)


Test = ast.FunctionDef | ast.AsyncFunctionDef


def test_of(body: list[ast.stmt], names: list[str]) -> Test | None:
    """The function of these names, a class's before its method's; None where there is none."""
    for statement in body:
        if getattr(statement, "name", None) != names[0]:
            continue
        if len(names) == 1 and isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            return statement
        if len(names) > 1 and isinstance(statement, ast.ClassDef):
            return test_of(statement.body, names[1:])
    return None


def _knows_pytest(tree: ast.Module) -> bool:
    return any(
        isinstance(statement, ast.Import)
        and any(name.name == "pytest" and not name.asname for name in statement.names)
        for statement in tree.body
    )


def _imports_at(tree: ast.Module) -> int:
    """The line before which an import may stand: behind a docstring and `__future__`."""
    at = 0
    for statement in tree.body:
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        is_future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not (is_text or is_future):
            break
        at = statement.end_lineno or at
    return at
