"""A pipe where a file is named: what nobody writes to, or reads, is not waited for."""

import os
import sys
from pathlib import Path

import pytest

from pytest_modelpin.cli import main

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no named pipes")

REGISTRY = """\
models:
  gpt:
    production: gpt-5.1-2025-11-13
    staging: gpt-5.1
    last_validated: "2026-11-01"
    canary: {model: gpt-5.1, percent: 5}
"""


@pytest.fixture
def pipe(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models.yml").write_text(REGISTRY)
    os.mkfifo("pipe")
    return tmp_path / "pipe"


@pytest.mark.parametrize(
    "command",
    [
        "compare pipe pipe",
        "compare --merge -o merged.json pipe pipe",
        "plan --report pipe",
        "import pipe",
        "shadow pipe",
        "canary gpt --counts pipe",
        "canary gpt --spans pipe",
        "canary gpt --observations pipe",
        "check --sarif pipe",
        "render --python pipe.py",
        "sync --to env --file pipe",
    ],
)
def test_it_is_a_sentence(pipe, capsys, command):
    (pipe.parent / "pipe.py").symlink_to("pipe")
    assert main(command.split()) == 2
    said = capsys.readouterr().err
    assert "pipe" in said.splitlines()[0].partition(": ")[2]
    assert "nobody" in said or "no plain file" in said
    assert pipe.is_fifo()


@pytest.mark.parametrize(
    "command",
    ["status --ledger .", "history gpt --ledger .", "check --ledger ."],
)
def test_a_ledger_that_is_a_pipe_is_told(pipe, capsys, command):
    pipe.rename("gpt.jsonl")
    assert main(command.split()) == 2
    assert "gpt.jsonl" in capsys.readouterr().err
