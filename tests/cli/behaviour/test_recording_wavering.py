"""`record` on a pin that fails a test now and then leaves a suite that plain `pytest` passes."""

from collections import Counter

import pytest
import wavering_suite
from wavering_suite import PIN, SECOND

from pytest_modelpin.demo.provider_server import ProviderServer, Question

pytestmark = [pytest.mark.long, pytest.mark.slow]

MODELS = f"""
models:
  support: {{production: {PIN}, provider: openai}}
  grader: {{production: {SECOND}, provider: openai}}
"""
SUITE = f"""{wavering_suite.SUITE}
def test_later():
    assert ask("{PIN}", "later?") == "always"

def test_never():
    assert ask("{PIN}", "never?") == "at times"
"""
SAID = {**wavering_suite.SAID, "later?": ["always", "always", "no"]}


def recorded(team) -> list[str]:
    """What the command says."""
    return team.modelpin("record", "--samples=3").stdout.splitlines()


def plain_failures(team) -> list[str]:
    lines = team.pytest("-q").stdout.splitlines()
    return [line.split(" - ")[0] for line in lines if line.startswith("FAILED")]


@pytest.fixture
def team(tmp_path, new_team):
    (tmp_path / "models.yml").write_text(MODELS)
    (tmp_path / "test_app.py").write_text(SUITE)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    asked: Counter[str] = Counter()

    def answer(question: Question) -> str:
        text = question.text
        if text not in SAID:
            return text if question.served == SECOND else "always"
        asked[text] += 1
        return SAID[text][(asked[text] - 1) % 3]

    with ProviderServer(answer) as server:
        yield new_team(tmp_path, server)


WAVER = (
    "3 cases waver on the pin: test_app.py::TestGraded::test_plan (1 of 3 passed), "
    "test_app.py::test_fee (2 of 3 passed), test_app.py::test_later (2 of 3 passed). "
    "Plain `pytest` replays a sample that passes; nights count them all."
)


def test_a_sample_that_passes_is_replayed_and_its_answer_accepted(team):
    *_, wavering, failing = recorded(team)
    assert wavering == WAVER
    assert failing.startswith("1 case failed on the pin")
    assert "test_never" in failing
    accepted = (team.folder / "__snapshots__/test_app.answers").read_text()
    assert "You pay $42." in accepted
    assert "It is free." not in accepted
    assert plain_failures(team) == ["FAILED test_app.py::test_never"]


def test_recorded_again_nothing_changes_places(team):
    recorded(team)
    folder = team.folder / "__recordings__"
    before = {path: path.read_bytes() for path in folder.rglob("*.json")}
    *_, summary, wavering, _ = recorded(team)
    assert "nothing was missing, so nothing was asked" in summary
    assert wavering == WAVER
    assert {path: path.read_bytes() for path in folder.rglob("*.json")} == before


def test_what_was_accepted_before_stays_and_fails(team):
    """A test that changed, or an answer that is gone, is for a person to look at."""
    recorded(team)
    answers = team.folder / "__snapshots__/test_app.answers"
    answers.write_text(answers.read_text().replace("You pay $42.", "You pay $42 a year."))
    kept = answers.read_text()
    for path in (team.folder / "__recordings__").rglob("test_fee.json"):
        path.unlink()
    recorded(team)
    assert answers.read_text() == kept
    assert "FAILED test_app.py::test_fee" in plain_failures(team)


def test_a_test_that_changed_keeps_failing_on_what_was_recorded(team):
    recorded(team)
    tightened = SUITE.replace('"$42" in said', '"a month" in said')
    (team.folder / "test_app.py").write_text(tightened)
    recorded(team)
    assert "FAILED test_app.py::test_fee" in plain_failures(team)
