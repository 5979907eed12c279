"""`nightly`: one night after another, on a real suite and a real provider; `view`, its pages."""

import json
import os
import shutil
from pathlib import Path

import pytest

from pytest_modelpin import demo
from pytest_modelpin.cli import main
from pytest_modelpin.cli.nightly import only_below
from pytest_modelpin.demo.provider_server import Fault


@pytest.mark.long
def test_three_green_nights_put_the_bump_on_a_branch_that_passes_offline(team_after_two_nights):
    team = team_after_two_nights
    last = team.nightly("2026-11-19")
    assert last.returncode == 0
    assert "modelpin/support" in last.stdout
    assert team.git("status", "--porcelain") == ""
    assert team.git("worktree", "list").count("\n") == 1
    team.server.close()
    team.git("merge", "--quiet", "--ff-only", "modelpin/support")
    assert team.pytest().returncode == 0
    models = (team.folder / "models.yml").read_text()
    assert f"production: {demo.NEXT}   # the pin" in models
    assert f"previous: {demo.PIN}" in models
    folders = {path.name for path in (team.folder / "tests/__recordings__").iterdir()}
    assert folders == {demo.NEXT}  # and no answers to be read: all of them are accepted


@pytest.mark.long
def test_a_broken_answer_is_a_red_night_that_names_the_case(team):
    team.server.roll(demo.ALIAS, demo.CARELESS)
    night = team.nightly("2026-11-16")
    assert night.returncode == 1
    assert "RED" in night.stdout
    assert "test_ticket" in night.stdout
    lines = [line.strip() for line in night.stdout.splitlines()]
    worst = lines[lines.index("the worst 3 of 4, pin -> candidate:") :]
    assert worst[1] == "tests/test_support.py::test_ticket: 1/1 -> 0/4 passed"
    assert "JSONDecodeError" in worst[2]
    assert worst[3:6] == [
        "regression  unparseable, in 4 of 4 samples",
        '- {"topic": "billing", "urgency": "high", "amount": 42}',
        '+ Sure! Here is the ticket: ```json {"topic": "billing"} ```',
    ]
    assert "and 1 case more in the report" in worst
    assert [line["colour"] for line in team.nights()] == ["red"]


@pytest.mark.long
def test_an_outage_is_inconclusive_never_red(team):
    team.server.faults.extend(Fault(status=503) for _ in range(50))
    night = team.nightly("2026-11-16")
    assert night.returncode == 3
    assert "lost to provider errors" in night.stdout
    assert [line["colour"] for line in team.nights()] == ["inconclusive"]


@pytest.mark.long
def test_the_same_day_again_replaces_that_days_night(team_after_one_night):
    team = team_after_one_night
    again = team.nightly("2026-11-17")
    assert "1 of 3 green nights" in again.stdout
    assert len(team.nights()) == 2


@pytest.mark.long
def test_a_candidate_served_by_the_pin_has_nothing_to_promote(team):
    team.server.roll(demo.ALIAS, demo.PIN)
    night = team.nightly("2026-11-17")
    assert night.returncode == 0
    assert "served by the pin itself" in night.stdout


@pytest.mark.long
def test_a_changed_test_starts_a_new_streak(team_after_one_night):
    team = team_after_one_night
    test = team.folder / "tests/test_support.py"
    test.write_text(test.read_text() + "\n# changed\n")
    assert "1 of 3 green nights" in team.nightly("2026-11-18").stdout


@pytest.mark.long
def test_a_bump_is_refused_over_uncommitted_changes(team_after_two_nights):
    team = team_after_two_nights
    (team.folder / "support.py").write_text((team.folder / "support.py").read_text() + "\n# mine\n")
    night = team.nightly("2026-11-19")
    assert "uncommitted changes (support.py)" in night.stdout
    assert "modelpin/support" not in team.git("branch", "--list", "--all")


@pytest.mark.long
def test_without_git_the_bump_says_what_to_do(team):
    shutil.rmtree(team.folder / ".git")
    for day in (17, 18, 19):
        night = team.nightly(f"2026-11-{day}")
    assert night.returncode == 0
    assert "pytest-modelpin promote NAME" in night.stdout
    assert "fatal:" not in night.stdout


