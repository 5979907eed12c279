"""A team's project, its provider, and pytest run on it."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from textwrap import dedent

import pytest
from every_wire import EveryWire
from every_wire.embeddings import by_chance

import pytest_modelpin
from pytest_modelpin.demo.provider_server import Question

# pytest runs in this process, and each run forgets the modules that it was the first to import.
# Imported out here, ours are read once and not for every run, as are the tables that they hold.
for module in walk_packages(pytest_modelpin.__path__, "pytest_modelpin."):
    import_module(module.name)
for name in ("rapidfuzz.process", "yaml"):
    import_module(name)

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


_recorded: dict[str, tuple[dict[str, bytes], int]] = {}
"""By all that a recording comes of: the files that it wrote, and how often the server answered."""
_unlike_any_other = itertools.count()
OF_ONE_TEST = {"PYTEST_CURRENT_TEST", "PYTEST_DEBUG_TEMPROOT"}
"""Variables that are others in each test and say nothing to a run."""


@dataclass
class Project:
    """A project in a temporary folder; every run of pytest in it is a real one."""

    pytester: pytest.Pytester
    server: EveryWire
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
        """Record the pin's answers and accept them; where an equal project did, take what it got.

        Half of all that is played here would else be the same recording, made again.
        """
        equal = self._all_that_counts()
        if equal not in _recorded:
            before = self._files()
            result = self.run("--model=production", "--model-record=new", "--snapshot-update")
            assert result.ret == 0, result.stdout.str()
            made = {name: text for name, text in self._files().items() if before.get(name) != text}
            _recorded[equal] = made, self.server._answers
        made, self.server._answers = _recorded[equal]
        for name, content in made.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self._named(content, here=True))
        self.server.requests.clear()

    def _all_that_counts(self) -> str:
        """What a recording comes of: files, answers, environment, and how the server behaves."""
        server = self.server
        if server.answer != self.answer or server.embed is not by_chance:
            return str(next(_unlike_any_other))
        given = {key: value for key, value in os.environ.items() if key not in OF_ONE_TEST}
        environment = self._named(repr(sorted(given.items())).encode(), here=False)
        behaviour = {**vars(server), "url": "", "_http": server.url and "open"}
        for without_meaning in ("answer", "requests", "_closing", "_lock"):
            del behaviour[without_meaning]
        return repr((sorted(self._files().items()), self.says, environment, behaviour))

    def _files(self) -> dict[str, bytes]:
        """The content of each file by its name, with words for this folder and this server."""
        return {
            path.relative_to(self.folder).as_posix(): self._named(path.read_bytes(), here=False)
            for path in self.folder.rglob("*")
            if path.is_file() and path.parent.name != "__pycache__"
        }

    def _named(self, content: bytes, *, here: bool) -> bytes:
        """Put words in the place of this folder and this server's address, or the other way."""
        for word, ours in ((b"<server>", self.server.url), (b"<folder>", str(self.folder))):
            old, new = (word, ours.encode()) if here else (ours.encode(), word)
            content = content.replace(old, new)
        return content

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
    with EveryWire(aliases={ALIAS: NEXT}) as server:
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
