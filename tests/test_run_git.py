"""Git is run in one way: without the tokens, which a filter of the repository's could take, and
without a question that nobody answers.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from pytest_modelpin.run_git import run_git

PACKAGE = Path(__file__).parents[1] / "pytest_modelpin"


def test_what_git_runs_finds_no_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "a-token-to-write-with")
    monkeypatch.setenv("SOMETHING", "else")
    seen = run_git(tmp_path, "-c", "alias.shown=!env", "shown").stdout
    assert b"a-token-to-write-with" not in seen
    assert b"SOMETHING=else" in seen


def test_git_asks_nobody_for_a_password_and_is_given_up_when_its_time_is_over(
    tmp_path: Path,
) -> None:
    assert b"GIT_TERMINAL_PROMPT=0" in run_git(tmp_path, "-c", "alias.shown=!env", "shown").stdout
    with pytest.raises(subprocess.TimeoutExpired):
        run_git(tmp_path, "version", seconds=0)


def test_nobody_else_runs_git() -> None:
    starts = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if re.search(r'subprocess\.\w+\(\s*[\[(]"git"', path.read_text("utf-8"))
    }
    assert starts == {"run_git.py"}