@pytest.mark.long
def test_a_detached_head_gets_its_bump_all_the_same(team_after_two_nights):
    team = team_after_two_nights
    team.git("checkout", "--quiet", "--detach")
    night = team.nightly("2026-11-19")
    assert "local branch modelpin/support" in night.stdout


@pytest.mark.long
def test_a_persons_commit_on_the_bumps_branch_is_kept(team_after_two_nights):
    team = team_after_two_nights
    team.git("branch", "modelpin/support")
    team.git("switch", "--quiet", "modelpin/support")
    team.git("commit", "--quiet", "--allow-empty", "-m", "Mine")
    mine = team.git("rev-parse", "HEAD")
    team.git("switch", "--quiet", "main")
    night = team.nightly("2026-11-19")
    assert "you@example.com" in night.stdout
    assert team.git("rev-parse", "modelpin/support") == mine


@pytest.mark.long
def test_the_bots_commit_that_a_person_amended_is_kept(team_after_two_nights):
    team = team_after_two_nights
    team.nightly("2026-11-19")
    team.git("switch", "--quiet", "modelpin/support")
    (team.folder / "mine.txt").write_text("mine")
    team.git("add", "mine.txt")
    team.git("commit", "--quiet", "--amend", "--no-edit")
    mine = team.git("rev-parse", "HEAD")
    team.git("switch", "--quiet", "main")
    night = team.nightly("2026-11-20")
    assert "you@example.com" in night.stdout
    assert team.git("rev-parse", "modelpin/support") == mine


@pytest.mark.long
def test_a_pipe_without_dots_shows_the_night_all_the_same(team):
    night = team.nightly("2026-11-17", PYTHONIOENCODING="ascii")
    assert night.returncode == 0, night.stderr
    assert "GREEN" in night.stdout


def test_a_damaged_ledger_is_said_before_anything_is_asked(team):
    (team.folder / "ledger").mkdir()
    (team.folder / "ledger" / "support.jsonl").write_text("{torn\n{torn\n")
    night = team.nightly("2026-11-17")
    assert night.returncode == 2
    assert "support.jsonl" in night.stderr
    assert team.server.requests == []


@pytest.mark.long
def test_no_line_of_a_failed_bump_is_a_command_to_the_job(team):
    said = "::set-output name=verdict::green"
    first, second = demo.PIN[:6], demo.PIN[6:]  # what stands whole would move with the pin
    (team.folder / "tests" / "test_late.py").write_text(
        f"def test_late():\n    print({said!r})\n"
        f"    assert 'production: {first}' '{second}' in open('models.yml').read()\n"
    )
    team.git("add", "--all")
    team.git("commit", "--quiet", "-m", "Late")
    for day in (17, 18, 19):
        night = team.nightly(f"2026-11-{day}")
    assert "set-output" in night.stdout
    assert not [line for line in night.stdout.splitlines() if line.strip().startswith("::")]


@pytest.mark.long
def test_outputs_reach_github_and_no_text_can_forge_another(team, tmp_path):
    output, summary = tmp_path / "output", tmp_path / "summary"
    team.nightly(
        "2026-11-17",
        GITHUB_OUTPUT=str(output),
        GITHUB_STEP_SUMMARY=str(summary),
        GITHUB_SERVER_URL="https://github.com",
        GITHUB_REPOSITORY="acme/app",
        GITHUB_RUN_ID="7",
        GITHUB_TOKEN="",
    )
    lines = output.read_text().splitlines()
    names = [line.partition("<<")[0] for line in lines[::3]]
    assert names == [
        "verdict", "streak", "served-model", "pull-request-number", "pull-request-url", "report",
    ]  # fmt: skip
    assert lines[1] == "green"
    assert all(
        opening.partition("<<")[2] == end
        for opening, end in zip(lines[::3], lines[2::3], strict=True)
    )
    assert "support" in summary.read_text()
    assert "](https://github.com/acme/app/actions/runs/7#artifacts) are kept" in summary.read_text()


