"""What `review` writes into the test of an answer that somebody rejects: a mark, or an assert.

The mark makes the test critical; the assert is proposed first, and written when asked to.
"""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pytest_modelpin.adopt.expectation import Expectation
from pytest_modelpin.files import replace_unchanged, write_atomically

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


_SNAPSHOTS = ("model_snapshot", "snapshot")
_NAMES = ("answer", "said", "received", "model_answer")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would be written, and where."""

    file: Path
    before: bytes
    after: bytes
    line: int
    """Where the assert would stand, counted from 1."""
    added: tuple[str, ...]
    """The lines that would come, as they would stand there."""

    def write(self) -> bool:
        """Write it; False where the file has changed since, or can't be written."""
        try:
            return replace_unchanged(self.file, self.before, self.after)
        except OSError:
            return False


class _Source(NamedTuple):
    """A test file as it is."""

    file: Path
    before: bytes
    tree: ast.Module


class _Comparison(NamedTuple):
    """An assert that holds a snapshot against something."""

    block: list[ast.stmt]
    """The statements among which it stands."""
    statement: ast.Assert
    said: ast.expr
    """What is compared."""


def propose(root: Path, case: str, expectation: Expectation, place: int = 0) -> Proposal | str:
    """An assert behind the test's comparison with its `place`-th snapshot, counted from 0.

    What is compared gets a name first where it has none: said twice, the model would be asked
    twice. A sentence that says why not, where no line can be found that is surely right.
    """
    if "[" in case:
        return "it runs with several parameters, and an assert would hold for all of them"
    found = source_of(root, case)
    if found is None:
        return "its source was not found"
    file, before, tree, names = found
    test = test_of(tree.body, names)
    if test is None:
        return "its source was not found"
    compared = list(_comparisons(test.body))
    if place >= len(compared):
        return "it does not compare its answer with `model_snapshot` in an assert of its own"
    comparison = compared[place]
    said = comparison.said
    name = said.id if isinstance(said, ast.Name) else _free_name(test)
    attributes = any(
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        for node in ast.walk(test)
    )
    try:
        condition = expectation.condition(name, attributes=attributes)
        return _written(_Source(file, before, tree), comparison, name, condition)
    except (SyntaxError, ValueError, IndexError):
        return "its assert shares a line with something else"


def _written(source: _Source, comparison: _Comparison, name: str, condition: str) -> Proposal:
    """Raises ValueError where the lines would say anything else than the tree that is meant."""
    statement, said = comparison.statement, comparison.said
    lines = source.before.splitlines(keepends=True)
    first, last = statement.lineno, statement.end_lineno or statement.lineno
    margin = lines[first - 1][: statement.col_offset]
    if margin.strip():
        raise ValueError
    end = b"\r\n" if lines[0].endswith(b"\r\n") else b"\n"
    if not lines[last - 1].endswith((b"\n", b"\r")):
        lines[last - 1] += end
    lines.insert(last, margin + f"assert {condition}".encode() + end)
    shown = (last, last + 1)
    bound: list[ast.stmt] = []
    if not isinstance(said, ast.Name):
        lines.insert(first - 1, margin + _bound(lines, said, name) + end)
        shown = (first - 1, last + 2)
        bound = [ast.Assign([ast.Name(name, ast.Store())], copy.deepcopy(said))]
    after = b"".join(lines)
    _put_in(comparison, name, bound, ast.parse(f"assert {condition}").body)
    if ast.dump(ast.parse(after.decode())) != ast.dump(source.tree):
        raise ValueError
    added = tuple(each.decode().rstrip() for each in lines[slice(*shown)])
    return Proposal(source.file, source.before, after, shown[1], added)


def _bound(lines: list[bytes], said: ast.expr, name: str) -> bytes:
    """Put the name where the expression stands; gives the statement that binds it."""
    start, end = said.lineno - 1, (said.end_lineno or said.lineno) - 1
    if start != end:
        raise ValueError
    text = lines[start]
    source = text[said.col_offset : said.end_col_offset]
    lines[start] = text[: said.col_offset] + name.encode() + text[said.end_col_offset :]
    return name.encode() + b" = " + source


def _put_in(
    comparison: _Comparison, name: str, bound: list[ast.stmt], meant: list[ast.stmt]
) -> None:
    """Change the tree to what the file should say: what it said before, and the new lines."""
    body, statement, said = comparison
    if bound:
        compared = statement.test
        assert isinstance(compared, ast.Compare)
        own = ast.Name(name, ast.Load())
        if compared.left is said:
            compared.left = own
        else:
            compared.comparators = [own]
    at = body.index(statement)
    body[at + 1 : at + 1] = meant
    body[at:at] = bound


def _comparisons(body: list[ast.stmt]) -> Iterator[_Comparison]:
    """The asserts that hold a snapshot against something."""
    for statement in body:
        if isinstance(statement, ast.With | ast.AsyncWith):
            yield from _comparisons(statement.body)
        elif isinstance(statement, ast.Assert) and (said := _compared(statement.test)) is not None:
            yield _Comparison(body, statement, said)


def _compared(test: ast.expr) -> ast.expr | None:
    if not (
        isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)
    ):
        return None
    sides = [test.left, test.comparators[0]]
    others = [side for side in sides if not _is_snapshot(side)]
    return others[0] if len(others) == 1 else None


def _is_snapshot(side: ast.expr) -> bool:
    if isinstance(side, ast.Call):
        side = side.func
    return isinstance(side, ast.Name) and side.id in _SNAPSHOTS


def _free_name(test: Test) -> str:
    taken = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
    taken |= {node.arg for node in ast.walk(test) if isinstance(node, ast.arg)}
    numbered = (f"answer_{n}" for n in itertools.count(2))
    return next(name for name in itertools.chain(_NAMES, numbered) if name not in taken)
