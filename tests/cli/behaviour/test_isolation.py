"""What a suite that looks around finds of tokens, and what it can forge."""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path

import pytest

from pytest_modelpin.write_access import HANDED_OVER

SPY = """
import json, os, pathlib

def test_spy():
    found = {"own": dict(os.environ), "others": {}}
    for entry in pathlib.Path("/proc").glob("[0-9]*/environ"):
        try:
            found["others"][entry.parent.name] = entry.read_bytes().decode("latin-1")
        except OSError:
            pass
    pathlib.Path(__file__).with_name("seen.json").write_text(json.dumps(found))
    for file in pathlib.Path(os.environ["WHERE"]).iterdir():
        with file.open("a") as forged:
            forged.write("verdict=green\\n")
"""

FILES = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY")
# The suite looks into every process of the machine: another test beside it may hold a token, too.
MARK = f"Zq7x{secrets.token_hex(8)}"
SECRETS = {
    "GITHUB_TOKEN": f"{MARK}write",
    "GH_TOKEN": f"{MARK}gh",
    "ACTIONS_RUNTIME_TOKEN": f"{MARK}runtime",
    "MODELPIN_SLACK_WEBHOOK": f"http://127.0.0.1:9/{MARK}slack",
}


@pytest.fixture
def spied(team, tmp_path):
    """A night whose suite looks around; what it saw, the command, and the runner's files."""
    (team.folder / "tests" / "test_spy.py").write_text(SPY)
    where = tmp_path / "runner"
    where.mkdir()
    files = {name: str(where / name) for name in FILES}
    for path in files.values():
        Path(path).write_text("before=1\n")
    done = team.nightly("2026-11-18", "--no-pull-request", WHERE=str(where), **files, **SECRETS)
    seen = json.loads((team.folder / "tests" / "seen.json").read_text())
    return seen, done, {name: Path(path).read_text() for name, path in files.items()}


@pytest.mark.long
def test_no_process_s_environment_holds_it_and_outputs_cannot_be_forged(spied):
    seen, done, files = spied
    assert done.returncode in (0, 1, 3), done.stderr
    kept_back = {*SECRETS, *FILES, HANDED_OVER}
    assert kept_back & set(seen["own"]) == set()
    assert seen["own"]["OPENAI_API_KEY"] == "sk-planted-0123456789abcdef"
    if sys.platform == "linux":
        assert len(seen["others"]) > 1
    holders = [pid for pid, text in seen["others"].items() if MARK in text]
    assert holders == []
    assert "verdict=green" not in json.dumps(files)
    assert files["GITHUB_OUTPUT"].startswith("before=1\nverdict<<")
    assert files["GITHUB_ENV"] == "before=1\n"
    assert "GITHUB_ENV, GITHUB_OUTPUT" in done.stderr
    assert MARK not in done.stdout + done.stderr + json.dumps(files)


@pytest.mark.long
def test_the_night_has_the_token_all_the_same(team):
    """Without a repository's name there is no GitHub to write to; with one, the token is used."""
    done = team.modelpin(
        "nightly", "--ledger=github", GITHUB_REPOSITORY="acme/app", GITHUB_TOKEN="Zq7xwrite91bc",
        GITHUB_API_URL="http://127.0.0.1:9",
    )  # fmt: skip
    assert "GITHUB_TOKEN" not in done.stderr  # it is not asked for
