"""One answer that a fixture asks for several tests: how many samples it is worth."""

from __future__ import annotations

import pytest

SHARED = """
import pytest
from support import ask

@pytest.fixture(scope="module")
def heard(): return ask("fee?")

@pytest.fixture(scope="module")
def answer(heard):
    yield heard
    print("ended")

def test_fee(answer): assert "$" in answer

def test_amount(answer): assert "42" in answer

def test_own(answer): assert "days" in ask("refund?")
"""


@pytest.fixture
def shared(project):
    project.write("tests/test_support.py", SHARED)
    project.record()
    return project


def outcomes(report):
    return {
        case["id"].rpartition("::")[2]: [sample["outcome"] for sample in case["samples"]]
        for case in report["cases"]
    }


def test_it_is_one_sample_however_often_a_test_looks_at_it(shared):
    """Three answers in three nights were 108 samples, and let a bump through."""
    found = outcomes(shared.report("--model=candidate", "--model-samples=3"))
    assert found["test_fee"] == found["test_amount"] == ["passed"]
    assert found["test_own"] == ["passed"] * 3
    assert len(shared.server.requests) == 1 + 3


def test_a_test_that_comes_out_otherwise_on_one_answer_is_another_sample(shared):
    shared.write(
        "tests/test_support.py",
        SHARED.replace('"$" in answer', "len(tries.append(1) or tries) < 2") + "\ntries = []\n",
    )
    found = outcomes(shared.report("--model=candidate", "--model-samples=3"))
    assert found["test_fee"] == ["passed", "failed"]


def test_what_confirms_asks_it_anew_for_each_sample(shared):
    options = ("--model=support=gpt-4o", "--model-record=all", "--model-tolerant")
    found = outcomes(shared.report(*options, "--model-samples=3", "-k", "fee"))
    assert found["test_fee"] == ["passed"] * 3
    assert len(shared.server.requests) == 3


def test_an_end_that_fails_meanwhile_is_said(shared):
    shared.write("tests/test_support.py", SHARED.replace('print("ended")', "1 / 0"))
    options = ("--model=support=gpt-4o", "--model-record=all", "--model-tolerant")
    report = shared.report(*options, "--model-samples=2", "-k", "fee")
    assert any("what the fixture" in fault for fault in report["faults"])


def test_a_replay_sets_it_up_once(shared):
    found = outcomes(shared.report("--model=production", "--model-tolerant", "--model-samples=3"))
    assert found["test_fee"] == ["passed"]
