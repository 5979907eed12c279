"""`pytest --model candidate` holds every reply against what is recorded of the pin."""

import pytest

from pytest_modelpin.demo.provider_server import Fault

PIN, NEXT = "gpt-4o-2024-08-06", "gpt-4o-2024-11-20"

WITHOUT_SNAPSHOT = """
from support import ask

def test_refund():
    assert "days" in ask("refund?")
"""


@pytest.fixture
def plain(project):
    """A project of one test that gives nothing to `model_snapshot`."""
    project.write("tests/test_support.py", WITHOUT_SNAPSHOT)
    project.record()
    return project


@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.long)])
def test_a_changed_answer_without_a_snapshot_is_named(plain, workers):
    plain.says["refund?", NEXT] = "30 days"
    result = plain.pytester.runpytest_subprocess(f"-n{workers}", "--model=candidate")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["*1 of 1 passed, 1 drifted", "drift: *test_refund", "*regression*number*5*30*"]
    )


def test_all_samples_of_both_sides_count(plain):
    said = iter(["5 days", "6 days", "7 days"])
    plain.server.answer = lambda question: next(said)
    samples = ("--model-samples=3", "--model-record=all")
    plain.run("--model=production", *samples).assert_outcomes(passed=1)
    told = iter(["6 days", "no days", "no days"])
    plain.server.answer = lambda question: next(told)
    result = plain.run("--model=candidate", "--model-samples=3")
    result.stdout.fnmatch_lines(["*1 of 1 passed, 1 drifted"])
    varied = iter(["7 days", "6 days", "5 days"])
    plain.server.answer = lambda question: next(varied)
    plain.run("--model=candidate", "--model-samples=3").stdout.fnmatch_lines(
        ["*1 of 1 passed, 0 drifted"]
    )


ACCEPTED = """
from support import ask

def test_refund(model_snapshot):
    assert ask("refund?") == model_snapshot
"""


@pytest.mark.parametrize(
    ("other", "drifted"), [("Give us 5 days.", "0 drifted"), ("within 9 days", "1 drifted")]
)
def test_the_wordings_of_a_pin_that_is_being_recorded_are_no_drift(project, other, drifted):
    """What its samples may differ in is just what several of them are recorded for."""
    project.write("tests/test_support.py", ACCEPTED)
    told = iter(["It takes 5 days.", other])
    project.server.answer = lambda question: next(told)
    result = project.run(
        "--model=production", "--model-samples=2", "--model-record=new", "--snapshot-update"
    )
    result.stdout.fnmatch_lines([f"*1 of 1 passed, {drifted}"])
    assert ("drift: " in result.stdout.str()) == (drifted == "1 drifted")


def test_a_case_of_which_the_pin_is_not_recorded_is_not_called_unchanged(project):
    project.write("tests/test_support.py", WITHOUT_SNAPSHOT)
    project.run("--model=candidate").stdout.fnmatch_lines(
        ["*0 drifted (1 without a recorded or accepted answer of the pin to compare with)"]
    )


def test_a_torn_recording_of_the_pin_is_said_and_fails_no_candidate(plain):
    [path] = (plain.folder / "tests/__recordings__").rglob("*.json")
    path.write_text(path.read_text()[:200])
    result = plain.run("--model=candidate")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["*without a recorded or accepted answer*", "note: *test_refund.json*"]
    )


SHARED = """
import pytest

from pytest_modelpin.demo.provider_server import Fault
from support import ask

@pytest.fixture(scope="module")
def answer():
    return ask("refund?")

def test_days(answer):
    assert "days" in answer

def test_five(request):
    assert request.getfixturevalue("answer") == "5 days"
"""


@pytest.fixture
def sharing(project):
    """A project whose two tests share a fixture that asks, one of them without naming it."""
    project.write("tests/test_support.py", SHARED)
    project.record()
    return project


def outcomes(report):
    return {
        case["id"].rpartition("::")[2]: (case["models"], case["samples"][0]["outcome"])
        for case in report["cases"]
    }


def test_tests_that_share_a_fixture_are_cases_of_what_it_asked(sharing):
    sharing.says["refund?", NEXT] = "30 days"
    report = sharing.report("--model=candidate", "-p", "no:randomly")
    assert outcomes(report) == {
        "test_days": (["support"], "passed"),
        "test_five": (["support"], "failed"),
    }
    assert report["selection"]["support"]["served"] == [NEXT]
    result = sharing.run("--model=candidate")
    result.stdout.fnmatch_lines(
        ["*1 of 2 passed, 1 failed, 2 drifted", "*replies*1 (1 live, 0 replayed)*"]
    )


def test_an_outage_in_a_shared_fixture_loses_its_tests(sharing):
    sharing.server.faults.append(Fault(status=503))
    report = sharing.report("--model=candidate", "-p", "no:randomly")
    assert outcomes(report)["test_days"] == (["support"], "lost")


AT_ONCE = """
import os
from concurrent.futures import ThreadPoolExecutor
from support import ask

def test_both():
    questions = ["fee?", "n 7?"][:: int(os.environ["ORDER"])]
    with ThreadPoolExecutor(1) as pool: assert len([*pool.map(ask, questions)]) == 2
"""


def test_what_a_test_asks_at_once_is_held_against_the_answer_to_the_same(project, monkeypatch):
    """Which of two threads is first is chance: each reply was held against the other's."""
    project.write("tests/test_support.py", AT_ONCE)
    monkeypatch.setenv("ORDER", "1")
    project.record()
    monkeypatch.setenv("ORDER", "-1")
    result = project.run("--model=candidate")
    result.stdout.fnmatch_lines(["*1 of 1 passed, 0 drifted*"])
