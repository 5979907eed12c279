"""`accept`: what changed is wanted, and the next night goes by it."""

import json

import pytest

from pytest_modelpin.demo import answers


@pytest.fixture
def changed(team):
    """A team whose candidate writes 420 into its tickets, and one red night."""

    def answer(question):
        asked = [text for text in answers.ANSWERS if text in question.text]
        told = answers.answer(asked[0], question.served)
        if question.served == answers.NEXT and "charged twice" in asked[0]:
            return told.replace("42}", "420}")
        return told

    team.server.answer = answer
    night = team.nightly("2026-11-17", "--no-pull-request")
    assert night.returncode == 1, night.stdout
    assert "test_ticket" in night.stdout
    return team


@pytest.mark.long
def test_an_accepted_change_is_green_and_is_kept_with_who_when_and_which(changed):
    done = changed.modelpin(
        "accept", "support", "test_ticket", "--ledger=ledger", GITHUB_ACTOR="ann"
    )
    assert done.returncode == 0, done.stderr
    assert answers.NEXT in done.stdout
    file = changed.folder / "ledger" / "decisions" / "support.jsonl"
    kept = json.loads(file.read_text())
    assert (kept["version"], kept["who"]) == (answers.NEXT, "ann")
    assert kept["cases"] == ["tests/test_support.py::test_ticket"]
    assert kept["at"]
    night = changed.nightly("2026-11-18", "--no-pull-request")
    assert (night.returncode, [n["colour"] for n in changed.nights()]) == (0, ["red", "green"])


@pytest.mark.long
def test_what_is_accepted_in_one_case_excuses_no_other(changed):
    changed.modelpin("accept", "support", "test_refund", "--ledger=ledger")
    assert changed.nightly("2026-11-18", "--no-pull-request").returncode == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("other",), "models.yml names no 'other'"),
        (("support",), "knows no version"),
        (("support", "--to=v9"), "no night of support that v9 answered"),
    ],
)
def test_what_cannot_be_accepted_is_said_with_what_to_run(team, arguments, says):
    done = team.modelpin("accept", *arguments, "--ledger=ledger")
    assert done.returncode == 2
    assert says in done.stderr
