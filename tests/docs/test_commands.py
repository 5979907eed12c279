"""Every command of a page is run, in the page's order, in a repository as the page supposes it."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from team_environment import team_environment

from pytest_modelpin.cli import main
from pytest_modelpin.demo.provider_server import ProviderServer

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]
ALIAS, PIN, NEXT = "claude-haiku-4-5", "claude-haiku-4-5-20251001", "claude-haiku-4-5-20260901"

ELSEWHERE = {
    "pip install ": ".ci/install",
    "python3 -m venv ": ".ci/install",
    ".venv/bin/python -m ": ".ci/install",
    ".venv/bin/pytest-modelpin demo": "tests/cli/test_demo.py",
    "pytest-modelpin demo": "tests/cli/test_demo.py",
    "act schedule": "tests/counterparts/test_act.py",
    "pytest-modelpin proxy": "tests/cli/test_proxy.py",
    "pytest-modelpin rollback claude --pr": "tests/cli/behaviour/test_rollback_request.py",
    "pytest-modelpin canary": "tests/production/test_canary.py",
    "pytest-modelpin shadow": "tests/cli/test_traffic.py",
    "pytest-modelpin import": "tests/production/test_captured_suite.py",
    "pytest-modelpin sync": "tests/cli/test_export.py",
    "pytest-modelpin judge calibrate": "tests/cli/test_judge.py",
    "python benchmarks/speed.py": "tests/guards/test_guards.py",
    "pytest-modelpin compare production.json": "tests/cli/test_compare.py",
    "MODELPIN_CLAUDE=": "runtime/tests",
}
"""Which tests run what needs a network, a container, GitHub or production's observations."""

CODES = {"check": {0, 1}, "doctor": {0, 1}}
"""Dates go by, and this machine is as it is: both are findings, not faults."""

APP = f"""\
import os

import httpx

MODEL = "{PIN}"


def answer(question):
    reply = httpx.post(
        os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages",
        headers={{
            "x-api-key": os.environ["ANTHROPIC_API_KEY"],
            "anthropic-version": "2023-06-01",
        }},
        json={{
            "model": MODEL,
            "max_tokens": 99,
            "messages": [{{"role": "user", "content": question}}],
        }},
        timeout=60,
    )
    reply.raise_for_status()
    return reply.json()["content"][0]["text"]
"""
"""Over plain HTTP: what anthropic imports would be three quarters of each of a hundred runs."""

TEST = """\
from app import answer


def test_refund():
    assert "days" in answer("How long does a refund take?")
"""


def commands(page: Path) -> list[str]:
    """Each command of the page's blocks of shell, and of the README's table, without comments."""
    text = page.read_text("utf-8")
    blocks = re.findall(r"```(\w*)\n(.*?)```", text, re.DOTALL)
    whole = [(kind, re.sub(r"\\\n\s*", "", block)) for kind, block in blocks]
    lines = [(kind, line) for kind, block in whole for line in block.splitlines()]
    typed = [line[2:] for _, line in lines if line.startswith("$ ")]
    typed += [line for kind, line in lines if kind in ("sh", "bash", "shell")]
    found = [line.partition(" #")[0].strip() for line in typed]
    if page.name == "README.md":
        found += re.findall(r"^\| [^|]+ \| `((?:pytest|git)[^`]*)`", text, re.MULTILINE)
    return [line for line in found if line]


