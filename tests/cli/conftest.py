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
    return _copied(recorded, provider, tmp_path)


def _copied(repository: Path, provider: ProviderServer, tmp_path: Path) -> Team:
    """The team of a test's own in a copy of the repository, nights and all."""
    folder = tmp_path / "team"
    shutil.copytree(repository, folder)
    return Team(folder, provider)


def _after_a_green_night(before: Path, folder: Path, day: str) -> Path:
    """The repository in which `nightly` played that day's night; it comes to be green."""
    with ProviderServer(_answer, {demo.ALIAS: demo.NEXT}) as server:
        shutil.copytree(before, folder, dirs_exist_ok=True)
        team = Team(folder, server)
        night = team.nightly(day)
        assert night.returncode == 0, night.stdout + night.stderr
        assert [team.nights()[-1][key] for key in ("day", "colour")] == [day, "green"]
    return folder


@pytest.fixture(scope="session")
def one_green_night(recorded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recorded project after its night of 2026-11-17; made once, copied often."""
    return _after_a_green_night(recorded, tmp_path_factory.mktemp("one_night"), "2026-11-17")


@pytest.fixture(scope="session")
def two_green_nights(one_green_night: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after that of 2026-11-18, too: the next green one brings a bump."""
    folder = tmp_path_factory.mktemp("two_nights")
    return _after_a_green_night(one_green_night, folder, "2026-11-18")


@pytest.fixture
def team_after_one_night(one_green_night: Path, provider: ProviderServer, tmp_path: Path) -> Team:
    return _copied(one_green_night, provider, tmp_path)


@pytest.fixture
def team_after_two_nights(two_green_nights: Path, provider: ProviderServer, tmp_path: Path) -> Team:
    return _copied(two_green_nights, provider, tmp_path)