@pytest.mark.long
def test_no_written_byte_holds_the_key(team):
    team.nightly("2026-11-17")
    written = [path for path in team.folder.rglob("*") if path.is_file()]
    assert not [path for path in written if b"planted" in path.read_bytes()]


@pytest.mark.long
def test_a_pin_without_recordings_is_said_before_anybody_is_asked(team):
    shutil.rmtree(team.folder / "tests" / "__recordings__")
    night = team.nightly("2026-11-17")
    assert night.returncode == 2
    said = " ".join(night.stderr.split())
    assert f"No recording of {demo.PIN} answers what the tests ask" in said
    assert "Run `pytest-modelpin record`, and commit what it writes" in said
    assert "Where tests were moved or renamed, plain `pytest` says how to take along" in said
    assert "Where all is recorded, a cache of the code's own (dspy's" in said
    assert team.server.requests == []
    assert not (team.folder / "ledger").exists()


@pytest.mark.long
def test_the_others_have_their_night_where_one_pin_is_not_recorded(team):
    registry = team.folder / "models.yml"
    more = "  titles:\n    production: gpt-5.2-2025-12-11\n    staging: gpt-5.4-2026-03-05\n"
    registry.write_text(registry.read_text() + more)
    night = team.nightly("2026-11-17")
    said = " ".join(night.stdout.split())
    assert night.returncode == 3, night.stdout + night.stderr
    assert "titles: asking" not in said
    assert "No recording of gpt-5.2-2025-12-11 answers what the tests ask" in said
    assert "which version served is unknown" not in said
    assert [line["colour"] for line in team.nights()] == ["green"]
    titles = json.loads((team.folder / "ledger" / "titles.jsonl").read_text())
    assert (titles["colour"], titles["cases"]) == ("inconclusive", {})


def test_an_unknown_name_is_one_sentence(team):
    night = team.modelpin("nightly", "nobody")
    assert night.returncode == 2
    assert "names no 'nobody'; it names: support" in night.stderr
    assert "Traceback" not in night.stderr


@pytest.mark.long
def test_a_suite_that_cannot_be_collected_is_shown_with_its_error(team):
    (team.folder / "tests/test_support.py").write_text("def broken(:\n")
    night = team.nightly("2026-11-17")
    assert night.returncode == 2
    assert "SyntaxError" in night.stderr
    assert "Traceback (most recent call last)" not in night.stderr


@pytest.mark.long
def test_a_project_in_a_folder_of_the_repository_with_models_yml_above_gets_its_bump(team):
    inner = team.folder / "service"
    inner.mkdir()
    for name in ("support.py", "conftest.py", "tests"):
        team.git("mv", name, f"service/{name}")
    (inner / "pytest.ini").write_text("[pytest]\nmodelpin_registry = ../models.yml\n")
    (inner / ".gitignore").write_text(".pytest_modelpin/\nledger/\n__pycache__/\n")
    team.git("add", "--all")
    team.git("commit", "--quiet", "-m", "Moved")
    apart = type(team)(inner, team.server)
    for day in (17, 18, 19):
        night = apart.nightly(f"2026-11-{day}")
    assert "modelpin/support" in night.stdout, night.stdout + night.stderr
    changed = team.git("diff", "--name-only", "HEAD...modelpin/support").splitlines()
    assert {"models.yml", "service/support.py"} <= set(changed)
    assert f"service/tests/__recordings__/{demo.NEXT}/test_support/test_fee.json" in changed


@pytest.mark.long
def test_a_model_called_like_its_candidate_is_confirmed_and_compared(team):
    registry = team.folder / "models.yml"
    registry.write_text(registry.read_text().replace("  support:", f"  {demo.ALIAS}:"))
    team.git("commit", "--quiet", "--all", "-m", "Named like its alias")
    team.server.roll(demo.ALIAS, demo.CARELESS)
    night = team.nightly("2026-11-16")
    assert night.returncode == 1
    assert "no confirmation" not in night.stdout
    line = json.loads((team.folder / "ledger" / f"{demo.ALIAS}.jsonl").read_text())
    assert line["colour"] == "red"
    assert team.pytest("--model", f"{demo.ALIAS}={demo.ALIAS}").returncode in (0, 1)
    said = team.modelpin("diff", demo.ALIAS)
    assert said.returncode == 1
    assert "$420" in said.stdout


