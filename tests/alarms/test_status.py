import json
from dataclasses import replace
from datetime import date

import pytest

from pytest_modelpin.alarms.alarm import alarms
from pytest_modelpin.alarms.pin_facts import PinFacts
from pytest_modelpin.alarms.status import answered_by_another, as_json, status
from pytest_modelpin.ledger import night_line, night_of_line
from pytest_modelpin.ledger import nights as nights_module
from pytest_modelpin.ledger.nights import Nights
from pytest_modelpin.providers import Retirement
from pytest_modelpin.recordings.recording_file import Recording, write_recording

TEXT = """\
models:
  a:
    production: gpt-4o-2024-11-20
    staging: gpt-4o
    last_validated: 2026-11-02
    retires: 2026-12-02
  b: {production: gpt-4o}
"""


def never(model, provider=None):
    return None


@pytest.fixture
def rows(pins_of, night, today):
    nights = [
        night("2026-11-17", "red"),
        night("2026-11-18"),
        night("2026-11-19", run_url="https://example.org/1"),
    ]
    return status(PinFacts(pins_of(TEXT), {"a": nights}, today, never))


def test_a_row_for_each_logical_model(rows):
    assert [row.name for row in rows] == ["a", "b"]


def test_the_row_of_a_model_with_nights(rows):
    row = rows[0]
    assert (row.pin, row.kind, row.candidate) == ("gpt-4o-2024-11-20", "pinned", "gpt-4o")
    assert (row.served, row.verdict, row.last_night) == (
        "gpt-4o-2025-01-01", "green", date(2026, 11, 19),
    )  # fmt: skip
    assert (row.streak, row.needed, row.dots()) == (2, 3, "●●○")
    assert row.last_validated == date(2026, 11, 2)
    assert (row.retires, row.retires_in_days) == (date(2026, 12, 2), 12)
    assert row.run_url == "https://example.org/1"


def test_the_row_of_a_model_without_any(rows):
    row = rows[1]
    assert (row.kind, row.candidate, row.served, row.verdict) == ("floating", None, None, None)
    assert (row.dots(), row.last_validated, row.retires_in_days) == ("", None, None)


def test_after_a_bump_there_is_no_streak_to_count(pins_of, night, today):
    last = night("2026-11-19", pin="gpt-4o-2024-08-06", served="gpt-4o-2024-11-20")
    found = status(PinFacts(pins_of(TEXT), {"a": [last]}, today, never))
    assert (found[0].at_pin, found[0].dots(), found[0].verdict) == (True, "at the pin", "green")
    assert not status(PinFacts(pins_of(TEXT), {"a": [night("2026-11-19")]}, today, never))[0].at_pin


def test_nights_of_an_earlier_pin_are_no_streak(pins_of, night, today):
    nights = [night("2026-11-19", pin="gpt-4o-2024-08-06")]
    assert status(PinFacts(pins_of(TEXT), {"a": nights}, today, never))[0].streak == 0


@pytest.mark.parametrize(
    ("day", "promised"), [(date(2027, 2, 4), date(2027, 2, 5)), (date(2027, 2, 5), None)]
)
def test_a_promise_is_told_until_its_day_has_come(pins_of, day, promised):
    pins = pins_of("models:\n  a: {production: claude-opus-4-6}\n")
    assert status(PinFacts(pins, {}, day, never))[0].not_before == promised


def test_an_override_is_visible(pins_of, today):
    row = status(PinFacts(pins_of(TEXT, {"MODELPIN_A": "gpt-4.1-2025-04-14"}), {}, today, never))[0]
    assert (row.pin, row.overridden) == ("gpt-4.1-2025-04-14", "gpt-4o-2024-11-20")


def test_json_has_days_as_text(rows):
    row = json.loads(json.dumps(as_json(rows)))[0]
    assert (row["retires"], row["streak"], row["last_night"]) == ("2026-12-02", 2, "2026-11-19")


