"""Benchmarks are run by hand, so nothing else tells that what they name in the package is gone."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

BENCHMARKS = sorted((Path(__file__).parents[2] / "benchmarks").rglob("*.py"))


def imported(path: Path) -> Iterator[tuple[str, str]]:
    """Each module of ours that a script imports from, with the name that it imports."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pytest_modelpin"):
            yield from ((str(node.module), name.name) for name in node.names)


def is_there(module: str, name: str) -> bool:
    found = importlib.import_module(module)
    try:
        return hasattr(found, name) or bool(importlib.import_module(f"{module}.{name}"))
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize("path", BENCHMARKS, ids=lambda path: path.stem)
def test_what_a_benchmark_imports_of_the_package_is_there(path):
    assert [each for each in imported(path) if not is_there(*each)] == []


def test_each_cell_that_ci_simulates_has_a_bar_and_each_bar_of_the_corner_a_cell(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS[0].parent)
    gate = importlib.import_module("gate")
    cells = gate.grid(quick=True)
    assert [cell for cell in cells if not gate.has_bar(cell)] == []
    assert {cell.truth for cell in cells} == {
        "identical", "−10 pp", "one dead case", "a fifth of the cases −20 pp",
        "flawless", "flawless, −10 pp",
    }  # fmt: skip
    assert len(cells) == 21
