"""`review`, driven through a terminal of its own as a person would."""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from pytest_modelpin import demo
from pytest_modelpin.cli import main
from pytest_modelpin.cli.review import runs_to_review
from pytest_modelpin.ledger.decision import accepted_cases
from pytest_modelpin.ledger.store import FolderLedger
from pytest_modelpin.providers.wire import Reply
from pytest_modelpin.registry import load
from pytest_modelpin.report.ansi import word_diff
from pytest_modelpin.results.case import Answer, Call, Case, Sample
from pytest_modelpin.results.report_file import read, write
from pytest_modelpin.results.run import Asked, Run

pty = pytest.importorskip("pty", reason="Windows has no such terminals")

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
        late = threading.Timer(60, process.kill)  # it waits for a key that no test gives
        late.start()
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
        late.cancel()
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


SOURCE = "import shop\n\n\ndef test_fee(model_snapshot):\n    assert shop.ask() == model_snapshot\n"


@pytest.fixture
def source(night):
    """The test's file; its answer goes to `model_snapshot`."""
    folder = night / ".pytest_modelpin" / "nights" / "2026-11-20"
    for side, path in enumerate(("production.json", "claude/candidate.json")):
        run = read(folder / path)
        cases = [
            replace(
                case,
                samples=tuple(
                    replace(each, answers=(Answer(case.id, None, ANSWERS[case.id][side]),))
                    for each in case.samples
                ),
            )
            for case in run.cases
        ]
        write(replace(run, cases=tuple(cases)), folder / path)
    (night / "tests").mkdir()
    file = night / "tests" / "test_a.py"
    file.write_text(SOURCE)
    return file


def test_rejecting_shows_what_it_could_write_before_anything_is_written(night, source):
    code, said = review(night, "ruq")
    assert code == 0, "nothing is rejected yet"
    assert source.read_text() == SOURCE
    shown = re.sub(r"\x1b\[[\d;]*m", "", said)
    assert "t assert, at tests/test_a.py:7:" in shown
    assert '+     assert "$42." in answer' in shown
    assert "c critical, at tests/test_a.py:5" in shown


@pytest.mark.parametrize(
    ("key", "is_marked", "line"), [("t", False, 7), ("c", True, None), ("b", True, 9)]
)
def test_rejecting_writes_what_is_chosen_and_says_where(night, source, key, is_marked, line):
    code, said = review(night, f"r{key}q")
    assert code == 1
    lines = source.read_text().splitlines()
    assert ("@pytest.mark.modelpin(critical=True)" in lines) is is_marked
    assert ("marked as critical at tests/test_a.py:5," in said) is is_marked
    assert ("The assert stands at" in said) is (line is not None)
    if line is not None:
        assert f"stands at tests/test_a.py:{line};" in said
        assert lines[line - 1] == '    assert "$42." in answer'
    ast.parse(source.read_text())


@pytest.mark.long
def test_a_rejection_can_be_undone_and_need_not_write_anything(night, source):
    review(night, "ruq")
    assert "test_fee" in review(night, "q")[1]
    assert review(night, "rnq")[0] == 1
    assert source.read_text() == SOURCE
    assert "test_fee" not in review(night, "q")[1]


def test_the_tests_message_and_how_many_samples_show_it_are_told(night):
    folder = night / ".pytest_modelpin" / "nights" / "2026-11-20" / "claude"
    run = read(folder / "candidate.json")
    cases = [
        replace(
            case, samples=(replace(case.samples[0], outcome="failed", message="No total!"),) * 2
        )
        for case in run.cases
    ]
    write(replace(run, cases=tuple(cases)), folder / "candidate.json")
    _, said = review(night, "q")
    assert "No total!" in said
    assert "in 2 of 2 samples" in said


