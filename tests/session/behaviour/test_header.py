"""The header of a run: what is urgent about the pins, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest

from pytest_modelpin.files import MOVE_JOURNAL
from pytest_modelpin.upgrade.bump.journal import JournalledMove, journalled, one_move_at_a_time

PIN, ALIAS, OTHER = "gpt-4o-2024-08-06", "gpt-4o", "gpt-4o-2024-11-20"
TESTS = "def test_nothing(): pass"


def in_days(number: int) -> str:
    return str(datetime.now(UTC).date() + timedelta(number))


@pytest.fixture
def alarms(project):
    """The alarm lines of a run with that models.yml."""

    def run(*lines: str, production: str = PIN) -> list[str]:
        fields = [f"production: {production}", *lines]
        models = "".join(f"    {field}\n" for field in fields)
        (project.folder / "models.yml").write_text(f"models:\n  support:\n{models}")
        project.write("tests/test_support.py", TESTS)
        result = project.run()
        result.assert_outcomes(passed=1)
        return [line for line in result.outlines if line.startswith("alarm: ")]

    return run


def test_a_pin_that_is_fine_is_no_news(alarms):
    assert alarms(f"retires: {in_days(400)}") == []


def test_a_retirement_that_is_months_away_is_left_to_check(alarms):
    assert alarms(f"retires: {in_days(60)}") == []


def test_a_pin_that_retires_soon(alarms):
    day = in_days(10)
    assert alarms(f"retires: {day}") == [
        f"alarm: support: the pin {PIN} retires in 10 days, on {day}"
    ]


def test_a_pin_that_has_retired(alarms):
    day = in_days(-2)
    assert alarms(f"retires: {day}") == [
        f"alarm: support: the pin {PIN} retired 2 days ago, on {day}"
    ]


def test_a_floating_id_in_production(alarms):
    assert alarms(f"retires: {in_days(400)}", production=ALIAS) == [
        f"alarm: support: {ALIAS} is floating, what it answers can change any day"
    ]


def test_a_floating_id_that_is_meant_to_float(alarms):
    assert alarms(f"retires: {in_days(400)}", "policy: float", production=ALIAS) == []


def test_an_override_of_the_environment(alarms, monkeypatch):
    monkeypatch.setenv("MODELPIN_SUPPORT", OTHER)
    assert alarms(f"retires: {in_days(400)}") == [
        f"alarm: support: MODELPIN_SUPPORT overrides the pin {PIN} with {OTHER}"
    ]


def test_an_override_with_the_pin_itself_is_none(alarms, monkeypatch):
    monkeypatch.setenv("MODELPIN_SUPPORT", PIN)
    assert alarms(f"retires: {in_days(400)}") == []


def test_many_are_counted(project):
    models = "".join(
        f"  m{n}:\n    production: gpt-4o-2024-08-0{n}\n    retires: {in_days(1)}\n"
        for n in range(1, 6)
    )
    (project.folder / "models.yml").write_text(f"models:\n{models}")
    project.write("tests/test_support.py", TESTS)
    lines = [line for line in project.run().outlines if line.startswith("alarm: ")]
    assert len(lines) == 4
    assert lines[-1] == "alarm: and 2 more: run `pytest-modelpin check`"


@pytest.fixture
def moving(project):
    """A folder whose pin's move was killed half-way."""
    move = JournalledMove("rollback", "support", OTHER, PIN, before={}, written={})
    with journalled(project.folder, move):
        kept = (project.folder / MOVE_JOURNAL).read_bytes()
    (project.folder / MOVE_JOURNAL).write_bytes(kept)
    return project.folder


def test_a_move_that_was_broken_off(alarms, moving):
    """Tests failed over half of it, and nothing said why."""
    assert alarms(f"retires: {in_days(400)}") == [
        f"alarm: a move of support to {PIN} was broken off: until it is undone, tests may fail. "
        "Run `pytest-modelpin rollback support` again: it undoes, or finishes, that first."
    ]
    (moving / MOVE_JOURNAL).write_text("{")
    (alarm,) = alarms(f"retires: {in_days(400)}")
    assert "can't be read" in alarm


def test_a_move_that_is_under_way_is_none(alarms, moving):
    """It replays the suite itself."""
    with one_move_at_a_time(moving):
        assert alarms(f"retires: {in_days(400)}") == []
