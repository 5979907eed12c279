"""Every place that writes is known: it takes texts without secrets, or says why it need not."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[3] / "pytest_modelpin"

RAW = {
    "files.py": "what all others write through",
    "redaction/written.py": "redacts what it writes",
    "results/report_file.py": "redacts the run's JSON before it is text",
    "recordings/recording_file.py": "exchanges are redacted as they are heard",
    "recordings/large_bodies.py": "bodies of such exchanges",
    "snapshot/extension.py": "answers are redacted as they are serialised",
    "ledger/store.py": "lines are redacted as they are made, by ledger/__init__.py and decision.py",
    "forge/merges.py": "the repository's own files, in a folder that goes once git merged them",
    "registry/editing.py": "the person's own models.yml",
    "adopt/rejected_answer.py": "the person's own test file, with words of redacted answers",
    "adopt/plan.py": "files that hold nothing but what the package brings",
    "upgrade/bump/promote.py": "the person's own files, and recordings that were redacted",
    "upgrade/bump/kept_answers.py": "accepted answers, which were redacted",
    "upgrade/bump/journal.py": "the person's own files, put back byte for byte",
    "upgrade/nightly/live_runs.py": "the tests' process has to find the very ids of the run report",
    "write_access.py": "puts back what was there",
}
"""Modules that write bytes themselves, each with the reason."""

PRINTS = ("cli/", "demo/")
"""What is printed there goes through the stream that `cli.main` puts in place."""


def writes(tree: ast.AST) -> list[str]:
    """The calls by which a module writes to a file."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if name in ("write_atomically", "replace_unchanged", "write_text", "write_bytes"):
            found.append(name)
        elif name in ("open", "fdopen"):
            modes = [*node.args, *(word.value for word in node.keywords if word.arg == "mode")]
            texts = [str(mode.value) for mode in modes if isinstance(mode, ast.Constant)]
            if any(len(text) < 4 and set(text) & set("wax+") for text in texts):
                found.append(name)
    return found


def modules() -> list[str]:
    paths = (path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
    return sorted(path for path in paths if not path.startswith("demo/"))


@pytest.mark.parametrize("module", modules())
def test_a_module_that_writes_raw_is_listed_with_the_reason(module: str) -> None:
    found = writes(ast.parse((PACKAGE / module).read_text()))
    assert not found or module in RAW, f"{module} writes by {found}: use redaction.written"


@pytest.mark.parametrize("module", modules())
def test_nothing_is_printed_past_the_redacting_stream(module: str) -> None:
    calls = [
        node
        for node in ast.walk(ast.parse((PACKAGE / module).read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
    ]
    assert not calls or module.startswith(PRINTS)


def test_the_list_holds_nothing_that_writes_no_more() -> None:
    idle = [m for m in RAW if not writes(ast.parse((PACKAGE / m).read_text()))]
    assert idle == []
