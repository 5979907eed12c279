"""What a fixture that tests share asks at its end: the fixture's own, not the last test's."""

from __future__ import annotations

import pytest

from pytest_modelpin.demo.provider_server import Fault

PIN, NEXT = "gpt-4o-2024-08-06", "gpt-4o-2024-11-20"

CLOSING = """
import unittest
import pytest
from support import ask

@pytest.fixture(scope="module")
def desk():
    yield ask("fee?")
    assert ask("closing?")

@pytest.fixture(scope="module")
def counter(desk):
    yield ask("counter?")
    assert ask("counter closing?")

def test_one(counter): assert "$" in ask("refund fee?")
def test_two(desk): assert desk == "$42"

class TestSeason(unittest.TestCase):
    @classmethod
    def setUpClass(cls): cls.season = ask("season?")
    @classmethod
    def tearDownClass(cls): ask("season over?")
    def test_three(self): assert self.season
"""

SWALLOWING = """
import pytest
from support import ask

@pytest.fixture(scope="module")
def desk():
    yield
    try: ask("{question}")
    except BaseException: pass

def test_one(desk): assert ask("fee?") == "$42"
"""


@pytest.fixture
def closing(project):
    project.says["refund fee?", PIN] = project.says["refund fee?", NEXT] = "$7"
    project.write("tests/test_support.py", CLOSING)
    project.run("--model=production", "--model-record=new", "--model-samples=2").assert_outcomes(
        passed=3
    )
    return project


def test_it_replays_whichever_test_comes_last(closing):
    """It was recorded for the last sample of the test that happened to come last."""
    assert closing.recordings() == [
        f"{PIN}/test_support/{name}.json"
        for name in sorted(
            [
                *(each.stem for each in closing.folder.glob(f"tests/**/{PIN}/test_support/TestS*")),
                "counter+end@module",
                "counter@module",
                "desk+end@module",
                "desk@module",
                "test_one",
            ]
        )
    ]
    closing.server.close()
    for options in (["-p", "no:randomly"], ["-k", "test_two"], ["-k", "test_one"], ["-k", "three"]):
        assert closing.run(*options).ret == 0, options


def test_a_candidate_is_asked_it_and_no_case_has_it(closing):
    asked, answered = [], closing.server.answer
    closing.server.answer = lambda question: asked.append(question.text) or answered(question)
    report = closing.report("--model=candidate", "--model-samples=2")
    assert {case["id"].rpartition("::")[2] for case in report["cases"]} == {
        "test_one", "test_two", "test_three",
    }  # fmt: skip
    outcomes = {s["outcome"] for case in report["cases"] for s in case["samples"]}
    assert outcomes == {"passed"}
    said = [call for case in report["cases"] for s in case["samples"] for call in s["calls"]]
    assert not any("closing?" in str(call) or "over?" in str(call) for call in said)
    assert asked.count("closing?") == asked.count("season over?") == 1
    tried = [name for name in closing.tried() if "+end@" in name]
    assert len(tried) == 3
    closing.server.close()
    closing.run("--model=candidate", "--model-record=none").assert_outcomes(passed=3)


def test_a_miss_that_it_swallows_fails_the_test_in_which_it_ends(project):
    project.write("tests/test_support.py", SWALLOWING.format(question="closing?"))
    project.record()
    project.write("tests/test_support.py", SWALLOWING.format(question="otherwise?"))
    result = project.run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*Not recorded: *otherwise?*test_support.py*"])


def test_an_outage_at_its_end_loses_the_test_in_which_it_ends(project):
    """It failed the candidate, for a question that is none of the test's."""
    project.write(
        "tests/test_support.py",
        """
        import pytest
        from support import ask

        @pytest.fixture(scope="module")
        def desk():
            yield "$42"
            ask("closing?")

        def test_one(desk): assert ask("fee?") == desk
        """,
    )
    project.record()
    faults = iter([None, Fault(status=503)])
    project.server.take_fault = lambda model: next(faults)
    (case,) = project.report("--model=candidate", "--model-jobs=1")["cases"]
    assert [sample["outcome"] for sample in case["samples"]] == ["lost"]