def test_no_command_hides_in_a_block_that_does_not_say_it_is_shell():
    begins = re.compile(
        r"(?:pytest(?:-modelpin)?|python3?|git|pip|make) (?! )"
    )  # a picture has columns
    hidden = [
        (page.name, line)
        for page in PAGES
        for kind, block in re.findall(r"```(\w*)\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
        if kind in ("", "text", "console")
        for line in block.splitlines()
        if begins.match(line)
    ]
    assert hidden == []


def elsewhere(line: str) -> str | None:
    return next((test for start, test in ELSEWHERE.items() if line.startswith(start)), None)


PLAYED = {
    page.name: lines
    for page in PAGES
    if (lines := [line for line in commands(page) if elsewhere(line) is None])
}


def test_what_is_run_elsewhere_is_there():
    assert [test for test in ELSEWHERE.values() if not (ROOT / test).exists()] == []
    every = [line for page in PAGES for line in commands(page)]
    unused = [start for start in ELSEWHERE if not any(line.startswith(start) for line in every)]
    assert unused == []


def test_the_tutorial_and_the_how_tos_are_among_the_pages():
    assert {"README.md", "tutorial.md", "how-to.md", "rollback.md"} <= set(PLAYED)


def understood() -> list[str]:
    """Each command of ours on any page, in a block or with arguments in the text."""
    found = [line for page in PAGES for line in commands(page)]
    for page in PAGES:
        found += re.findall(r"`(pytest-modelpin [^`\n]+ [^`\n]+)`", page.read_text("utf-8"))
    return [*dict.fromkeys(line for line in found if line.startswith("pytest-modelpin "))]


@pytest.mark.parametrize("line", understood())
def test_its_arguments_are_understood_wherever_it_is_run(line, monkeypatch):
    parse = argparse.ArgumentParser.parse_known_args

    def parse_alone(parser, *given):
        parsed, unknown = parse(parser, *given)
        if hasattr(parsed, "run"):
            parsed.run = lambda _: 0
        return parsed, unknown

    monkeypatch.setattr(argparse.ArgumentParser, "parse_known_args", parse_alone)
    assert main(shlex.split(line)[1:]) == 0


class AtTerminal:
    """Somebody at the keyboard who agrees to whatever is asked."""

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return "\n"


class World:
    """One repository, and the provider that its tests ask."""

    def __init__(self, folder: Path, server: ProviderServer, monkeypatch: pytest.MonkeyPatch):
        self.folder, self.server = folder, server
        monkeypatch.chdir(folder)
        for name in os.environ:
            if name.startswith(("GITHUB_", "MODELPIN_", "PYTEST_", "GIT_")):
                monkeypatch.delenv(name)
        for name, value in {
            "ANTHROPIC_BASE_URL": server.url,
            "ANTHROPIC_API_KEY": "sk-ant-planted0123456789",
            "GIT_ALLOW_PROTOCOL": "file",
            "GIT_AUTHOR_NAME": "You",
            "GIT_AUTHOR_EMAIL": "you@example.com",
            "GIT_COMMITTER_NAME": "You",
            "GIT_COMMITTER_EMAIL": "you@example.com",
            **team_environment(folder),
            "PYTEST_PLUGINS": "syrupy,xdist.plugin,pytest_modelpin.plugin",
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.stdin", AtTerminal())
        for place in ("tests", "tests/llm", "services/support", "services/triage"):
            (folder / place).mkdir(parents=True, exist_ok=True)
        (folder / "app.py").write_text(APP)
        (folder / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\n")
        (folder / "tests" / "test_app.py").write_text(TEST)
        (folder / "tests" / "llm" / "test_llm.py").write_text(TEST)
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("Before")

    def git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.folder, check=True, capture_output=True)

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)

    def record(self) -> None:
        """What the pages after the tutorial suppose."""
        (self.folder / "models.yml").write_text(
            f"models:\n  claude:\n    production: {PIN}\n    staging: {ALIAS}\n"
        )
        (self.folder / ".gitignore").write_text(".pytest_modelpin/\n__pycache__/\n")
        self.run("pytest-modelpin record")
        self.commit("Models")

    def try_next(self) -> None:
        """The alias moved on, and somebody tried it and moved the pin."""
        self.server.roll(ALIAS, NEXT)
        self.run("pytest --model candidate")
        self.run(f"pytest-modelpin promote claude --to {NEXT}")
        self.commit("Move")

    def run(self, line: str) -> int:
        program, *words = shlex.split(line)
        if program == "pytest-modelpin":
            try:
                code = main(words)
            except SystemExit as left:  # a usage that argparse refuses
                code = int(left.code or 0)
            allowed = CODES.get(words[0], {0})
        else:
            shown = re.sub(r"^pytest\b", f"{sys.executable} -m pytest", line)
            code = subprocess.run(["bash", "-c", shown], cwd=self.folder, check=False).returncode
            allowed = {0}
        assert code in allowed, line
        return code


@pytest.fixture
def world(tmp_path, monkeypatch):
    with ProviderServer(lambda question: "A refund takes 5 days.", {ALIAS: PIN}) as server:
        yield World(tmp_path, server, monkeypatch)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("page", PLAYED)
def test_every_command_of_the_page_runs(page, world):
    if page not in ("tutorial.md", "README.md"):
        world.record()
    for line in PLAYED[page]:
        if line.startswith("pytest --model candidate"):
            world.server.roll(ALIAS, NEXT)
        if line.startswith("pytest-modelpin rollback claude"):
            world.commit("As it is")
            world.try_next()
        world.run(line)
