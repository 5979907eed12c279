"""The example project, as its reader would run it: offline, on a candidate, accepting an id."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "support_bot"


@pytest.fixture
def example(suite):
    """A copy of the example in a git repository of its own."""
    shutil.copytree(
        EXAMPLE,
        suite.folder,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns("__pycache__", ".pytest_modelpin"),
    )
    for command in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *command], cwd=suite.folder, check=True)
    return suite


def changed(folder: Path) -> list[str]:
    """The files that differ from the committed example, sorted."""
    command = ["git", "status", "--porcelain", "--untracked-files=all", "--no-renames"]
    status = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return sorted(line[3:] for line in status.stdout.splitlines() if line[1] != " ")


def test_it_passes_with_the_network_cut(example):
    run = example.pytest(offline=True)

    assert run.returncode == 0, run.stdout
    assert "8 passed" in run.stdout
    assert changed(example.folder) == []


def test_its_candidates_are_tried_live_with_no_change_to_the_tests(example):
    run = example.pytest("--model", "candidate", wrapper=["provider.py"])

    assert run.returncode == 0, run.stdout
    assert "8 passed" in run.stdout
    assert "gpt-5.6-terra" in run.stdout
    # The pin answers for Anthropic's alias: that is kept apart, so that the pin's stays as it is.
    assert {path.split("/")[4] for path in changed(example.folder)} == {
        "gpt-5.6-terra",
        "claude-haiku-4-5",
        "gemini-3.8-flash",
    }


def test_accepting_an_id_changes_the_answers_that_differ_and_no_others(example):
    run = example.pytest(
        "--snapshot-update", "--model", "triage=gpt-5.6-terra", wrapper=["provider.py"]
    )

    assert run.returncode == 0, run.stdout
    accepted = [path for path in changed(example.folder) if "__snapshots__" in path]
    assert accepted == ["tests/__snapshots__/test_triage.answers"]
    assert len(list(example.folder.glob("tests/__recordings__/gpt-5-mini-2025-08-07/*/*"))) == 4
    diff = subprocess.run(
        ["git", "diff", "--unified=0", "--", *accepted],
        cwd=example.folder,
        check=True,
        capture_output=True,
        text=True,
    )
    assert [line for line in diff.stdout.splitlines() if line.startswith(("-  ", "+  "))] == [
        '-  "urgency": 2',
        '+  "urgency": 1',
    ]


def test_the_provider_says_where_it_is_and_stays():
    server = subprocess.Popen(
        [sys.executable, EXAMPLE / "provider.py"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        said = [server.stdout.readline().strip() for _ in range(6)]
        assert server.poll() is None
    finally:
        server.terminate()
        server.communicate(timeout=10)
    assert {line.split("=")[0] for line in said} >= {"OPENAI_BASE_URL", "ANTHROPIC_API_KEY"}
