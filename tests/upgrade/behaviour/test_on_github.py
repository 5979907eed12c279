"""What people read on GitHub, laid out as GitHub does it, on a phone and on a desk."""

from __future__ import annotations

from datetime import date

import golden
import pytest
from github_page import github_page, too_wide

from pytest_modelpin.alarms.alarm import Alarm
from pytest_modelpin.alarms.status import Status
from pytest_modelpin.forge.pulls_and_issues import Pull
from pytest_modelpin.report.markdown import comparison_markdown
from pytest_modelpin.upgrade.nightly.dashboard import Overview, render
from pytest_modelpin.upgrade.proposal import Marker, PinMove, mark
from pytest_modelpin.upgrade.proposal.body import body, title

pytestmark = pytest.mark.counterpart

RUN = "https://github.com/shop/support/actions/runs/1015"
PHONE = {"viewport": {"width": 390, "height": 844}}
DESK = {"viewport": {"width": 860, "height": 900}}
WORSE = (
    "worse than the pin, confirmed on fresh samples of both sides: "
    "tests/test_tickets.py::test_that_somebody_was_charged_twice_and_wants_it_back"
)


def status(name: str, pin: str, served: str | None, verdict: str | None) -> Status:
    return Status(
        name, pin, "pinned", None, f"{pin[:-9]}", served, date(2026, 11, 2), 2, 3, verdict,  # type: ignore[arg-type]
        date(2026, 11, 20), date(2026, 11, 30), 10, RUN, cost_usd=0.12, reasons=(WORSE,),
    )  # fmt: skip


def dashboard() -> str:
    rows = (
        status("claude", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5-20251101", "green"),
        status("support", "gpt-5.1-2025-11-13", "gpt-5.1-2026-01-14", "red"),
        status("extract", "anthropic.claude-sonnet-4-5-20250929-v1:0", None, "inconclusive"),
    )
    move = PinMove("claude", rows[0].pin, "claude-sonnet-4-5-20251101")
    pull = Pull(
        12, "https://github.com/acme/app/pull/12", "n", "t", mark(Marker((move,))), "main",
        "modelpin/claude", "s", "a", True, False, False, frozenset(),
    )  # fmt: skip
    alarm = Alarm("retiring", "urgent", "claude", "claude-sonnet-4-5-20250929 retires.", "Move on.")
    return render(
        Overview(rows, (alarm,), {"claude": pull}, changed={"claude": (WORSE.split()[-1],)},
                 previous={"claude": "claude-sonnet-4-20250514"}, day=date(2026, 11, 20))
    )  # fmt: skip


def pull_request() -> str:
    return body(golden.bump(), run_url=RUN, today=date(2026, 11, 15))


def summary() -> str:
    return comparison_markdown(golden.comparison(), golden.VERDICT)


@pytest.mark.long
@pytest.mark.parametrize("text", [dashboard, pull_request, summary])
@pytest.mark.parametrize("place", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_is_wider_than_its_place(open_page, text, place):
    page = open_page(github_page(text()), **place)
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    assert too_wide(page) == []


@pytest.mark.long
def test_on_a_phone_the_dashboard_shows_every_pins_verdict_at_once(open_page):
    page = open_page(github_page(dashboard()), **PHONE)
    for word in ("green", "red", "inconclusive", "#12"):
        box = page.locator("table >> nth=0").get_by_text(word).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390


@pytest.mark.long
@pytest.mark.parametrize("text", [dashboard, pull_request])
def test_on_a_desk_no_id_or_date_is_broken(open_page, text):
    page = open_page(github_page(text()), **DESK)
    broken = page.evaluate(
        "[...document.querySelectorAll('table code')]"
        ".filter((each) => each.getClientRects().length > 1).map((each) => each.innerText)"
    )
    assert broken == []


def test_on_a_phone_both_pins_of_a_move_are_whole(open_page):
    page = open_page(github_page(pull_request(), title(golden.bump())), **PHONE)
    for id in (golden.PIN, golden.NEXT):
        shown = page.locator("th code", has_text=id)
        assert shown.evaluate("each => each.getClientRects().length") == 1
