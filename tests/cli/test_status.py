"""`history`: lineage from a repository's own commits, the ledger and models.yml."""

import dataclasses
import io
import json
import os
import subprocess
import sys

import pytest

from pytest_modelpin.cli import main
from pytest_modelpin.ledger import Night
from pytest_modelpin.ledger.decision import Decision
from pytest_modelpin.ledger.store import FolderLedger

FIRST, SECOND = "gpt-4o-2024-08-06", "gpt-4o-2024-11-20"


def entry(pin, *more):
    return "\n".join(["models:", "  gpt:", f"    production: {pin}", *more]) + "\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MODELPIN_GPT", raising=False)
    git(tmp_path, "init", "-q", "-b", "main")
    return tmp_path


def git(folder, *arguments, day="2026-01-01", who="Ann"):
    identity = ["-c", f"user.name={who}", "-c", "user.email=a@example.org"]
    environment = {
        "PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": str(folder),
        "GIT_COMMITTER_DATE": f"{day}T12:00:00Z", "GIT_AUTHOR_DATE": f"{day}T12:00:00Z",
    }  # fmt: skip
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True,
                   env=environment)  # fmt: skip


def commit(folder, text, subject, day, who="Ann"):
    (folder / "models.yml").write_text(text)
    git(folder, "add", "models.yml")
    git(folder, "commit", "-qm", subject, day=day, who=who)


def night(day, colour="green", **more):
    cases = {f"t.py::test_{n}": (5, 5, 3, 3) for n in range(12)}
    given = {"cases": cases, "estimate": 0.004, "lower_bound": -0.021, "drifted": {"wording": 4},
             "cost_usd": 0.42} | more  # fmt: skip
    return Night(day, "gpt", FIRST, "gpt-4o", SECOND, "f", colour, at=day, **given)


def history(capsys, *arguments):
    assert main(["history", "gpt", "--ledger", "ledger", *arguments]) == 0
    return capsys.readouterr().out


@pytest.fixture
def moved(project):
    ledger = FolderLedger(project / "ledger")
    (project / "ledger").mkdir()
    commit(project, entry(FIRST), "Pin the model", "2026-01-01")
    commit(project, entry(FIRST, "    staging: gpt-4o"), "Watch the alias", "2026-02-01")
    for day, colour in (("02-09", "red"), ("02-10", "green"), ("02-11", "green")):
        ledger.append(night(f"2026-{day}", colour, reasons=("worse: t.py::test_1",)))
    ledger.decide(Decision("gpt", SECOND, "accepted", "", "2026-02-11T09:00Z",
                           cases=("t.py::test_2",), who="Bea"))  # fmt: skip
    commit(project, entry(SECOND, "    prompt_version: v3", "    notes: shorter answers"),
           "Bump gpt (#12)", "2026-02-12", who="Bot")  # fmt: skip
    return project


def test_each_version_tells_where_it_came_from(moved, capsys):
    old, new = json.loads(history(capsys, "--json"))
    assert (old["version"], old["promoted"], old["until"], old["author"]) == (
        FIRST, "2026-01-01", "2026-02-12", "Ann")  # fmt: skip
    assert old["shown"] is None
    assert (new["version"], new["promoted"], new["until"]) == (SECOND, "2026-02-12", None)
    assert new["introduced"] == "2026-02-09"  # it answered before anyone named it
    assert (new["author"], new["subject"], new["pull_request"]) == ("Bot", "Bump gpt (#12)", 12)
    assert (new["prompt_version"], new["notes"]) == ("v3", "shorter answers")
    shown = new["shown"]
    assert (shown["nights"], shown["cases"], shown["against"]) == (2, 12, FIRST)
    assert shown["lower_bound"] == -0.021
    assert shown["drifted"] == {"wording": 4}
    assert new["accepted"] == [{"who": "Bea", "at": "2026-02-11T09:00Z", "cases": ["t.py::test_2"]}]
    assert new["issues"] == ["the night of 2026-02-09 was red: worse: t.py::test_1"]


ODD = (
    "one\u2028two",
    "a form\x0c feed",
    "next\x85line",
    "unit\x1fseparator",
    "\x1b]0;x\x07 \u202e",
)


@pytest.mark.parametrize("odd", ODD)
def test_whatever_a_commits_subject_and_author_hold_is_its_subject_and_author(project, capsys, odd):
    (project / "ledger").mkdir()
    commit(project, entry(FIRST), odd, "2026-01-01", who=f"A{odd}B")
    commit(project, entry(SECOND), "Bump gpt (#12)", "2026-02-12")
    old, new = json.loads(history(capsys, "--json"))
    assert (old["subject"], new["pull_request"]) == (odd, 12)
    assert old["author"] == f"A{odd}B"
    assert main(["status", "--html", "site"]) == 0


def test_what_merged_a_commit_is_told_whatever_its_subject_holds(project, capsys):
    (project / "ledger").mkdir()
    commit(project, entry(FIRST), "Pin", "2026-01-01")
    git(project, "switch", "-qc", "bump")
    commit(project, entry(SECOND), "Bump", "2026-02-01")
    git(project, "switch", "-q", "main")
    git(project, "commit", "--allow-empty", "-qm", "Else", day="2026-02-02")
    subject = "Merge pull request #7 from\u2028a/b"
    git(project, "merge", "-q", "--no-ff", "-m", subject, "bump", day="2026-02-03")
    assert json.loads(history(capsys, "--json"))[1]["pull_request"] == 7


