"""Three green nights of a suite as teams have it: a test that fails now and then on either side,
and one that a judge of its own decides. The bump that they open passes offline.
"""

from __future__ import annotations

from collections import Counter

import pytest

from pytest_modelpin.demo.provider_server import ProviderServer, Question

pytestmark = pytest.mark.long

PIN, NEXT, JUDGE = "gpt-4o-2024-08-06", "gpt-4o-2024-11-20", "gpt-4o-mini-2024-07-18"
MODELS = f"""\
models:
  support: {{production: {PIN}, staging: {NEXT}, provider: openai}}
  judge: {{production: {JUDGE}, provider: openai}}
settings:
  pin_samples: 5
"""
APP = f"""\
import openai

def ask(question, model="{PIN}"):
    messages = [{{"role": "user", "content": question}}]
    made = openai.OpenAI().chat.completions.create(model=model, messages=messages)
    return made.choices[0].message.content
"""
SUITE = f"""\
import pytest
from app import ask

@pytest.mark.parametrize("number", range(10))
def test_plain(number):
    assert str(number) in ask(f"say {{number}}")

def test_wavering():
    assert "$42" in ask("fee?")

def test_judged():
    assert ask("Is it polite? " + ask("greet"), model="{JUDGE}") == "yes"
"""


GREETINGS = ("Good morning to you.", "A very good morning!", "Good morning, and welcome.")


class Answers:
    """The first time in a night that the fee is asked, either version answers wrongly."""

    def __init__(self) -> None:
        self.asked: Counter[tuple[str, str]] = Counter()

    def __call__(self, question: Question) -> str:
        text, version = question.text, question.served
        self.asked[text, version] += 1
        if version == JUDGE:
            return "yes"
        if text == "fee?":
            return "It is free." if self.asked[text, version] == 1 else "It is $42."
        if text == "greet":
            return GREETINGS[self.asked[text, version] % len(GREETINGS)]
        return f"You asked me to {text}."


def test_a_first_sample_that_failed_and_a_judge_of_its_own_keep_no_pin_from_moving(
    new_team, tmp_path
):
    answers = Answers()
    answers.asked["fee?", PIN] = 1  # the pin's first sample passes, or nobody would have kept it
    with ProviderServer(answers) as server:
        team = new_team(tmp_path, server)
        for name, content in {
            "models.yml": MODELS,
            "app.py": APP,
            "tests/test_app.py": SUITE,
            "pytest.ini": "[pytest]\naddopts = --model-jobs=1\npythonpath = .\n",
            ".gitignore": "__pycache__/\n.pytest_modelpin/\nledger/\n",
        }.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(content)
        done = team.modelpin("record")
        assert done.returncode == 0, done.stdout
        team.git("init", "--quiet", "--initial-branch=main")
        team.git("add", "--all")
        team.git("commit", "--quiet", "-m", "Recorded")
        for day in ("17", "18", "19"):
            answers.asked["fee?", NEXT] = 0
            done = team.modelpin(
                "nightly", "support", "--ledger", "ledger", "--today", f"2026-11-{day}"
            )
            assert done.returncode == 0, done.stdout
    assert "modelpin/support" in done.stdout, done.stdout
    team.git("merge", "--quiet", "--ff-only", "modelpin/support")
    assert f"production: {NEXT}" in (tmp_path / "models.yml").read_text()
    done = team.pytest()
    assert done.returncode == 0, done.stdout
    done = team.modelpin("rollback", "support")
    assert done.returncode == 0, done.stdout + done.stderr
    assert team.pytest().returncode == 0
    assert f"production: {PIN}" in (tmp_path / "models.yml").read_text()
