"""`status`, `check` and `scan` as a user runs them."""

import argparse
import io
import json
import os
import re
import subprocess

import pytest

from pytest_modelpin.cli.command_parser import command_of
from pytest_modelpin.errors import LedgerError, ModelpinError, RegistryError
from pytest_modelpin.ledger import Night
from pytest_modelpin.ledger.store import FolderLedger

FINE = """\
models:
  a:
    production: claude-opus-4-6
    staging: claude-opus-4-7
    last_validated: 2026-11-10
"""
LATE = FINE.replace("claude-opus-4-6", "claude-sonnet-4-5-20250929")


@pytest.fixture
def ran(tmp_path, monkeypatch, capsys):
    """(exit code, output) of a command in a folder with that models.yml."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MODELPIN_A", raising=False)

    def run(*arguments: str, registry: str | None = FINE) -> tuple[int, str]:
        if registry is not None:
            (tmp_path / "models.yml").write_text(registry)
        parser = argparse.ArgumentParser()
        subparsers = parser.add_subparsers()
        command_of(arguments[0]).add_parser(subparsers)
        parsed = parser.parse_args(arguments)
        return int(parsed.run(parsed)), capsys.readouterr().out

    return run


@pytest.fixture
def ledger(tmp_path):
    folder = tmp_path / "nights"
    FolderLedger(folder).append(
        Night("2026-11-19", "a", "claude-opus-4-6", "claude-opus-4-7", "claude-opus-4-7", "f",
              "green", at="2026-11-19T03:00:00Z")
    )  # fmt: skip
    return str(folder)


def test_status_is_a_table(ran, ledger):
    code, out = ran("status", "--ledger", ledger, "--today", "2026-11-20")
    assert code == 0
    row = next(line for line in out.splitlines() if line.startswith("a "))
    for cell in ("claude-opus-4-6", "claude-opus-4-7", "●○○", "green, 2026-11-19", "2026-11-10"):
        assert cell in row


@pytest.fixture
def proven(tmp_path):
    """A ledger with a full streak of a version."""
    folder = tmp_path / "proven"
    for day in (17, 18, 19):
        FolderLedger(folder).append(
            Night(f"2026-11-{day}", "a", "claude-opus-4-6", "claude-opus-4-7", "claude-opus-4-7",
                  "f", "green", at=f"2026-11-{day}T03:00:00Z")
        )  # fmt: skip
    return str(folder)


def test_status_names_the_branch_that_a_full_streak_led_to(ran, proven, tmp_path):
    for command in (
        "init --quiet --initial-branch=main",
        "-c user.name=a -c user.email=a@example.com commit --quiet --allow-empty -m one",
        "branch modelpin/a",
    ):
        subprocess.run(["git", *command.split()], cwd=tmp_path, check=True)
    _, out = ran("status", "--ledger", proven, "--today", "2026-11-20")
    assert "a: the bump is on the branch modelpin/a: `git diff HEAD...modelpin/a`" in out


def test_status_names_no_bump_outside_of_git(ran, proven):
    code, out = ran("status", "--ledger", proven, "--today", "2026-11-20")
    assert code == 0
    assert "●●●" in out
    assert "bump" not in out


def test_status_says_that_a_version_is_ignored(ran, proven):
    ignoring = FINE + "    ignore: [claude-opus-4-7]\n"
    _, out = ran("status", "--ledger", proven, "--today", "2026-11-20", registry=ignoring)
    assert "a: claude-opus-4-7 is on `ignore` in models.yml, so it is not proposed." in out


def test_status_as_json(ran, ledger):
    code, out = ran("status", "--json", "--ledger", ledger, "--today", "2026-11-20")
    (row,) = json.loads(out)
    assert code == 0
    assert (row["name"], row["pin"], row["streak"]) == ("a", "claude-opus-4-6", 1)


def test_status_as_a_site(ran, ledger, tmp_path):
    code, out = ran("status", "--html", "site", "--ledger", ledger, "--today", "2026-11-20")
    assert (code, out) == (0, "3 files: site/index.html\n")
    assert "2026-11-19" in (tmp_path / "site" / "a.html").read_text()
    assert "claude-opus-4-6, 1 of 3 green" in (tmp_path / "site" / "a.svg").read_text()


def test_status_as_a_calendar(ran):
    _, out = ran(
        "status", "--ical", "--today", "2026-11-20", registry=FINE + "    retires: 2027-02-01\n"
    )
    assert "DTSTART;VALUE=DATE:20270201" in out


def test_status_shows_an_override(ran, monkeypatch):
    monkeypatch.setenv("MODELPIN_A", "claude-opus-4-8")
    _, out = ran("status")
    assert "claude-opus-4-8 by the environment; the file has claude-opus-4-6" in out


def test_status_shows_no_id_as_markup(ran):
    _, out = ran("status", registry="models: {a: {production: 'x[red]y-1'}}")
    assert "x[red]y-1" in out


def test_check_is_silent_where_all_is_well(ran):
    code, out = ran("check", "--today", "2026-11-20")
    assert code == 0
    assert out.startswith("No alarms. Retirement dates as of ")


def test_check_names_place_alarm_and_way_out(ran):
    code, out = ran("check", "--today", "2026-11-20", registry=LATE)
    assert code == 1
    assert "urgent  a  models.yml:3" in out
    assert "retires in 10 days, on 2026-11-30" in out
    assert "Promote the candidate claude-opus-4-7 once its nights are green." in out
    assert "1 alarm." in out


def test_check_as_json(ran):
    code, out = ran("check", "--json", "--today", "2026-11-20", registry=LATE)
    (alarm,) = json.loads(out)["alarms"]
    assert code == 1
    assert (alarm["kind"], alarm["severity"], alarm["line"]) == ("retiring", "urgent", 3)


def test_check_as_annotations(ran):
    code, out = ran("check", "--annotations", "--today", "2026-11-20", registry=LATE)
    assert code == 1
    assert out.startswith("::error file=models.yml,line=3,title=a%3A retiring::The pin claude-")


def test_check_writes_sarif(ran, tmp_path):
    code, _ = ran("check", "--sarif", "out/modelpin.sarif", "--today", "2026-11-20", registry=LATE)
    log = json.loads((tmp_path / "out" / "modelpin.sarif").read_text())
    assert code == 1
    assert [each["ruleId"] for each in log["runs"][0]["results"]] == ["retiring"]


def test_check_counts_the_ledger(ran, ledger):
    code, out = ran("check", "--ledger", ledger, "--today", "2026-11-24")
    assert code == 1
    assert "The last night was 5 days ago" in out


def test_check_refresh_without_a_key_uses_the_table(ran, monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    code, out = ran("check", "--refresh", "--today", "2026-11-20")
    assert (code, out.startswith("No alarms.")) == (0, True)


@pytest.mark.parametrize("command", ["status", "check"])
def test_a_ledger_that_is_none(ran, command):
    with pytest.raises(LedgerError, match="--ledger gone is no folder"):
        ran(command, "--ledger", "gone")


@pytest.mark.parametrize("command", ["status", "check"])
def test_no_models_yml(ran, command):
    with pytest.raises(RegistryError, match="`pytest-modelpin init`"):
        ran(command, registry=None)


def test_scan_lists_each_place(ran, tmp_path):
    (tmp_path / "app.py").write_text('ask("claude-opus-4-6")\nask("gpt-4o")\n')
    code, out = ran("scan")
    assert code == 0
    assert out.splitlines() == [
        "app.py:1  claude-opus-4-6  pinned",
        "app.py:2  gpt-4o  floating, retires 2027-01-14, not in models.yml",
        "2 places, 2 ids.",
    ]


def test_scan_of_many_places_ends_with_those_of_each_id(ran, tmp_path):
    (tmp_path / "app.py").write_text('ask("gpt-4o")\n' * 30 + 'ask("claude-opus-4-6")\n')
    _, out = ran("scan")
    assert out.splitlines()[-5:] == [
        "",
        "Places of each id:",
        "    30  gpt-4o  floating, retires 2027-01-14, not in models.yml",
        "     1  claude-opus-4-6  pinned",
        "31 places, 2 ids.",
    ]


def test_scan_as_json(ran, tmp_path):
    (tmp_path / "app.py").write_text('ask("gpt-4o")\n')
    _, out = ran("scan", "--json")
    assert json.loads(out) == [
        {"path": "app.py", "line": 1, "model": "gpt-4o", "provider": "openai", "kind": "floating",
         "retires": "2027-01-14", "known": False}
    ]  # fmt: skip


def test_scan_strict_fails_on_what_models_yml_does_not_know(ran, tmp_path):
    (tmp_path / "known.py").write_text('ask("claude-opus-4-6")\n')
    (tmp_path / "other.py").write_text('ask("gpt-4o")\n')
    assert ran("scan", "--strict", "known.py")[0] == 0
    assert ran("scan", "--strict", "known.py", "other.py")[0] == 1


def test_scan_strict_is_not_green_over_what_it_may_not_read(ran, tmp_path, monkeypatch, capsys):
    (tmp_path / "known.py").write_text('ask("claude-opus-4-6")\n')
    (tmp_path / "secret.py").write_text('ask("gpt-4o")\n')
    real = os.access
    may = lambda path, mode: real(path, mode) and "secret" not in str(path)  # noqa: E731
    monkeypatch.setattr(os, "access", may)
    assert ran("scan")[0] == 0
    assert ran("scan", "--strict", "known.py")[0] == 0
    parser = argparse.ArgumentParser()
    command_of("scan").add_parser(parser.add_subparsers())
    parsed = parser.parse_args(["scan", "--strict", "secret.py"])
    assert parsed.run(parsed) == 1
    assert "1 file can't be read here, such as secret.py" in capsys.readouterr().err


def test_scan_works_before_there_is_a_models_yml(ran, tmp_path):
    (tmp_path / "app.py").write_text('ask("gpt-4o")\n')
    code, out = ran("scan", registry=None)
    assert (code, out.splitlines()[-1]) == (0, "1 place, 1 id.")


def test_scan_of_a_file_that_is_not_there(ran):
    with pytest.raises(ModelpinError, match=r"No file at gone\.py"):
        ran("scan", "gone.py")


@pytest.mark.parametrize("command", ["scan", "doctor"])
def test_reading_many_files_is_told_of_beside_the_json(ran, tmp_path, monkeypatch, command):
    for at in range(3):
        (tmp_path / f"a{at}.py").write_text("")
    said = io.StringIO()
    monkeypatch.setattr("sys.stderr", said)
    code, out = ran(command, "--json")
    json.loads(out)
    assert said.getvalue() == ""
    monkeypatch.setattr("pytest_modelpin.cli.MANY_FILES", 3)
    assert ran(command, "--json") == (code, out)
    assert re.fullmatch(r"Reading \d files …\n", said.getvalue())
