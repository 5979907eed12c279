from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

# pytest runs in this process, and each run forgets the modules that it was the first to import.
import pytest_modelpin.snapshot.assertion  # noqa: F401

Result = pytest.RunResult
RunSuite = Callable[..., Result]

# Stands for the plugin and the run: the environment says what a watcher would know.
SUITE_CONFTEST = """
import json, os, pathlib
import pytest
from pytest_modelpin.snapshot import Unwatched, hide_from_other_extensions, make_model_snapshot

class FakeWatcher(Unwatched):
    def tolerant(self):
        return "candidate" in os.environ.get("FAKE_RUN", "")
    def updating_allowed(self):
        return "sample 2" not in os.environ.get("FAKE_RUN", "")
    def note(self, noted):
        entry = [noted.snapshot, noted.accepted, noted.received, noted.judge]
        with pathlib.Path(__file__).with_name("noted.jsonl").open("a") as file:
            print(json.dumps(entry), file=file)

def pytest_addoption(parser):
    parser.addoption("--model", action="append")

def pytest_configure(config):
    hide_from_other_extensions(config)

@pytest.fixture
def model_snapshot(request):
    return make_model_snapshot(request, FakeWatcher())
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A repository whose `model_snapshot` is watched by a fake run."""
    # This suite itself may run under pytest-xdist; the one inside must not think that it does.
    for variable in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_ADDOPTS", "CI"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.delenv("BUILD_NUMBER", raising=False)
    # Loading the plugins of this environment anew would take most of each run.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest(SUITE_CONFTEST)
    return pytester


@pytest.fixture
def run(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> RunSuite:
    """Run the suite; `models="candidate"` or `models="sample 2"` is what the watcher says."""

    def run_suite(*arguments: str, models: str = "production") -> Result:
        monkeypatch.setenv("FAKE_RUN", models)
        return suite.runpytest_inprocess("-p", "syrupy", *arguments)

    return run_suite


@pytest.fixture
def accepted(suite: pytest.Pytester) -> Callable[[str], str]:
    """The text of a module's file of accepted answers; empty where there is none."""

    def read(module: str) -> str:
        path = Path(suite.path, "__snapshots__", f"{module}.answers")
        return path.read_text(encoding="utf-8") if path.exists() else ""

    return read
