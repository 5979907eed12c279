"""Moving a pin by hand, and back."""

import signal

import pytest

from pytest_modelpin import demo

PARAMETRISED = f"""
import pytest
from support import answer

@pytest.mark.parametrize("model", ["{demo.PIN}"])
def test_each(model, model_snapshot):
    assert answer("Where is my parcel?") == model_snapshot
"""

KILLER = """
import os, pathlib, signal

def test_late():
    mark = pathlib.Path(os.environ.get("KILL_AT", "/nonexistent"))
    if mark.exists() and f"production: {mark.read_text()}" in open("models.yml").read():
        mark.unlink()
        os.kill(os.getppid(), signal.SIGKILL)
"""
"""A test that kills the command that runs it, once models.yml has the pin that the mark names."""


def content(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not {".git", ".pytest_modelpin", "__pycache__"} & set(path.parts)
    }


@pytest.mark.long
def test_a_pin_moves_with_its_answers_and_recordings_and_comes_back(team):
    before = content(team.folder)
    recorded = team.pytest(f"--model={demo.NEXT}")
    assert recorded.returncode == 0, recorded.stdout
    team.server.close()

    moved = team.modelpin("promote", "support", "--to", demo.NEXT)
    assert moved.returncode == 0, moved.stderr
    assert "support.py:" in moved.stdout
    assert team.pytest().returncode == 0
    team.git("add", "--all")
    team.git("commit", "--quiet", "-m", "Moved")

    back = team.modelpin("rollback", "support")
    assert back.returncode == 0, back.stderr
    assert team.pytest().returncode == 0
    after = content(team.folder)
    assert f"ignore: [{demo.NEXT}]" in after.pop("models.yml").decode()
    del before["models.yml"]
    assert after == before


@pytest.mark.long
def test_a_test_whose_parameter_names_the_pin_moves_with_it_and_comes_back(team):
    """After the move it is another test to pytest: in instructor's suite no pin could move."""
    suite = team.folder / "tests" / "test_each.py"
    suite.write_text(PARAMETRISED)
    team.git("add", "--all")
    team.pytest("--snapshot-update", "--model-record=new", "--model=production", str(suite))
    team.git("add", "--all")
    team.git("commit", "--quiet", "-m", "By parameter")
    before = content(team.folder)
    assert any(f"test_each[{demo.PIN}]" in path for path in before)
    assert team.pytest(f"--model={demo.NEXT}").returncode == 0
    team.server.close()

    moved = team.modelpin("promote", "support", "--to", demo.NEXT)
    assert moved.returncode == 0, moved.stderr
    after = content(team.folder)
    assert any(f"test_each[{demo.NEXT}]" in path for path in after)
    assert not any(f"test_each[{demo.PIN}]" in path for path in after)
    assert f"test_each[{demo.NEXT}]" in after["tests/__snapshots__/test_each.answers"].decode()
    team.git("add", "--all")
    team.git("commit", "--quiet", "-m", "Moved")

    back = team.modelpin("rollback", "support")
    assert back.returncode == 0, back.stderr
    came = content(team.folder)
    del before["models.yml"], came["models.yml"]
    assert came == before


@pytest.fixture
def killing(team, tmp_path):
    """Runs a command that is killed while plain pytest checks the move."""
    (team.folder / "tests" / "test_late.py").write_text(KILLER)
    team.git("add", "--all")
    team.git("commit", "--quiet", "-m", "A killer")

    def run(pin, *arguments):
        mark = tmp_path / "mark"
        mark.write_text(pin)
        done = team.modelpin(*arguments, KILL_AT=str(mark))
        assert done.returncode == -signal.SIGKILL
        assert not mark.exists()

    return run


@pytest.mark.long
def test_a_promote_that_was_killed_is_made_by_the_next_one(team, killing):
    team.pytest(f"--model={demo.NEXT}")
    killing(demo.NEXT, "promote", "support", "--to", demo.NEXT)
    again = team.modelpin("promote", "support", "--to", demo.NEXT)
    assert again.returncode == 0, again.stderr
    assert "broken off was undone first" in again.stdout
    text = (team.folder / "models.yml").read_text()
    assert f"production: {demo.NEXT}" in text
    assert f"previous: {demo.PIN}" in text
    assert team.pytest().returncode == 0


