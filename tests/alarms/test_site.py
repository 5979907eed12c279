from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest
from chromium import violations

from pytest_modelpin.alarms.site import VersionRow, badge, ical, site
from pytest_modelpin.alarms.status import Status
from pytest_modelpin.gate.verdict import Colour
from pytest_modelpin.ledger import Night

pytestmark = [pytest.mark.long, pytest.mark.slow]

HOSTILE = "<script>alert(1)</script>\u202e\x1b"


def row(day: int, colour: Colour = "green", **more: Any) -> Night:
    return Night(
        f"2026-11-{day:02}", "claude", "claude-a", "claude-b", "claude-b-1", "", colour,
        cases=dict.fromkeys(map(str, range(12)), (1, 1, 1, 1)), estimate=0.0, lower_bound=-0.05,
        cost_usd=0.5, run_url="https://x.y/z", **more,
    )  # fmt: skip


def status(name: str = "claude", pin: str = "claude-a", **more: Any) -> Status:
    known: dict[str, Any] = dict.fromkeys(Status.__dataclass_fields__)
    known |= {"kind": "pinned", "streak": 0, "needed": 3, "reasons": ()}
    return Status(**{**known, "name": name, "pin": pin, **more})


def made_of(*rows: Status, nights: Sequence[Night] = (), **more: Any) -> Mapping[str, str]:
    """The site, every model of which has these nights."""
    every = dict.fromkeys((row.name for row in rows), nights)
    return site(rows, every, more.get("versions", {}), 0.1, more.get("made", "2026-11-27"))


def test_there_is_an_overview_a_page_each_and_a_badge_each() -> None:
    made = made_of(status(), status("gpt", "gpt-a"))
    assert set(made) == {"index.html", "claude.html", "claude.svg", "gpt.html", "gpt.svg"}
    assert '<a href="gpt.html">gpt</a>' in made["index.html"]
    assert "No night yet." in made["claude.html"]


def test_a_page_tells_every_night_the_newest_first_with_its_reasons() -> None:
    nights = (row(1), row(2, "red", reasons=("test_a is worse",), drifted={"number": 2}))
    page = made_of(status(verdict="red"), nights=nights)["claude.html"]
    assert page.index("2026-11-02</a>") < page.index("2026-11-01</a>")
    assert "test_a is worse" in page
    assert "number 2" in page
    assert page.count('<li title="2026-11-02: red"><a href="https://x.y/z">') == 1
    assert "&lt;ol" not in page


def test_a_candidate_that_is_the_pin_has_no_streak() -> None:
    model = status(candidate="claude", served="claude-a", verdict="green")
    made = made_of(model, nights=[row(1)])
    assert "0 of 3" not in "".join(made.values())
    assert "there is nothing newer to move to. No retirement date" in made["claude.html"]
    assert "claude-a, nothing newer" in made["claude.svg"]


def test_what_comes_from_elsewhere_is_text() -> None:
    nights = [row(1, reasons=(HOSTILE,), drifted={HOSTILE: 1})]
    made = made_of(status(HOSTILE, HOSTILE), nights=nights, made=HOSTILE)
    for name, text in made.items():
        assert "/" not in name
        assert "<script" not in text
        assert "\u202e" not in text
        assert "\x1b" not in text


@pytest.mark.parametrize("colour", ["green", "red", "inconclusive", None])
def test_a_badge_is_a_picture_that_says_it_in_words_too(colour: str | None) -> None:
    picture = ElementTree.fromstring(badge("claude", "claude-a & more, 2 of 3 green", colour))
    assert picture.attrib["aria-label"] == "claude: claude-a & more, 2 of 3 green"
    assert int(picture.attrib["width"]) > 200


def test_the_site_opens_in_a_browser_and_fits_a_phone(open_page) -> None:
    nights = tuple(row(day, "green" if day % 7 else "red") for day in range(1, 29))
    made = made_of(status(verdict="green"), nights=nights)
    for name in ("index.html", "claude.html"):
        page = open_page(made[name], viewport={"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_nothing_keeps_anybody_from_reading_the_site(open_page, axe) -> None:
    nights = tuple(row(day, "green" if day % 7 else "red") for day in range(1, 29))
    made = made_of(status(verdict="green"), nights=nights)
    for name in ("index.html", "claude.html"):
        assert violations(open_page(made[name]), axe) == []


def test_what_keeps_people_from_reading_is_found(open_page, axe) -> None:
    found = violations(open_page("<!doctype html><html><body><img src='data:,'></body>"), axe)
    assert any("image-alt" in line for line in found)


def test_no_table_of_the_site_is_cut_off_on_a_small_desk(open_page) -> None:
    nights = (
        row(2, "red", reasons=("tests/a.py::test_a is worse " * 9,), drifted={"number" * 9: 2}),
    )
    model = status(
        "claude",
        "claude-sonnet-4-5-20250929",
        candidate="claude-sonnet-4-5",
        served="claude-sonnet-4-5-20251101",
        verdict="red",
    )
    pinned = VersionRow("claude-sonnet-4-5-20250929", "2026-11-01", by="You in 5293f61a56")
    made = made_of(model, nights=nights, versions={"claude": [pinned]})
    for name in ("index.html", "claude.html"):
        page = open_page(made[name], viewport={"width": 1000, "height": 900})
        cut = "[...document.querySelectorAll('.scrolls')].some(e => e.scrollWidth > e.clientWidth)"
        assert page.evaluate(cut) is False


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
