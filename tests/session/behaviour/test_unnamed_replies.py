"""Replies that name no model lie with those of the version that served the run."""

import pytest

from pytest_modelpin.recordings.recording_file import read

PIN, ALIAS, NEXT = "gpt-4o-2024-08-06", "gpt-4o", "gpt-4o-2024-11-20"

TESTS = """
    import httpx, pytest
    from support import ask

    def test_refused():
        with pytest.raises(httpx.HTTPStatusError, match="400"):
            ask("no!")

    def test_fee():
        assert "$" in ask("fee?")

    def test_both():
        assert ask("refund?")
        with pytest.raises(httpx.HTTPStatusError, match="400"):
            ask("no!")
"""

TOLD = ["test_both.json", "test_fee.json", "test_refused.json"]


@pytest.fixture
def refusing(project):
    """A project whose suite expects a 400, and its recordings on the pin."""
    project.write("tests/test_support.py", TESTS)
    project.write("pytest.ini", "[pytest]\npythonpath = .\n")
    usual = project.server.answer

    def answer(question):
        if question.text == "no!":
            raise ValueError("no")
        return usual(question)

    project.server.answer = answer
    project.record()
    return project


@pytest.mark.parametrize("workers", ["-n0", pytest.param("-n2", marks=pytest.mark.long)])
def test_an_error_is_recorded_with_the_version_that_others_name(refusing, workers):
    assert refusing.run("--model=candidate", workers).ret == 0
    assert refusing.tried() == [f"{NEXT}/test_support/{name}" for name in TOLD]


@pytest.mark.long
def test_it_replays_on_that_version_and_on_the_alias(refusing):
    refusing.run("--model=candidate")
    refusing.server.requests.clear()
    for version in (NEXT, ALIAS):
        result = refusing.run(f"--model={version}", "--model-record=none")
        assert result.ret == 0, result.stdout.str()
    assert not refusing.server.requests


@pytest.mark.long
def test_a_second_run_of_equal_replies_leaves_the_files_as_they_are(refusing):
    refusing.run("--model=candidate", "--model-samples=2")
    top = refusing.folder / ".pytest_modelpin/recordings/tests/__recordings__"
    before = {path: path.read_text() for path in top.rglob("*.json")}
    refusing.run("--model=candidate", "--model-samples=2")
    assert {path: path.read_text() for path in top.rglob("*.json")} == before
    assert sorted(_samples(top, "test_refused")) == [1, 2]
    refusing.run("--model=candidate")
    assert _samples(top, "test_refused") == [1]


def test_two_versions_in_one_run_leave_it_with_the_alias(refusing):
    served = [NEXT, "gpt-4o-2024-05-13"]
    usual = refusing.server.answer

    def answer(question):
        refusing.server.aliases[ALIAS] = served[len(refusing.server.requests) % 2]
        return usual(question)

    refusing.server.answer = answer
    refusing.run("--model=candidate", "--model-samples=4", "--model-jobs=1")
    assert f"{ALIAS}/test_support/test_refused.json" in refusing.tried()


def test_the_pins_own_error_stays_with_the_pin(refusing):
    assert f"{PIN}/test_support/test_refused.json" in refusing.recordings()


def _samples(top, name):
    path = top / NEXT / "test_support" / f"{name}.json"
    return [each.sample for each in read(path).exchanges]