def test_of_years_of_nights_only_the_newest_are_read(pins_of, night, today, monkeypatch):
    years = [
        night(f"{year}-{month:02}-{day:02}", "red")
        for year in range(2021, 2026)
        for month in range(1, 13)
        for day in range(1, 29)
    ]
    nights = [*years, night("2026-11-18"), night("2026-11-19")]
    ledger = Nights("".join(f"{night_line(each)}\n" for each in nights).encode())
    read = []

    def counted(text, where):
        read.append(where)
        return night_of_line(text, where)

    monkeypatch.setattr(nights_module, "night_of_line", counted)
    row = status(PinFacts(pins_of(TEXT), {"a": ledger}, today, never))[0]
    assert (row.streak, row.last_validated) == (2, date(2026, 11, 2))
    assert len(read) == 3


TWO_PINS = "models: {a: {production: org/x-1}, b: {production: y-1}}"


def record(root, folder, version, answered_by=None):
    path = root / "tests" / "__recordings__" / folder / "test_a" / "test_b.json"
    path.parent.mkdir(parents=True)
    recording = Recording("test_a::test_b", version, date(2026, 11, 1), (), answered_by)
    path.write_text(write_recording(recording))


def test_a_pin_that_another_version_answered(tmp_path, pins_of):
    record(tmp_path, "y-1", "y-1", answered_by="y-2")
    assert answered_by_another(pins_of(TWO_PINS), tmp_path) == {"b": "y-2"}


def test_a_pin_whose_name_is_unsafe_as_a_folder(tmp_path, pins_of):
    from pytest_modelpin.files import safe_name

    record(tmp_path, safe_name("org/x-1"), "org/x-1", answered_by="org/x-2")
    assert answered_by_another(pins_of(TWO_PINS), tmp_path) == {"a": "org/x-2"}


def test_a_pin_that_answered_itself(tmp_path, pins_of):
    record(tmp_path, "y-1", "y-1")
    assert answered_by_another(pins_of(TWO_PINS), tmp_path) == {}


def test_recordings_of_other_versions_do_not_matter(tmp_path, pins_of):
    record(tmp_path, "y-0", "y-0", answered_by="y-2")
    assert answered_by_another(pins_of(TWO_PINS), tmp_path) == {}


def test_a_torn_recording_says_nothing(tmp_path, pins_of):
    path = tmp_path / "__recordings__" / "y-1" / "test_a" / "test_b.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(b'{\n "schema": 1,\n "answ')
    assert answered_by_another(pins_of(TWO_PINS), tmp_path) == {}


AZURE = "models: {a: {production: gpt-4-0613, provider: azure}}"
RETIRES = date(2027, 3, 1)


def of_openai(model, provider=None):
    if model != "gpt-4-0613":
        return None
    return Retirement(
        model=model, provider="azure", retires=RETIRES, announced=None, replacement=None,
        alias=False, uncertain=False, note=None, sources=(),
    )  # fmt: skip


def test_a_deployment_named_like_the_version_it_serves_retires_with_it(tmp_path, pins_of, today):
    """A deployment's name is looked up by what it served; here both are one word."""
    pins = pins_of(AZURE)
    assert answered_by_another(pins, tmp_path) == {}  # nothing was recorded
    record(tmp_path, "gpt-4-0613", "gpt-4-0613")
    answered = answered_by_another(pins, tmp_path)
    facts = PinFacts(pins, {}, today, of_openai, answered)
    assert status(facts)[0].retires == RETIRES
    assert "answered-by-another" not in [alarm.kind for alarm in alarms(facts)]


def test_a_deployment_retires_with_the_version_that_served_it_at_night(pins_of, night, today):
    """`check` rang, and the table of `status` knew of no date."""
    pins = pins_of(AZURE.replace("gpt-4-0613", "prod"))
    last = night("2026-11-19", pin="prod", asked="prod", served="gpt-4-0613")
    facts = PinFacts(pins, {"a": [last]}, today, of_openai)
    assert status(facts)[0].retires == RETIRES
    close = replace(facts, today=date(2027, 2, 20))
    assert "retiring" in [alarm.kind for alarm in alarms(close)]


def test_a_candidate_that_is_a_deployment_retires_with_what_served_it(pins_of, night, today):
    pins = pins_of(AZURE.replace("gpt-4-0613", "prod, staging: next"))
    last = night("2026-11-19", pin="prod", asked="next", served="gpt-4-0613")
    assert status(PinFacts(pins, {"a": [last]}, today, of_openai))[0].served_retires == RETIRES
