"""A team's project, its provider, and pytest run on it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from textwrap import dedent

import pytest

from pytest_modelpin.demo.provider_server import ProviderServer, Question

# pytest runs in this process, and each run forgets the modules that it was the first to import.
# Imported out here, they are read, rewritten and compiled once and not for every run.
for module in (
    "pytest_modelpin.drift.pair",
    "pytest_modelpin.judge.criterion",
    "pytest_modelpin.compare.accepted_drifts",
    "pytest_modelpin.report.terminal",
    "pytest_modelpin.results.run",
    "pytest_modelpin.session.opening",
    "pytest_modelpin.snapshot.assertion",
    "yaml",
):
    import_module(module)

PIN, ALIAS, NEXT = "gpt-4o-2024-08-06", "gpt-4o", "gpt-4o-2024-11-20"

MODELS = f"""
models:
  support:
    production: {PIN}
    staging: {ALIAS}
    provider: openai
"""

SUPPORT = """
import os
import httpx

def ask(question, model="gpt-4o-2024-08-06"):
    reply = httpx.post(
        os.environ["PROVIDER_URL"] + "/v1/chat/completions",
        headers={"authorization": "Bearer " + os.environ.get("OPENAI_API_KEY", "")},
        json={"model": model, "messages": [{"role": "user", "content": question}]},
    )
    reply.raise_for_status()
    return reply.json()["choices"][0]["message"]["content"]
"""

TESTS = """
from support import ask

def test_refund(model_snapshot):
    assert ask("refund?") == model_snapshot

def test_fee():
    assert "$" in ask("fee?")
"""


@dataclass
class Project:
    """A project in a temporary folder; every run of pytest in it is a real one."""

    pytester: pytest.Pytester
    server: ProviderServer
    says: dict[tuple[str, str], str] = field(default_factory=dict)
    """Answers by question and version, where they are not the usual ones."""

    @property
    def folder(self) -> Path:
        return self.pytester.path

    def write(self, name: str, content: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(content))
        # Byte code counts as fresh where a module's size and its second of change are the same.
        for compiled in path.parent.glob(f"__pycache__/{path.stem}.*.pyc"):
            compiled.unlink()

    def run(self, *options: str) -> pytest.RunResult:
        quiet = ["-p", "no:cacheprovider"]
        return self.pytester.runpytest_inprocess(*quiet, *options)

    def record(self) -> None:
        """Record the pin's answers and accept them."""
        result = self.run("--model=production", "--model-record=new", "--snapshot-update")
        assert result.ret == 0, result.stdout.str()
        self.server.requests.clear()

    def report(self, *options: str) -> dict:
        self.run("--model-report=run.json", *options)
        return json.loads((self.folder / "run.json").read_text())

    def recordings(self, beside: str = "tests") -> list[str]:
        """All recordings beside the tests, or elsewhere, from their folder on."""
        top = self.folder / beside / "__recordings__"
        return sorted(path.relative_to(top).as_posix() for path in top.rglob("*.json"))

    def tried(self) -> list[str]:
        """All recordings that runs by hand keep apart."""
        return self.recordings(".pytest_modelpin/recordings/tests")

    def answer(self, question: Question) -> str:
        said = self.says.get((question.text, question.served))
        return said or {"refund?": "5 days", "fee?": "$42"}.get(question.text, question.text)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    with ProviderServer(aliases={ALIAS: NEXT}) as server:
        made = Project(pytester, server)
        server.answer = made.answer
        made.write("models.yml", MODELS)
        made.write("support.py", SUPPORT)
        made.write("tests/test_support.py", TESTS)
        monkeypatch.setenv("PROVIDER_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-0123456789abcdef")
        # Where this suite runs under pytest-xdist, syrupy in the one inside must not think it does.
        for variable in ("CI", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"):
            monkeypatch.delenv(variable, raising=False)
        monkeypatch.syspath_prepend(pytester.path)
        # Loading all that the test environment has installed would be most of a run's time.
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        monkeypatch.setenv("PYTEST_PLUGINS", "syrupy,xdist.plugin,pytest_modelpin.plugin")
        yield made
