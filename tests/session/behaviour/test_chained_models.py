"""A model on its pin that is asked about what another's candidate said: a judge within the test,
the next step of a chain. What it is asked then is nowhere recorded, and can't be.
"""

from __future__ import annotations

import pytest

PIN, NEXT, GRADER = "gpt-4o-2024-08-06", "gpt-4o-2024-11-20", "gpt-4o-mini-2024-07-18"
BOTH = f"""
models:
  support: {{production: {PIN}, staging: gpt-4o, provider: openai}}
  grader: {{production: {GRADER}, provider: openai}}
"""
GRADED = f"""
from support import ask

def test_fee():
    graded = ask("is this right? " + ask("fee?"), model="{GRADER}")
    assert "right" in graded
"""
BY_FIXTURE = f"""
import pytest
from support import ask

@pytest.fixture(scope="module")
def answer():
    return ask("fee?")

def test_fee(answer):
    assert "right" in ask("is this right? " + answer, model="{GRADER}")
"""
BY_STREAM = f"""
import json, os
import httpx
from support import ask

def test_fee():
    url = os.environ["PROVIDER_URL"] + "/v1/chat/completions"
    question = [{{"role": "user", "content": "fee?"}}]
    asked = {{"model": "{PIN}", "stream": True, "messages": question}}
    answer = ""
    with httpx.stream("POST", url, json=asked) as reply:
        for line in reply.iter_lines():
            if line == "data: [DONE]":
                break
            if line.startswith("data: "):
                for choice in json.loads(line[6:])["choices"]:
                    answer += choice["delta"].get("content") or ""
        assert "right" in ask("is this right? " + answer, model="{GRADER}")
"""
ROUTED = f"""
from support import ask

def test_fee():
    assert ask("who?", model="{GRADER}")
    assert "4" in ask("fee?")
"""
ALONE = f"""
from support import ask

def test_sure():
    assert ask("sure?", model="{GRADER}")
"""


@pytest.fixture
def graded(project):
    project.write("models.yml", BOTH)
    project.write("tests/test_support.py", GRADED)
    project.says["fee?", NEXT] = "It costs $43."
    return project


def asked(project):
    return [each.model for each in project.server.requests]


@pytest.mark.parametrize("suite", [GRADED, BY_FIXTURE, BY_STREAM])
def test_it_is_asked_behind_the_candidate_s_answer(graded, suite):
    """Its test was lost each night, though nothing was amiss."""
    graded.write("tests/test_support.py", suite)
    graded.record()
    before = graded.recordings()
    result = graded.run("--model=support=candidate")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*no longer asked for*")
    assert asked(graded) == ["gpt-4o", GRADER]
    assert graded.recordings() == before  # what it said lies apart, with the candidate's answer
    assert any(GRADER in name for name in graded.tried())


def test_what_it_said_is_replayed_with_that_answer_and_comes_along_where_it_is_accepted(graded):
    graded.record()
    graded.run("--model=support=candidate")
    graded.server.requests.clear()
    replayed = (f"--model=support={NEXT}", "--model-record=none")
    graded.run(*replayed).assert_outcomes(passed=1)
    graded.run(*replayed, "--snapshot-update").assert_outcomes(passed=1)
    graded.run().assert_outcomes(passed=1)  # the pin still has what is asked behind its own
    graded.write("models.yml", BOTH.replace(f"production: {PIN}", f"production: {NEXT}"))
    graded.write("tests/test_support.py", GRADED.replace('ask("fee?")', f'ask("fee?", "{NEXT}")'))
    for path in (graded.folder / ".pytest_modelpin").rglob("*.json"):
        path.unlink()
    graded.run().assert_outcomes(passed=1)
    assert asked(graded) == []


def test_a_pin_that_is_asked_first_answers_more_samples_than_it_has(graded):
    """A night asks a small suite more often than `record` did: each sample more was lost, and no
    bump of such a suite was ever due.
    """
    graded.write("tests/test_support.py", ROUTED)
    graded.run("--model-record=all", "--model-samples=2").assert_outcomes(passed=1)
    graded.server.requests.clear()
    [case] = graded.report("--model=support=candidate", "--model-samples=5")["cases"]
    assert [sample["outcome"] for sample in case["samples"]] == ["passed"] * 5
    assert asked(graded) == ["gpt-4o"] * 5


def test_a_question_of_its_own_that_is_not_recorded_is_a_miss(graded):
    graded.record()
    graded.write("tests/test_alone.py", ALONE)
    result = graded.run("--model=support=candidate", "tests/test_alone.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["Not recorded: grader*"])
    assert asked(graded) == []


def test_plain_pytest_asks_nobody(graded):
    graded.record()
    graded.write("tests/test_support.py", GRADED.replace("is this right?", "was this right?"))
    graded.run().assert_outcomes(failed=1)
    assert asked(graded) == []