@pytest.mark.long
def test_a_rollback_that_was_killed_ends_on_the_good_version(team, killing):
    team.pytest(f"--model={demo.NEXT}")
    assert team.modelpin("promote", "support", "--to", demo.NEXT).returncode == 0
    team.git("add", "--all")
    team.git("commit", "--quiet", "-m", "Moved")
    killing(demo.PIN, "rollback", "support")
    again = team.modelpin("rollback", "support")
    assert again.returncode == 0, again.stderr
    text = (team.folder / "models.yml").read_text()
    assert f"production: {demo.PIN}" in text
    assert f"ignore: [{demo.NEXT}]" in text
    assert "previous" not in text
    assert team.pytest().returncode == 0


@pytest.mark.long
def test_a_night_puts_right_what_a_killed_move_left(team, killing):
    team.pytest(f"--model={demo.NEXT}")
    killing(demo.NEXT, "promote", "support", "--to", demo.NEXT)
    night = team.nightly("2026-11-17")
    assert "broken off was undone" in night.stderr
    assert team.nights()[-1]["pin"] == demo.PIN
    assert f"production: {demo.PIN}" in (team.folder / "models.yml").read_text()


@pytest.mark.long
def test_a_rollback_killed_in_its_second_working_tree_leaves_none_for_the_next(team, killing):
    team.pytest(f"--model={demo.NEXT}")
    team.modelpin("promote", "support", "--to", demo.NEXT)
    team.git("add", "--all")
    team.git("commit", "--quiet", "-m", "Moved")
    killing(demo.PIN, "rollback", "support", "--pr")
    assert team.git("worktree", "list").count("\n") == 2
    assert team.modelpin("rollback", "support", "--pr").returncode == 0
    assert team.git("worktree", "list").count("\n") == 1


@pytest.mark.long
def test_promote_and_diff_know_what_the_nights_of_a_ledger_saw(
    team_after_one_night,
):
    team = team_after_one_night
    assert "No night of support is known here" in team.modelpin("promote", "support").stderr
    looked = team.modelpin("diff", "support", "--ledger=ledger")
    assert looked.returncode == 0, looked.stderr
    assert "test_refund" in looked.stdout
    team.server.close()
    moved = team.modelpin("promote", "support", "--ledger=ledger")
    assert moved.returncode == 0, moved.stderr
    assert f"{demo.PIN} -> {demo.NEXT}" in moved.stdout
    assert team.pytest().returncode == 0


@pytest.mark.long
def test_a_version_that_is_not_recorded_is_refused_with_what_to_run(team):
    moved = team.modelpin("promote", "support", "--to", demo.NEXT)
    assert moved.returncode == 2
    assert f"pytest --model support={demo.NEXT}" in moved.stderr
    assert team.git("status", "--porcelain") == ""


def test_where_pytest_finds_no_tests_nothing_is_shown_and_it_says_so(team):
    (team.folder / "empty").mkdir()
    before = content(team.folder)
    moved = team.modelpin("promote", "support", "--to", demo.NEXT, "--tests", "empty")
    assert moved.returncode == 2
    said = " ".join(moved.stderr.split())
    assert f"Nothing shows that support works on {demo.NEXT}: pytest found no tests" in said
    assert "name the folder of those there are with `--tests`" in said
    assert "does not pass" not in said
    assert content(team.folder) == before


@pytest.mark.long
def test_a_move_that_fails_leaves_everything_as_it_was(team):
    team.pytest(f"--model={demo.NEXT}")
    team.git("rm", "--quiet", "-r", "--cached", "tests/__recordings__")  # git can't bring it back
    (team.folder / "tests" / "test_late.py").write_text(
        f"def test_late():\n    assert 'production: {demo.PIN}' in open('models.yml').read()\n"
    )
    before = content(team.folder)
    moved = team.modelpin("promote", "support", "--to", demo.NEXT)
    assert moved.returncode == 2
    assert "everything is as it was before" in moved.stderr
    assert content(team.folder) == before


