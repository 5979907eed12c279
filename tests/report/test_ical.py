from __future__ import annotations

from datetime import date

from pytest_modelpin.report.site import ical


def test_each_retirement_is_an_all_day_event() -> None:
    made = ical([("claude", "claude-a, b;c", date(2026, 12, 31))], date(2026, 11, 27))
    assert made.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert "DTSTART;VALUE=DATE:20261231\r\nDTEND;VALUE=DATE:20270101\r\n" in made
    assert "SUMMARY:claude-a\\, b\\;c retires (claude)\r\n" in made
    assert made.endswith("END:VEVENT\r\nEND:VCALENDAR\r\n")


def test_long_lines_are_folded_at_75_octets_and_read_back() -> None:
    name = "ä" * 100
    made = ical([(name, "m", date(2026, 1, 1))], date(2026, 1, 1))
    assert all(len(line.encode()) <= 75 for line in made.split("\r\n"))
    assert name in made.replace("\r\n ", "")


def test_an_event_keeps_its_identity_when_the_calendar_is_made_again() -> None:
    one, two = (ical([("n", "m", date(2026, 1, 1))], date(2026, 1, day)) for day in (1, 2))
    uid = [line for line in one.splitlines() if line.startswith("UID")]
    assert uid == [line for line in two.splitlines() if line.startswith("UID")]
