"""The nightly workflow and the action, executed by act, against an emulator of GitHub's API."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.long

REPOSITORY = Path(__file__).resolve().parents[2]
NIGHTS = ("2026-11-17", "2026-11-18", "2026-11-19")


def git(folder: Path, *command: str) -> str:
    identity = ["-c", "user.name=You", "-c", "user.email=you@example.com"]
    run = ["git", *identity, *command]
    return subprocess.run(run, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repository(tmp_path, github) -> Path:
    """This project as a clone of a repository on the emulator."""
    folder = tmp_path / "repository"
    listed = git(REPOSITORY, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (REPOSITORY / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, folder / name)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "remote", "add", "origin", f"https://github.com/{github.name}.git")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=All of it")
    ours = [path for top in ("examples", ".github") for path in (folder / top).rglob("*")]
    github.commit(
        {path.relative_to(folder).as_posix(): path.read_text() for path in ours if path.is_file()}
    )
    return folder


@pytest.fixture
def setup_python(tmp_path) -> list[str]:
    """act's options that put an environment of ours in the place of actions/setup-python.

    act would fetch that action from GitHub. The environment sees what is installed here, so that
    the workflow's own `pip install` has little to fetch.
    """
    environment, action = tmp_path / "environment", tmp_path / "setup-python"
    venv.create(environment, with_pip=True, symlinks=True)
    packages = next(environment.glob("lib/python*/site-packages"))
    (packages / "here.pth").write_text(sysconfig.get_path("purelib") + "\n")
    action.mkdir()
    step = {"shell": "bash", "run": f'echo "{environment}/bin" >>"$GITHUB_PATH"'}
    runs = {"using": "composite", "steps": [step]}
    inputs = {"python-version": {"required": True}}
    # JSON is YAML.
    (action / "action.yml").write_text(json.dumps({"name": "ours", "inputs": inputs, "runs": runs}))
    workflow = (REPOSITORY / ".github" / "workflows" / "nightly.yml").read_text()
    (pinned,) = re.findall(r"uses: (actions/setup-python@\w+)", workflow)
    return ["--local-repository", f"{pinned}={action}"]


@pytest.fixture
def night(act, repository, github, setup_python):
    """Plays the scheduled workflow on a day; gives act's output."""

    def play(day: str) -> str:
        token = github.environment["GITHUB_TOKEN"]
        run = act(
            repository,
            "schedule",
            "nightly.yml",
            *setup_python,
            *("--env", f"GITHUB_API_URL={github.environment['GITHUB_API_URL']}"),
            *("--var", f"MODELPIN_TODAY={day}"),
            *("--secret", f"GITHUB_TOKEN={token}"),
            PATH=f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        )
        print(run.stdout, run.stderr)  # pytest shows it where the test fails
        assert run.returncode == 0
        return str(run.stdout)

    return play


def test_three_scheduled_nights_open_one_pull_request_that_passes_offline(night, github, suite):
    said = [night(day) for day in NIGHTS]

    assert "green, streak 3" in said[-1]
    (pull,) = github.pulls()
    assert pull["state"] == "open"
    assert pull["head"]["ref"] == "modelpin/triage"
    assert "gpt-5.6-terra" in pull["title"]
    assert pull["html_url"] in said[-1]
    assert [line["day"] for line in ledger(github, "triage")] == list(NIGHTS)

    branch = github.files("modelpin/triage")
    for path, content in branch.items():
        if path.startswith("examples/support_bot/"):
            file = suite.folder / path.removeprefix("examples/support_bot/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    assert "production: gpt-5.6-terra" in (suite.folder / "models.yml").read_text()
    folders = {name.split("/")[0] for name in suite.recordings()}
    assert "gpt-5.6-terra" in folders
    assert "gpt-5-mini-2025-08-07" not in folders
    run = suite.pytest(offline=True)
    assert run.returncode == 0, run.stdout
    assert "8 passed" in run.stdout


def ledger(github: Any, name: str) -> list[Any]:
    (content,) = [
        content
        for path, content in github.files("modelpin-ledger").items()
        if path.endswith(f"{name}.jsonl")
    ]
    return [json.loads(line) for line in content.splitlines()]