def test_an_alias_is_no_pin(team):
    moved = team.modelpin("promote", "support", "--to", demo.ALIAS)
    assert moved.returncode == 2
    assert "floating alias" in moved.stderr
    assert f"`pytest-modelpin resolve {demo.ALIAS} --live`" in moved.stderr  # not the pin's


def test_the_pin_itself_is_nothing_to_promote(team):
    moved = team.modelpin("promote", "support", "--to", demo.PIN)
    assert moved.returncode == 2
    assert "nothing to promote" in moved.stderr


def test_without_a_version_before_there_is_nothing_to_roll_back_to(team):
    back = team.modelpin("rollback", "support")
    assert back.returncode == 2
    assert "names no `previous:`" in back.stderr


def test_env_prints_what_is_in_force(team):
    said = team.modelpin("env", "--model=candidate")
    assert said.stdout == f"MODELPIN_SUPPORT={demo.ALIAS}\n"


@pytest.mark.long
def test_diff_says_how_two_recorded_versions_differ(team):
    team.server.roll(demo.ALIAS, demo.CARELESS)
    team.pytest("--model=candidate")
    team.server.close()
    said = team.modelpin("diff", "support")
    assert said.returncode == 1
    assert "number" in said.stdout
    assert "$420" in said.stdout


@pytest.mark.long
def test_diff_says_what_it_compares_whether_a_person_or_a_night_heard_it(
    team_after_one_night,
):
    team = team_after_one_night
    by_night = team.modelpin("diff", "support")
    assert by_night.returncode == 0, by_night.stderr
    assert by_night.stdout.startswith(
        f"support: {demo.PIN} -> {demo.ALIAS} (served by {demo.NEXT}), "
        "as the night of 2026-11-17 heard it\n"
    )
    team.server.roll(demo.ALIAS, demo.CARELESS)
    team.pytest("--model=candidate")
    by_hand = team.modelpin("diff", "support").stdout
    assert f"(served by {demo.CARELESS}), as recorded\n" in by_hand
    assert "the night of 2026-11-17 has its own page" in by_hand


@pytest.mark.long
def test_diff_finds_a_served_version_that_was_tried_by_hand_alone(team):
    team.pytest("--model=candidate")
    team.server.close()
    said = team.modelpin("diff", "support", demo.NEXT)
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith(f"support: {demo.PIN} -> {demo.NEXT}, as recorded\n")


def test_resolve_asks_who_serves(team):
    said = team.modelpin("resolve")
    assert said.returncode == 0, said.stderr
    assert said.stdout == f"{demo.ALIAS}  served by  {demo.NEXT}\n"


def test_resolve_without_a_key_says_which_one(team):
    said = team.modelpin("resolve", OPENAI_API_KEY="")
    assert said.returncode == 2
    assert "set OPENAI_API_KEY" in said.stderr


@pytest.mark.long
def test_a_version_without_recordings_is_no_comparison(team):
    looked = team.modelpin("diff", "support", demo.NEXT)
    assert looked.returncode == 2
    assert f"pytest --model support={demo.NEXT}" in looked.stderr


@pytest.mark.long
def test_what_was_tried_by_hand_is_reviewed_without_any_night(team):
    team.server.roll(demo.ALIAS, demo.CARELESS)
    team.pytest("--model=candidate")
    team.server.close()
    shown = team.modelpin("review", "--ledger=ledger")
    source = f"what was tried by hand of {demo.CARELESS}: 4 changed answers"
    assert source in " ".join(shown.stdout.split()), shown.stderr
    assert "Sure! Here is the ticket:" in shown.stdout
    taken = team.modelpin("review", "support", "--ledger=ledger", "--accept-all=number").stdout
    count = int(taken.split()[0])
    assert f"{count} of 4 changed answers accepted" in taken
    assert count > 0
    again = team.modelpin("review", "--ledger=ledger").stdout
    assert f": {4 - count} changed answer" in " ".join(again.split())
