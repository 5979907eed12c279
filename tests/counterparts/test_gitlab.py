"""The pipeline that `init --ci gitlab` writes, executed by gitlab-ci-local on the example."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "support_bot"
OURS = "pytest-modelpin@users.noreply.github.com"
PROJECT = "https://gitlab.example/acme/desk.git"
TOLD = """#!/bin/sh
for n in $(seq 0 $((${GIT_PUSH_OPTION_COUNT:-0} - 1))); do
  eval "echo \\"\\$GIT_PUSH_OPTION_$n\\"" >>options
done
"""
"""A hook of the remote that keeps the options of each push, which GitLab takes for orders."""


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=You", "-c", "user.email=you@example.com"]
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """GitLab's own copy of the repository."""
    path = tmp_path / "remote.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(path))
    git(path, "config", "receive.advertisePushOptions", "true")
    hook = path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(TOLD)
    hook.chmod(0o755)
    return path


@pytest.fixture
def clone(tmp_path: Path, remote: Path, suite) -> Path:
    """The example with the pipeline that `init` writes, pushed."""
    left_out = shutil.ignore_patterns("__pycache__", ".pytest_modelpin", ".github")
    shutil.copytree(EXAMPLE, suite.folder, dirs_exist_ok=True, ignore=left_out)
    git(suite.folder, "init", "--quiet", "--initial-branch=main")
    git(suite.folder, "remote", "add", "origin", PROJECT)
    command = [sys.executable, "-m", "pytest_modelpin", "init", "--ci", "gitlab", "--yes"]
    subprocess.run(command, cwd=suite.folder, check=True, capture_output=True)
    # This Python is the image's.
    pipeline = suite.folder / ".gitlab" / "model-nightly.yml"
    pipeline.write_text(pipeline.read_text().replace("python -m", f"{sys.executable} -m"))
    git(suite.folder, "add", "--all")
    git(suite.folder, "commit", "--quiet", "--message=All of it")
    git(suite.folder, "push", "--quiet", str(remote), "HEAD:main")
    return suite.folder


@pytest.fixture
def nights_before(tmp_path: Path, clone: Path, remote: Path) -> None:
    """The two nights before this one, green, on the ledger's branch."""
    ledger = tmp_path / "ledger"
    git(tmp_path, "init", "--quiet", "--initial-branch=modelpin-ledger", str(ledger))
    for days in (2, 1):
        day = (datetime.now(UTC) - timedelta(days)).date().isoformat()
        night = ["-m", "pytest_modelpin", "nightly", "triage", "--today", day]
        command = [sys.executable, "provider.py", sys.executable, *night, "--ledger", str(ledger)]
        subprocess.run(command, cwd=clone, check=True, capture_output=True)
    git(ledger, "add", "--all")
    git(ledger, "commit", "--quiet", "--message=Two nights")
    git(ledger, "push", "--quiet", str(remote), "HEAD:modelpin-ledger")


@pytest.fixture
def provider(clone: Path) -> Iterator[dict[str, str]]:
    """The variables by which the example's provider is found, while it runs."""
    process = subprocess.Popen(
        [sys.executable, "provider.py"], cwd=clone, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    found_at: dict[str, str] = {}
    with process.stdout:
        while "GEMINI_API_KEY" not in found_at:  # the last that it tells
            name, _, value = process.stdout.readline().strip().partition("=")
            assert value, "the provider did not start"
            found_at[name] = value
    yield found_at
    process.terminate()
    process.wait(timeout=10)


@pytest.fixture
def moved_by_hand(clone: Path, remote: Path) -> None:
    """Branches of two bumps whose pin is another since; a person has committed to one."""
    content = {"moves": [["reply", "claude-3-haiku", "claude-x"]], "state": "due", "drafted": False}
    message = f"Move it\n\n<!-- pytest-modelpin: {json.dumps(content)} -->"
    for address, branch in ((OURS, "modelpin/reply"), ("you@example.com", "modelpin/theirs")):
        made = git(
            clone, "-c", f"user.email={address}", "commit-tree", "main^{tree}", "-p", "main",
            "-m", message,
        ).strip()  # fmt: skip
        git(clone, "push", "--quiet", str(remote), f"{made}:refs/heads/{branch}")


@pytest.mark.usefixtures("nights_before", "moved_by_hand")
def test_the_third_green_night_of_the_schedule_asks_for_a_merge_request(
    clone, remote, provider, gitlab_ci
):
    run = gitlab_ci(
        clone,
        variables={
            **provider,
            "CI_PIPELINE_SOURCE": "schedule",
            "MODELPIN_PUSH_TOKEN": "secret",
        },
        PIP_REQUIRE_VIRTUALENV="1",  # a machine's own Python stays as it is
        GIT_TERMINAL_PROMPT="0",
        GIT_CONFIG_COUNT="1",
        GIT_CONFIG_KEY_0=f"url.file://{remote}.insteadOf",
        GIT_CONFIG_VALUE_0=PROJECT.replace("https://", "https://nightly:secret@"),
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "secret" not in run.stdout + run.stderr
    assert re.search(r"triage: GREEN\s+●●● 3 of 3 green nights", run.stdout), run.stdout
    nights = git(remote, "show", "modelpin-ledger:triage.jsonl").splitlines()
    assert [json.loads(night)["colour"] for night in nights] == ["green"] * 3
    assert (remote / "options").read_text().split() == [
        "merge_request.create",
        "merge_request.target=main",
    ]
    moved = git(remote, "diff", "main", "modelpin/triage", "--", "models.yml")
    assert "+    production: gpt-5.6-terra" in moved
    # GitLab closes a merge request with its branch.
    branches = git(remote, "for-each-ref", "--format=%(refname:lstrip=3)", "refs/heads/modelpin/")
    assert branches.split() == ["theirs", "triage"]


@pytest.mark.parametrize(("source", "nights"), [("push", 0), ("schedule", 1)])
def test_only_the_schedule_plays_nights(clone, gitlab_ci, source, nights):
    run = gitlab_ci(clone, "--list-csv", variables={"CI_PIPELINE_SOURCE": source})

    assert run.returncode == 0, run.stderr
    assert run.stdout.count("model-nightly;") == nights