@pytest.mark.long
def test_a_night_is_inconclusive_over_a_test_that_no_hook_sees(team):
    (team.folder / "tests/test_plain.py").write_text(
        "import json, os, urllib.request\n\ndef test_plain():\n"
        "    url = os.environ['OPENAI_BASE_URL'] + '/chat/completions'\n"
        "    message = {'role': 'user', 'content': 'Where is my parcel?'}\n"
        f"    body = {{'model': '{demo.PIN}', 'messages': [message]}}\n"
        "    request = urllib.request.Request(url, json.dumps(body).encode())\n"
        "    request.add_header('content-type', 'application/json')\n"
        "    assert urllib.request.urlopen(request).status == 200\n"
    )
    night = team.nightly("2026-11-17")
    assert night.returncode == 3
    assert "1 case was left out: tests/test_plain.py::test_plain asked" in night.stdout
    assert "through urllib" in night.stdout
    assert [line["colour"] for line in team.nights()] == ["inconclusive"]


REFUSED = """
import httpx, pytest
from support import answer

def test_refused(model_snapshot):
    with pytest.raises(httpx.HTTPStatusError) as raised:
        answer("no!")
    assert raised.value.response.json()["error"]["message"] == model_snapshot
"""


@pytest.mark.long
def test_a_suite_that_expects_a_refusal_gets_its_bump_and_goes_back(team):
    usual = team.server.answer

    def answer(question):
        if "no!" in question.text:
            raise ValueError("no")
        return usual(question)

    team.server.answer = answer
    (team.folder / "tests/test_refused.py").write_text(REFUSED)
    recorded = team.pytest("--model=production", "--model-record=new", "--snapshot-update")
    assert recorded.returncode == 0, recorded.stdout
    team.git("add", "--all")
    team.git("commit", "--quiet", "-m", "A refusal")
    nights = [team.nightly(f"2026-11-{day}") for day in (17, 18, 19)]
    assert [night.returncode for night in nights] == [0, 0, 0], nights[-1].stdout
    assert "modelpin/support" in nights[-1].stdout, nights[-1].stdout
    team.server.close()
    team.git("merge", "--quiet", "--ff-only", "modelpin/support")
    after = team.pytest()
    assert after.returncode == 0, after.stdout
    back = team.modelpin("rollback", "support")
    assert back.returncode == 0, back.stderr
    assert team.pytest().returncode == 0


def test_a_night_below_the_folder_of_models_yml_says_that_it_is_of_part_of_the_suite(tmp_path):
    registry, below = tmp_path / "models.yml", tmp_path / "tests"
    registry.write_text("models: {}\n")
    below.mkdir()
    said = only_below(below, registry)
    assert said.startswith(f"Mind that this night runs the tests of {below} alone")
    assert f"{registry} lies above" in said
    assert only_below(tmp_path, registry) == ""


def page(folder: Path, name: str, age: float) -> Path:
    file = folder / ".pytest_modelpin" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("<html></html>")
    os.utime(file, (1e9 - age, 1e9 - age))
    return file


def test_the_newest_page_is_opened(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
    page(tmp_path, "nights/2026-11-01/claude/report.html", 100)
    newest = page(tmp_path, "nights/2026-11-02/claude/report.html", 1)
    assert main(["view"]) == 0
    assert opened == [newest.as_uri()]
    assert capsys.readouterr().out == ".pytest_modelpin/nights/2026-11-02/claude/report.html\n"


def test_without_a_browser_the_path_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("webbrowser.open", lambda url: False)
    file = page(tmp_path, "a.html", 1)
    assert main(["view", str(file)]) == 0
    assert "No browser could be opened here" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["view"], ["view", "nowhere.html"]])
def test_no_page_is_a_sentence(tmp_path, monkeypatch, capsys, arguments):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert "There is no page" in capsys.readouterr().err
