"""A version that fails now and then, as the pin does, can become the pin all the same."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import wavering_suite
from team_environment import team_environment
from wavering_suite import PIN, SAID, SECOND

from pytest_modelpin.demo.provider_server import ProviderServer, Question
from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.recordings.recording_file import read
from pytest_modelpin.registry import load
from pytest_modelpin.upgrade.bump.promote import Checkout, promote
from pytest_modelpin.upgrade.suite import Suite

pytestmark = [pytest.mark.long, pytest.mark.slow]

NEXT = "gpt-4o-2024-11-20"
MODELS = f"""
models:
  support: {{production: {PIN}, staging: {NEXT}, provider: openai}}
  grader: {{production: {SECOND}, provider: openai}}
"""
SUITE = f"""{wavering_suite.SUITE}
def test_sure():
    assert ask("{PIN}", "sure?") == "always"
"""


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """Recorded on the pin, and on the version to come with samples of which the first fail."""
    (tmp_path / "models.yml").write_text(MODELS)
    (tmp_path / "test_app.py").write_text(SUITE)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider\n")
    for command in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    asked: Counter[str] = Counter()

    def answer(question: Question) -> str:
        text = question.text
        if question.served == SECOND:
            return text
        if question.served == PIN or text == "sure?":
            return {"fee?": "You pay $42.", "plan?": "Take Basic."}.get(text, "always")
        asked[text] += 1
        return SAID[text][asked[text] - 1]

    with ProviderServer(answer) as server:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
            **team_environment(),
            "OPENAI_API_KEY": "sk-planted-0123456789",
            "OPENAI_BASE_URL": f"{server.url}/v1",
        }
        suite = Suite(tmp_path, environment=environment)
        live = suite.pytest(
            "--model-record=new", "--model-accept-new", report=tmp_path / "logs/pin.json"
        )
        assert live.returncode == 0, live.stdout
        suite.pytest(
            "--model=support=candidate",
            "--model-samples=3",
            "--model-jobs=1",
            "--model-recordings=.",
            report=tmp_path / "logs/next.json",
        )
    return suite  # nobody answers any more


def moved(suite: Suite) -> None:
    root = suite.root
    promote(
        Checkout(suite, load(root / "models.yml"), date(2026, 11, 30), root / "logs"),
        "support",
        NEXT,
    )


def held(root: Path) -> dict[str, bytes]:
    kept = [path for path in root.rglob("*") if path.is_file() and "logs" not in path.parts]
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in kept
        if not {"__pycache__", ".pytest_modelpin", ".git"} & {*path.parts}
    }


def test_a_sample_that_passes_is_what_plain_pytest_replays(suite: Suite) -> None:
    moved(suite)
    done = suite.pytest(report=suite.root / "logs/plain.json")
    assert done.returncode == 0, done.stdout
    fee = read(suite.root / f"__recordings__/{NEXT}/test_app/test_fee.json")
    assert fee is not None
    said = [each.reply().text for each in fee.exchanges]
    assert said == ["You pay $42.", "It is free.", "It is $42 a month."]
    assert [each.sample for each in fee.exchanges] == [1, 2, 3]


def test_all_of_its_samples_still_count_as_they_did(suite: Suite) -> None:
    moved(suite)
    run = suite.run("--model-samples=50", report=suite.root / "logs/all.json")
    passed = {case.id: (case.passes, case.tries) for case in run.cases}
    assert passed == {
        "test_app.py::test_fee": (2, 3),
        "test_app.py::TestGraded::test_plan": (1, 3),
        "test_app.py::test_sure": (3, 3),
    }


def test_where_the_suite_fails_in_every_sample_all_is_as_it_was(suite: Suite) -> None:
    failing = SUITE.replace('== "always"', '== "never"')
    (suite.root / "test_app.py").write_text(failing)
    before = held(suite.root)
    with pytest.raises(UpgradeError, match="The suite does not pass with support on"):
        moved(suite)
    assert held(suite.root) == before