def test_a_person_reads_the_newest_first(moved, capsys):
    told = history(capsys)
    assert told.index(f"{SECOND}  the pin since 2026-02-12") < told.index(
        f"{FIRST}  2026-01-01 to 2026-02-12"
    )
    assert "2 green nights to 2026-02-11 on 12 cases; +0.4 pp (bound -2.1 pp)" in told
    assert "accepted by Bea on 2026-02-11: t.py::test_2" in told


def test_a_version_that_came_back_stands_twice_and_an_edit_by_hand_is_not_committed(moved, capsys):
    commit(moved, entry(FIRST), "Roll back gpt", "2026-03-01")
    (moved / "models.yml").write_text(entry(SECOND))
    found = json.loads(history(capsys, "--json", "--today", "2026-03-05"))
    assert [(each["version"], each["promoted"], each["until"]) for each in found] == [
        (FIRST, "2026-01-01", "2026-02-12"), (SECOND, "2026-02-12", "2026-03-01"),
        (FIRST, "2026-03-01", "2026-03-05"), (SECOND, None, None),
    ]  # fmt: skip


def test_the_pull_request_of_a_merge_is_found_and_a_later_ones_is_not(project, capsys):
    commit(project, entry(FIRST), "Pin the model", "2026-01-01")
    git(project, "checkout", "-qb", "bump")
    commit(project, entry(SECOND), "Bump gpt", "2026-02-01")
    git(project, "checkout", "-q", "main")
    git(project, "merge", "-q", "--no-ff", "-m", "Merge pull request #7 from o/bump", "bump")
    (project / "ledger").mkdir()
    old, new = json.loads(history(capsys, "--json"))
    assert (old["pull_request"], new["pull_request"]) == (None, 7)


def test_a_commit_whose_file_could_not_be_read_says_nothing(project, capsys):
    (project / "ledger").mkdir()
    commit(project, "models: [", "Break it", "2026-01-01")
    commit(project, entry(FIRST), "Mend it", "2026-01-02")
    (only,) = json.loads(history(capsys, "--json"))
    assert (only["version"], only["promoted"]) == (FIRST, "2026-01-02")


HOSTILE = "gpt\x1b[8m\r\n::error::x\u202e"


@pytest.mark.parametrize("columns", ["500", "60"])
def test_what_a_reply_called_itself_steers_no_terminal(project, capsys, monkeypatch, columns):
    """A version's name comes over the wire, by way of the ledger."""
    monkeypatch.setenv("COLUMNS", columns)
    commit(project, entry(FIRST), "Pin the model", "2026-01-01")
    FolderLedger(project / "ledger").append(
        dataclasses.replace(night("2026-05-01"), served=HOSTILE)
    )
    assert main(["status", "--ledger", "ledger"]) == 0
    said = capsys.readouterr().out
    assert "gpt⟦U+001B⟧[8m ::error::x⟦U+202E⟧" in said
    assert not set("\x1b\r\u202e") & set(said)


def test_what_an_error_quotes_steers_no_terminal(project, capsys):
    commit(project, entry(FIRST), "Pin the model", "2026-01-01")
    assert main(["compare", "a\x1b]0;x\x07.json", "b.json"]) == 2
    said = capsys.readouterr().err
    assert "a⟦U+001B⟧" in said
    assert "\x1b" not in said


def test_a_file_called_by_a_stranger_steers_no_terminal(project, capsys):
    commit(project, entry(FIRST), "Pin the model", "2026-01-01")
    (project / "a\x1b[8m.py").write_text(f"MODEL = {FIRST!r}\n")
    assert main(["scan"]) == 0
    said = capsys.readouterr().out
    assert "a⟦U+001B⟧[8m.py:1" in said
    assert "\x1b" not in said


def test_outside_of_git_the_pin_that_stands_there_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MODELPIN_GPT", raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "models.yml").write_text(entry(FIRST))
    (tmp_path / "ledger").mkdir()
    (only,) = json.loads(history(capsys, "--json"))
    assert (only["version"], only["commit"]) == (FIRST, None)


def test_the_site_shows_it_and_takes_no_markup_from_what_people_wrote(moved):
    FolderLedger(moved / "ledger").decide(Decision("gpt", SECOND, "no", "<i>no</i>", "2026-03-01"))
    assert main(["status", "--html", "site", "--ledger", "ledger"]) == 0
    page = (moved / "site" / "gpt.html").read_text()
    assert "Versions that were the pin" in page
    assert "(#12)" in page
    assert "not wanted since 2026-03-01: &lt;i&gt;no&lt;/i&gt;" in page
    assert "<i>no" not in page


def test_an_unknown_name_is_one_sentence(project, capsys):
    (project / "models.yml").write_text(entry(FIRST))
    assert main(["history", "claude"]) == 2
    assert "names no 'claude'; it names: gpt" in capsys.readouterr().err


def test_a_calendars_lines_end_alike_on_every_system(project, monkeypatch):
    """Where print ends a line with CR and LF, as on Windows, each line of it ended with two CRs."""
    commit(project, entry("gpt-4o-2024-05-13"), "Pin it", "2026-01-01")
    made = io.BytesIO()
    monkeypatch.setattr(os, "linesep", "\r\n")
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(made, "utf-8", newline="\r\n"))
    assert main(["status", "--ical"]) == 0
    sys.stdout.flush()
    assert b"BEGIN:VCALENDAR\r\n" in made.getvalue()
    assert b"\r\r" not in made.getvalue()
