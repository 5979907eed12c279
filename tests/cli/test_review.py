"""`review`, driven through a terminal of its own as a person would."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from pytest_modelpin.ledger.decision import accepted_cases
from pytest_modelpin.ledger.store import FolderLedger
from pytest_modelpin.providers.reply import Reply
from pytest_modelpin.report.ansi import word_diff
from pytest_modelpin.results.case import Call, Case, Sample
from pytest_modelpin.results.report_file import write
from pytest_modelpin.results.run import Asked, Run

REGISTRY = "models:\n  claude:\n    production: claude-a-20250101\n    staging: claude-b\n"
LONG = "tests/test_a_file_with_a_rather_long_name.py::test_with_a_name_that_passes_eighty_columns"
ANSWERS = {
    "tests/test_a.py::test_fee": ("It is $42.", "It is $420."),
    LONG: ("Hello there, my friend.", "Hi there, my friend."),
    "tests/test_a.py::test_same": ("Yes.", "Yes."),
}


def run_of(side: int, which: str, served: str) -> Run:
    asked = Asked("claude", "claude-a-20250101", which, "claude-b", "all", (served,))
    asks = {"f": {"messages": [{"role": "user", "content": "What is the fee?"}]}}
    return Run(
        {"claude": asked},
        tuple(
            Case(
                id,
                (Sample("passed", calls=(Call("claude", Reply(said[side]), True, 1.0, "f"),)),),
                models=("claude",),
                questions=asks,
            )
            for id, said in ANSWERS.items()
        ),
    )


@pytest.fixture
def night(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models.yml").write_text(REGISTRY)
    folder = tmp_path / ".pytest_modelpin" / "nights" / "2026-11-20"
    write(run_of(0, "production", "claude-a-20250101"), folder / "production.json")
    write(run_of(1, "candidate", "claude-b-20251101"), folder / "claude" / "candidate.json")
    return tmp_path


def review(night, keys: str, *options: str) -> tuple[int, str]:
    """Runs it in a terminal of 80 columns, where these keys are pressed."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": "80", "TERM": "xterm", "NO_COLOR": ""}
    del environment["NO_COLOR"]
    with subprocess.Popen(
        [sys.executable, "-m", "pytest_modelpin", "review", *options],
        stdin=theirs, stdout=theirs, stderr=theirs, cwd=night, env=environment, close_fds=True,
    ) as process:  # fmt: skip
        os.close(theirs)
        os.write(ours, keys.encode())
        said = b""
        while True:
            try:
                read = os.read(ours, 65_536)
            except OSError:  # Linux says so where the other end is closed
                break
            if not read:
                break
            said += read
        code = process.wait(timeout=60)
    os.close(ours)
    return code, said.decode()


def accepted(night) -> frozenset[str]:
    ledger = FolderLedger(night / ".pytest_modelpin" / "ledger")
    return accepted_cases(ledger.decisions("claude"), "claude-b-20251101")


def test_accepting_is_written_to_the_ledger_and_rejecting_is_remembered(night):
    code, said = review(night, "ar")
    assert code == 1
    assert "1 of 2" in said
    assert accepted(night) == {"tests/test_a.py::test_fee"}
    assert "@pytest.mark.modelpin(critical=True)" in said
    code, said = review(night, "")
    assert "Nothing is left to review." in said


def test_rejecting_marks_the_test_and_says_where(night):
    (night / "tests").mkdir()
    (night / "tests" / "test_a.py").write_text("import pytest\n\n\ndef test_fee(): ...\n")
    _, said = review(night, "rq")
    assert "marked as critical at tests/test_a.py:4" in said
    lines = (night / "tests" / "test_a.py").read_text().splitlines()
    assert lines[3:] == ["@pytest.mark.modelpin(critical=True)", "def test_fee(): ..."]


def test_who_accepted_is_written_down(night, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTOR", "octocat")
    review(night, "aq")
    (decision,) = FolderLedger(night / ".pytest_modelpin" / "ledger").decisions("claude")
    assert (decision.who, decision.because) == ("octocat", "reviewed")


def test_it_can_be_stopped_and_goes_on_where_it_was(night):
    code, said = review(night, "aq")
    assert code == 0
    assert "run it again" in said
    _, said = review(night, "s")
    assert "1 of 1" in said
    assert "test_fee" not in said


def test_the_question_is_shown_on_demand(night):
    assert "user: What is the fee?" not in review(night, "q")[1]
    assert "user: What is the fee?" in review(night, "iq")[1]


def test_the_word_diff_is_coloured_and_an_id_is_never_broken(night):
    _, said = review(night, "ss")
    assert "\x1b[9;31m$42\x1b[0m\x1b[32m$420\x1b[0m" in said
    assert LONG in said


def test_all_of_a_kind_are_accepted_without_asking(night):
    kinds = "number"
    code, said = review(night, "", "claude", "--accept-all", kinds)
    assert code == 0
    assert "of 2 changed answers accepted" in said
    assert accepted(night) <= {"tests/test_a.py::test_fee"}


def test_without_a_night_it_says_how_to_get_one(night):
    code, said = review(night, "", "gpt")
    assert code == 2
    assert "There is no night of gpt" in said


def test_a_word_diff_keeps_numbers_whole_and_loses_nothing():
    pieces = word_diff("It is $42.00 now.", "It was $420.00 now.")
    assert [(piece.fate, piece.text) for piece in pieces if piece.fate != "same"] == [
        ("old", "is"), ("new", "was"), ("old", "$42.00"), ("new", "$420.00"),
    ]  # fmt: skip
    assert "".join(p.text for p in pieces if p.fate != "new") == "It is $42.00 now."
    assert "".join(p.text for p in pieces if p.fate != "old") == "It was $420.00 now."
