"""What a test is made of, as files: where one of them is edited, it is another test.

What a team's code asks counts by its requests instead, so that a version's nights go on counting
while that code is worked on.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pytest_modelpin.literals import python_tree

_OF_TESTS = re.compile(r"(?:.*[_-])?(?:tests?|testing|evals?|evaluations?)|tests?[_-].*")
"""How folders are called that hold tests, and what these share, rather than what they test."""


def source_fingerprint(path: Path, root: Path) -> str:
    """Hash of the files that say what a test asserts; empty where its own can't be read.

    These are the test's file (or what a path such as `faq.ipynb[Cell1]` lies in), each conftest.py
    from pytest's `root` to it, and what they import of the folder of tests that they lie in: any
    of them may be what checks an answer. Line ends don't count: git may write them anew.
    """
    for file in (path, path.with_name(path.name.partition("[")[0] or path.name)):
        if told := _digest(file):
            beside = map(_digest, _beside(file, root))
            return hashlib.sha256(b"".join((told, *beside))).hexdigest()[:12]
    return ""


def _beside(file: Path, root: Path) -> list[Path]:
    """The conftests that a test file goes by and the modules of its folder of tests, each once."""
    above = [folder for folder in file.parents if root in (folder, *folder.parents)]
    found = {file: None} | dict.fromkeys(folder / "conftest.py" for folder in above)
    of_tests = [folder for folder in above if _OF_TESTS.fullmatch(folder.name) and folder != root]
    waiting = list(found)
    while waiting and of_tests:
        new = [each for each in _imported(waiting.pop(), root, of_tests[-1]) if each not in found]
        found |= dict.fromkeys(new)
        waiting += new
    return list(found)[1:]


@cache  # a conftest is asked about for each test file below it
def _imported(file: Path, root: Path, of_tests: Path) -> tuple[Path, ...]:
    """The files below the folder `of_tests` that one of Python imports, in order."""
    tree = python_tree(_text(file) or b"") if file.suffix == ".py" else None
    if tree is None:
        return ()
    folders = [each for each in file.parents if root in (each, *each.parents)]
    found = dict[Path, None]()
    for level, name in (each for node in ast.walk(tree) for each in _names(node)):
        for place in folders if not level else folders[level - 1 : level]:
            for part in name.split("."):
                place = place / part
                found |= dict.fromkeys((place.with_name(f"{part}.py"), place / "__init__.py"))
    return tuple(each for each in found if of_tests in each.parents and each.is_file())


def _names(node: ast.AST) -> Iterator[tuple[int, str]]:
    """(dots in front, name) of what a statement imports, be it a module or something in one."""
    match node:
        case ast.Import(names=names):
            yield from ((0, each.name) for each in names)
        case ast.ImportFrom(module=module, names=names, level=level):
            within = f"{module}." if module else ""
            yield from ((level, within + each.name) for each in names)
        case ast.Assign(targets=[ast.Name(id="pytest_plugins")], value=value):
            for each in ast.walk(value):
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    yield 0, each.value


@cache
def _digest(file: Path) -> bytes:
    """Empty of one that is not there."""
    text = _text(file)
    return b"" if text is None else hashlib.sha256(text).digest()


def _text(file: Path) -> bytes | None:
    try:
        return file.read_bytes().replace(b"\r\n", b"\n")
    except OSError:
        return None
