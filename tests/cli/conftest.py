"""A team's repository with a recorded suite, and its provider; the demo's own project."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from team_environment import team_environment

from pytest_modelpin import demo
from pytest_modelpin.demo.provider_server import ProviderServer, Question

PROJECT = Path(demo.__file__).parent / "project"


@dataclass
class Team:
    """A git repository, and the commands that people run in it."""

    folder: Path
    server: ProviderServer

    def environment(self, **more: str) -> dict[str, str]:
        private = ("GITHUB_", "MODELPIN_", "PYTEST_", "GIT_")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(private)}
        url = f"{self.server.url}/v1"
        here = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "sk-planted-0123456789abcdef"}
        return {**kept, **here, **team_environment(), **more}

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            check=False,
        )

    def modelpin(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "pytest_modelpin", *arguments, **more)

    def pytest(self, *options: str, **more: str) -> subprocess.CompletedProcess[str]:
        quiet = ["-p", "no:cacheprovider"]
        return self.run(sys.executable, "-m", "pytest", *quiet, *options, **more)

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=You", "-c", "user.email=you@example.com"]
        done = self.run("git", *identity, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def nightly(self, day: str, *options: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self.modelpin("nightly", f"--today={day}", "--ledger=ledger", *options, **more)

    def nights(self) -> list[dict]:
        lines = (self.folder / "ledger" / "support.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]


def _answer(question: Question) -> str:
    asked = [text for text in demo.ANSWERS if text in question.text]
    return demo.answer(asked[0], question.served) if asked else "ok"


@pytest.fixture
def provider() -> Iterator[ProviderServer]:
    with ProviderServer(_answer, {demo.ALIAS: demo.NEXT}) as server:
        yield server


@pytest.fixture(scope="session")
def new_team() -> type[Team]:
    """For suites of a test module's own: `new_team(folder, server)`."""
    return Team


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with its pin recorded and accepted, committed; made once, copied often."""
    folder = tmp_path_factory.mktemp("recorded")
    shutil.copytree(PROJECT, folder, dirs_exist_ok=True)
    models = folder / "models.yml"  # without its settings, so that a test can append its own
    models.write_text(models.read_text().partition("settings:")[0])
    (folder / ".gitignore").write_text("__pycache__/\n.pytest_modelpin/\nledger/\n")
    with ProviderServer(_answer) as server:
        team = Team(folder, server)
        done = team.pytest("--model=production", "--model-record=new", "--snapshot-update")
        assert done.returncode == 0, done.stdout
        team.git("init", "--quiet", "--initial-branch=main")
        team.git("add", "--all")
        team.git("commit", "--quiet", "-m", "Recorded")
    return folder


@pytest.fixture
def team(recorded: Path, provider: ProviderServer, tmp_path: Path) -> Team:
    folder = tmp_path / "team"
    shutil.copytree(recorded, folder)
    return Team(folder, provider)