def test_an_answer_that_was_rewritten_is_shown_by_lines_and_the_other_way_on_demand(
    night, monkeypatch
):
    answers = {"tests/test_a.py::test_fee": ("One.\nTwo.\nThree.", "Four!\nTwo.\nSix?")}
    monkeypatch.setattr(sys.modules[__name__], "ANSWERS", answers)
    folder = night / ".pytest_modelpin" / "nights" / "2026-11-20"
    write(run_of(0, "production", "claude-a-20250101"), folder / "production.json")
    write(run_of(1, "candidate", "claude-b-20251101"), folder / "claude" / "candidate.json")
    _, said = review(night, "dq")
    first, other = said.split("q quit", 1)
    assert "\x1b[31m- One.\x1b[0m\r\n\x1b[32m+ Four!\x1b[0m\r\n  Two.\r\n" in first
    assert "\x1b[9;31mOne.\x1b[0m\x1b[32mFour!\x1b[0m" in other


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


@pytest.mark.parametrize(("kind", "guess"), [("numbr", "Did you mean `number`?"), ("fine", "")])
def test_a_kind_that_is_none_is_no_acceptance_of_nothing(night, kind, guess):
    """It ended with 0 and "0 of 2 accepted", as where nothing is of that kind."""
    code, said = review(night, "", "claude", "--accept-all", kind)
    assert code == 2
    assert f"--accept-all {kind}: no finding is of that kind" in said
    assert guess in " ".join(said.split())
    assert review(night, "", "claude", "--accept-all", "language")[0] == 0


def test_a_slip_in_the_name_is_told_with_the_names_that_there_are(night):
    code, said = review(night, "", "claud")
    assert code == 2
    assert "names no 'claud'" in said
    assert "Did you mean `claude`?" in said


def test_without_a_night_it_says_how_to_get_one(night):
    with (night / "models.yml").open("a") as registry:
        registry.write("  gpt: {production: gpt-4o-2024-08-06}\n")
    code, said = review(night, "", "gpt")
    assert code == 2
    assert "There is no night of gpt" in said


@pytest.mark.parametrize(
    ("served", "source"),
    [
        ((), "the night of 2026-11-20"),
        (("claude-b-20251101",), "what was tried by hand of claude-b-20251101"),
    ],
)
def test_what_was_tried_of_another_model_hides_no_night(night, monkeypatch, served, source):
    tried = night / ".pytest_modelpin/recordings/__recordings__/gpt-9/test_a/test_fee.json"
    tried.parent.mkdir(parents=True)
    tried.write_text("{}")
    asked = Asked("claude", "claude-a-20250101", "candidate", "claude-b", "all", served)
    replayed = (run_of(0, "production", "claude-a-20250101"), Run({"claude": asked}, ()))
    monkeypatch.setattr("pytest_modelpin.cli.review.as_recorded", lambda *_: replayed)
    found = runs_to_review(argparse.Namespace(name="claude"), load(night / "models.yml"))
    assert (found.name, found.source) == ("claude", source)


def test_a_word_diff_keeps_numbers_whole_and_loses_nothing():
    pieces = word_diff("It is $42.00 now.", "It was $420.00 now.")
    assert [(piece.fate, piece.text) for piece in pieces if piece.fate != "same"] == [
        ("old", "is"), ("new", "was"), ("old", "$42.00"), ("new", "$420.00"),
    ]  # fmt: skip
    assert "".join(p.text for p in pieces if p.fate != "new") == "It is $42.00 now."
    assert "".join(p.text for p in pieces if p.fate != "old") == "It was $420.00 now."


@pytest.fixture
def changed(team):
    """A team whose candidate writes 420 into its tickets, and one red night."""

    def answer(question):
        asked = [text for text in demo.ANSWERS if text in question.text]
        told = demo.answer(asked[0], question.served)
        if question.served == demo.NEXT and "charged twice" in asked[0]:
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
    assert demo.NEXT in done.stdout
    file = changed.folder / "ledger" / "decisions" / "support.jsonl"
    kept = json.loads(file.read_text())
    assert (kept["version"], kept["who"]) == (demo.NEXT, "ann")
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


def test_accept_requires_no_case(capsys):
    with pytest.raises(SystemExit):
        main(["accept"])
    assert "are required: NAME\n" in capsys.readouterr().err
