"""The evidence that the ledger holds about the version that answered tonight."""

from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.ledger import Night, night_line, night_of_line
from pytest_modelpin.ledger.decision import Decision, accepted_since
from pytest_modelpin.ledger.nights import earlier_nights, streak

WHOLE = {"a": (5, 5, 1, 1)}


def night(day, colour="green", served="v2", **more):
    given = {"cases": WHOLE, "usable": True} | more
    return Night(f"2026-11-{day:02}", "m", "v1", "alias", served, "f", colour, **given)


def test_inconclusive_nights_are_evidence_and_count_for_no_streak():
    found = earlier_nights([night(1), night(2, "inconclusive"), night(3)], night(4))
    assert (len(found.nights), found.greens, found.reds) == (3, 2, 0)


def test_a_night_from_which_nothing_follows_is_none():
    assert earlier_nights([night(1, "inconclusive", usable=False)], night(4)).nights == ()


def test_a_red_starts_over_and_its_cases_are_asked_again():
    found = earlier_nights([night(1), night(2, "red", open=("a",))], night(3))
    assert (found.nights, found.greens, found.reds, found.open) == ((), 0, 1, ("a",))


DIED = {"a": (5, 5, 0, 3), "b": (5, 5, 0, 3), "c": (5, 5, 3, 3)}


def accepted(*cases, at="2026-11-01T09:00:00+00:00", version="v2"):
    return Decision("m", version, "accepted", "wanted", at, cases=cases)


@pytest.mark.parametrize(("cases", "left"), [(("a",), ("b",)), ((), ())])
def test_what_a_person_accepted_is_neither_asked_again_nor_held_against_later_nights(cases, left):
    past = night(
        1, "inconclusive", cases=DIED, open=("a", "b"), fresh={"a": (8, 8, 0, 8)},
        at="2026-11-01T03:00:00.000+00:00",
    )  # fmt: skip
    found = earlier_nights([past], night(2), partial(accepted_since, [accepted(*cases)]))
    assert found.open == left
    assert set(found.nights[0]) == {*left, "c"}
    assert found.fresh == ({},)
    assert earlier_nights([past], night(2)).open == ("a", "b")


@pytest.mark.parametrize(
    "decision",
    [
        accepted("a", at="2026-10-31T09:00:00+00:00"),
        accepted("a", version="v1"),
        Decision("m", "v2", "no", "closed #1 unmerged", "2026-11-01T09:00:00+00:00"),
    ],
)
def test_what_was_accepted_before_a_night_or_of_another_version_settles_nothing(decision):
    past = night(1, "red", cases=DIED, open=("a", "b"), at="2026-11-01T03:00:00+00:00")
    assert earlier_nights([past], night(2), partial(accepted_since, [decision])).open == ("a", "b")


def test_another_version_or_an_earlier_run_of_the_day_is_not_evidence():
    found = earlier_nights([night(1, served="v0"), night(2), night(3)], night(3))
    assert len(found.nights) == 1


def test_live_counts_of_the_pin_replace_those_of_its_recording():
    live = night(2, cases={"a": (2, 3, 3, 3)}, live=("a",))
    found = earlier_nights([night(1), live], night(3))
    assert found.nights[0]["a"] == (2, 3, 1, 1)


def test_a_line_keeps_what_the_next_night_needs():
    kept = night(1, fresh={"a": (8, 8, 0, 8)}, live=("a",), open=("a",), held=("b",))
    assert night_of_line(night_line(kept), "line 1") == kept


def test_a_part_of_the_suite_that_was_played_by_hand_takes_no_evidence_away():
    """The streak went on, and the nights before it were no evidence any more."""
    part = night(2, "inconclusive", cases={}, usable=False)
    past = [night(1), replace(part, fingerprint="of a part")]
    assert earlier_nights(past, night(3)).greens == 1
    assert earlier_nights([night(1), replace(night(2), fingerprint="g")], night(3)).greens == 0


@pytest.mark.parametrize(
    "between",
    [
        [night(4, "red", at="03"), night(4, "inconclusive", at="04", usable=False)],
        [replace(night(4), pin="v0")],
    ],
    ids=["a red that an outage followed on its day", "another pin in between"],
)
def test_no_green_from_before_what_ended_the_streak_counts(between):
    """A bump was due on the first night after it: "4 nights green in a row"."""
    found = earlier_nights([night(1), night(2), night(3), *between], night(5))
    assert (found.nights, found.greens) == ((), 0)


nights_of_one_model = st.lists(
    st.builds(
        lambda day, at, colour, served, pin, fingerprint: replace(
            night(day, colour, served), at=f"{at:02}", pin=pin, fingerprint=fingerprint
        ),
        st.integers(1, 8),
        st.integers(0, 23),
        st.sampled_from(["green", "green", "red", "inconclusive"]),
        st.sampled_from(["v2", "v2", "v3", None]),
        st.sampled_from(["v1", "v1", "v0"]),
        st.sampled_from(["f", "f", "g"]),
    ),
    max_size=12,
)


@given(nights_of_one_model)
def test_the_evidence_has_as_many_greens_as_the_streak(past):
    tonight = night(9, at="01")
    greens = earlier_nights(past, tonight).greens
    assert greens + 1 == streak([*past, tonight]).length
