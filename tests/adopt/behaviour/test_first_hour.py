"""Six unlike repositories, as a new user meets them: from `init` to the first green night.

No file is edited by hand. Each has its own way of installing, of naming models and of asking.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from every_wire import EveryWire
from team_environment import team_environment

from pytest_modelpin.cli import main
from pytest_modelpin.demo.provider_server import Question
from pytest_modelpin.providers import Reply

pytestmark = pytest.mark.long

REPOSITORIES = Path(__file__).parents[1] / "repositories"
DAY, NIGHT = "2026-11-27", "2026-11-28"
"""Retirement dates go by; these days stay."""

PINNED = {
    "gpt-5.4-mini": "gpt-5.4-mini-2026-03-17",
    "gpt-5.2": "gpt-5.2-2025-12-11",
    "claude-haiku-4-5": "claude-haiku-4-5-20251001",
    "gemini-3.5-flash": "gemini-3.5-flash-001",
}
ROLLED_OVER = {
    "gpt-5.4-mini": "gpt-5.4-mini-2026-09-01",
    "gpt-5.2": "gpt-5.2-2026-09-01",
    "claude-haiku-4-5": "claude-haiku-4-5-20260901",
    "gemini-3.5-flash": "gemini-3.5-flash-002",
}


@dataclass(frozen=True)
class Expected:
    """What `init` makes of a repository."""

    pins: dict[str, tuple[str, str]]
    """Production and candidate by logical name."""
    install: str
    """The line of the workflow that installs its tests."""
    keys: tuple[str, ...]
    folder: str = "."


EXPECTED = {
    "fastapi_openai": Expected(
        {
            "gpt": ("gpt-5.2-2025-12-11", "gpt-5.2"),
            "gpt-mini": ("gpt-5.4-mini-2026-03-17", "gpt-5.4-mini"),
            "embedder": ("text-embedding-3-small", None),
        },
        'python -m pip install -e ".[test]"',
        ("OPENAI_API_KEY",),
    ),
    "monorepo_anthropic": Expected(
        {"claude": ("claude-haiku-4-5-20251001", "claude-haiku-4-5")},
        "python -m pip install -r requirements.txt -r requirements-dev.txt",
        ("ANTHROPIC_API_KEY",),
        "services/support",
    ),
    "langchain_agent": Expected(
        {"gpt": ("gpt-5.4-mini-2026-03-17", "gpt-5.4-mini")},
        "poetry install --no-interaction",
        ("OPENAI_API_KEY",),
    ),
    "pydantic_ai_gemini": Expected(
        {"gemini": ("gemini-3.5-flash-001", "gemini-3.5-flash")},
        "python -m pip install -r requirements.txt",
        ("GEMINI_API_KEY",),
    ),
    "bedrock_boto3": Expected(
        {
            "claude": (
                "us.anthropic.claude-haiku-4-5-20251001-v1:0",
                "us.anthropic.claude-haiku-5-5",
            )
        },
        "python -m pip install -e .",
        ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"),
    ),
    "typescript_beside": Expected(
        {"claude": ("claude-opus-4-6", "claude-opus-5-5")},
        "python -m pip install -r requirements.txt",
        ("ANTHROPIC_API_KEY",),
    ),
}


def _answer(question: Question) -> str | Reply:
    if question.body.get("tools") and "left the warehouse" not in question.text:
        return Reply(tools=(("order_status", {"order": "A-17"}),))
    if "billing, shipping" in question.text:
        return "shipping"
    return "A refund takes 5 days." if "refund" in question.text else "Parcel A-17 is on its way."


@pytest.fixture
def server(monkeypatch):
    with EveryWire(_answer, PINNED) as server:
        for name in os.environ:
            if name.startswith(("GITHUB_", "MODELPIN_", "PYTEST_", "GIT_")):
                monkeypatch.delenv(name)
        for name, value in {
            "OPENAI_BASE_URL": f"{server.url}/v1",
            "OPENAI_API_KEY": "sk-planted-0123456789abcdef",
            "ANTHROPIC_BASE_URL": server.url,
            "ANTHROPIC_API_KEY": "sk-ant-planted0123456789",
            "GOOGLE_GEMINI_BASE_URL": server.url,
            "GEMINI_API_KEY": "planted0123456789abcdefghijkl",
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": server.url,
            "AWS_ACCESS_KEY_ID": "AKIA0123456789ABCDEF",
            "AWS_SECRET_ACCESS_KEY": "planted",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "GIT_ALLOW_PROTOCOL": "file",  # which commit the release is, nobody on the network says
            **team_environment(),
        }.items():
            monkeypatch.setenv(name, value)
        yield server


def _git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=You", "-c", "user.email=you@example.com"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def _run(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "pytest_modelpin", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _committed(name: str, folder: Path) -> Path:
    shutil.copytree(REPOSITORIES / name, folder)
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "-m", "Before")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPECTED)
def test_from_init_to_the_first_green_night(name, tmp_path, server, monkeypatch, capsys):
    from pytest_modelpin.registry import load

    expected = EXPECTED[name]
    folder = _committed(name, tmp_path / "repository")
    project = folder / expected.folder
    monkeypatch.chdir(folder)
    # 1
    assert main(["init", "--yes", f"--today={DAY}"]) == 0, capsys.readouterr()
    models = load(project / "models.yml").models
    assert {each.name: (each.production, each.staging) for each in models.values()} == expected.pins
    workflow = (folder / ".github" / "workflows" / "model-nightly.yml").read_text()
    assert f"- run: {expected.install}\n" in workflow
    for key in expected.keys:
        assert f"{key}: ${{{{ secrets.{key} }}}}" in workflow
    # 2
    recorded = _run(project, "record")
    assert "failed on the pin" not in recorded
    # 3, 4
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "-m", "Models")
    # 5
    monkeypatch.chdir(project)
    capsys.readouterr()
    assert main(["check", f"--today={DAY}"]) == 0, capsys.readouterr().out
    assert "No alarms" in capsys.readouterr().out
    for alias, version in ROLLED_OVER.items():
        server.roll(alias, version)
    # 6
    _run(project, "nightly", f"--today={NIGHT}", "--ledger=.pytest_modelpin/ledger")
    for logical in (name for name, model in models.items() if model.staging):
        ledger = project / ".pytest_modelpin" / "ledger" / f"{logical}.jsonl"
        (night,) = [json.loads(line) for line in ledger.read_text().splitlines()]
        assert night["colour"] == "green", night
    assert _git(folder, "status", "--short") == "", "a night leaves the working tree as it was"
