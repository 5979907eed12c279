"""Whole nights in which the candidate has a prompt of its own for one case."""

import pytest

from pytest_modelpin import demo

CASE = "tests/test_prompted.py::test_prompted"
SUITE = """
import support
from modelpin_runtime import load

pins = load("models.yml", environment={})

def test_prompted(model_id, model_snapshot):
    told = pins.prompt("fee", id=model_id).text
    assert support.ask(told, "What does express shipping cost?") == model_snapshot
"""


@pytest.fixture
def prompted(team):
    """A team that asks one question with the prompt of the version that is asked."""
    models = team.folder / "models.yml"
    models.write_text(models.read_text().replace("staging: gpt-5.1  ", f"staging: {demo.NEXT}"))
    (team.folder / "tests/test_prompted.py").write_text(SUITE)
    default = team.folder / "prompts/fee/default.md"
    default.parent.mkdir(parents=True)
    default.write_text("Be exact.\n")
    usual = team.server.answer

    def answer(question):
        told = usual(question)
        return told.replace("$42", "$420") if "Be quick." in question.text else told

    team.server.answer = answer
    recorded = team.pytest("--model=production", "--model-record=new", "--snapshot-update")
    assert recorded.returncode == 0, recorded.stdout
    default.with_name(f"{demo.NEXT}.md").write_text("Be quick.\n")
    team.git("add", "--all")
    team.git("commit", "--quiet", "-m", "A prompt for the version to come")
    return team


@pytest.mark.long
def test_a_night_holds_what_prompt_and_model_changed_together_against_neither(prompted):
    night = prompted.nightly("2026-11-17")
    assert night.returncode == 3, night.stdout
    assert f"prompt and model moved together in {CASE}" in " ".join(night.stdout.split())
    assert "pytest-modelpin accept support CASE" in " ".join(night.stdout.split())
    (line,) = prompted.nights()
    assert line["colour"] == "inconclusive"
    assert CASE not in line["cases"]
    assert line["moved"] == [CASE]
    assert len(line["cases"]) == 4  # the others are evidence as ever
    assert "number" not in line["drifted"]
    assert (line["held"], line["open"]) == ([], [])
    assert line["prompts"].keys() == {f"fee/{demo.NEXT}"}


@pytest.mark.long
def test_both_move_as_one_once_a_person_accepts_them_with_that_prompt(prompted):
    for day in (15, 16, 17):
        night = prompted.nightly(f"2026-11-{day}")
        assert night.returncode == 3, night.stdout
    assert "modelpin/support" not in prompted.git("branch", "--list", "--all")
    done = prompted.modelpin("accept", "support", "test_prompted", "--ledger=ledger")
    assert done.returncode == 0, done.stderr
    assert prompted.nightly("2026-11-18").returncode == 0
    # Another prompt is another pair: its streak begins anew.
    prompt = prompted.folder / f"prompts/fee/{demo.NEXT}.md"
    prompt.write_text("Be quick. Please.\n")
    prompted.git("commit", "--quiet", "--all", "-m", "Kinder")
    nights = [prompted.nightly(f"2026-11-{day}") for day in (19, 20, 21)]
    assert [night.returncode for night in nights] == [0, 0, 0], nights[-1].stdout
    assert "1 of 3 green nights" in nights[0].stdout
    said = " ".join(nights[-1].stdout.split())
    assert f"prompt and model move together in {CASE}, as a person has accepted" in said
    assert "modelpin/support" in said
    assert [line["colour"] for line in prompted.nights()] == ["inconclusive"] * 3 + ["green"] * 4
    prompted.server.close()
    prompted.git("merge", "--quiet", "--ff-only", "modelpin/support")
    after = prompted.pytest()
    assert after.returncode == 0, after.stdout
