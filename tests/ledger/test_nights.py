import dataclasses
import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.errors import LedgerError
from pytest_modelpin.ledger import Night, night_line, night_of_line
from pytest_modelpin.ledger import nights as nights_module
from pytest_modelpin.ledger.nights import Nights, streak, until


def content(*nights, tail=b""):
    return "".join(f"{night_line(night)}\n" for night in nights).encode() + tail


def test_nights_come_in_order_of_day_and_instant(night):
    morning, evening = night("2026-11-20", at="1"), night("2026-11-20", at="2")
    before = night("2026-11-19", at="3")
    assert Nights(content(evening, before, morning)) == (before, morning, evening)


def test_a_line_whose_keys_come_in_another_order_is_sorted_by_its_day_too(night):
    early, late = night("2026-11-18"), night("2026-11-20")
    by_hand = night_line(early).replace('"day":"2026-11-18",', "")
    by_hand = by_hand.removesuffix("}") + ',"day":"2026-11-18"}\n'
    assert Nights(content(late) + by_hand.encode()) == (early, late)


@pytest.mark.parametrize("tail", [b'{"day":"2026-11-21","at":"2026', b"\xff\xfe", b"{"])
def test_a_torn_last_line_is_passed_over(night, tail):
    assert Nights(content(night(), tail=tail)) == (night(),)


def test_a_last_line_that_lacks_only_its_line_break_counts(night):
    whole = content(night("2026-11-19"), night("2026-11-20"))
    assert len(Nights(whole.removesuffix(b"\n"))) == 2


def test_a_torn_line_in_the_middle_is_an_error_that_names_it(night):
    nights = Nights(b'{"day":"2026-1\n' + content(night()), "claude.jsonl")
    with pytest.raises(LedgerError, match=r"claude\.jsonl, line 1,"):
        list(nights)


def test_content_that_is_not_text_is_an_error(night):
    with pytest.raises(LedgerError, match=r"claude\.jsonl is not UTF-8"):
        Nights(b"\xff\n" + content(night()), "claude.jsonl")


def test_slices_and_negative_indices_work_as_on_a_tuple(night):
    days = [f"2026-11-{day:02}" for day in range(1, 6)]
    nights = Nights(content(*map(night, days)))
    assert [night.day for night in nights[-2:]] == days[-2:]
    assert nights[-1].day == days[-1]


def five_years(night, **more):
    days = (date(2021, 1, 1) + timedelta(number) for number in range(5 * 365))
    return content(*(night(str(day), **more) for day in days))


def test_of_five_years_only_the_nights_of_the_streak_are_decoded(night, monkeypatch):
    written = five_years(night, colour="red") + content(
        *(night(f"2026-01-{day:02}") for day in range(1, 8))
    )
    decoded = []

    def counted(text, where):
        decoded.append(where)
        return night_of_line(text, where)

    monkeypatch.setattr(nights_module, "night_of_line", counted)
    assert streak(Nights(written)).length == 7
    assert len(decoded) == 8


def test_reading_grows_with_the_number_of_nights(night, growth):
    year = five_years(night, cases={f"case {n}": (3, 3, 3, 3) for n in range(40)})
    by_line = year.splitlines(keepends=True)
    assert growth(lambda nights: streak(Nights(b"".join(by_line[:nights]))), 200, 1800) < 3


def days(colours, night, **fields):
    start = date(2026, 11, 1)
    return [night(str(start + timedelta(n)), colour, **fields) for n, colour in enumerate(colours)]


COLOURS = {"g": "green", "r": "red", "i": "inconclusive"}


@pytest.mark.parametrize(
    ("nights", "length"),
    [("", 0), ("g", 1), ("ggg", 3), ("ggr", 0), ("rg", 1), ("gigig", 3), ("ii", 0), ("grigg", 2)],
)
def test_reds_end_a_streak_and_inconclusive_nights_neither_count_nor_end_it(night, nights, length):
    assert streak(days([COLOURS[letter] for letter in nights], night)).length == length


def test_a_second_run_on_one_day_does_not_count_twice(night):
    runs = [night(at=str(n)) for n in range(3)]
    assert streak(runs).length == 1


@pytest.mark.parametrize(("first", "then", "length"), [("red", "green", 1), ("green", "red", 0)])
def test_the_later_run_of_a_day_replaces_the_earlier(night, first, then, length):
    assert streak([night(colour=then, at="2"), night(colour=first, at="1")]).length == length


def test_an_outage_on_the_same_day_takes_no_red_back(night):
    runs = [night("2026-11-19"), night(colour="red", at="1"), night(colour="inconclusive", at="2")]
    assert streak(runs).length == 0


def test_an_inconclusive_rerun_takes_the_days_green_away(night):
    nights = [night("2026-11-19"), night(at="1"), night(colour="inconclusive", at="2")]
    assert [green.day for green in streak(nights).nights] == ["2026-11-19"]


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("served", "answered instead of"),
        ("pin", "the pin was"),
        ("fingerprint", "prompts, tests or judge had changed on"),
    ],
)
def test_another_version_pin_or_suite_starts_over_and_says_so(night, field, sentence):
    found = streak([night("2026-11-18"), night("2026-11-19", **{field: "other"})])
    assert found.length == 1
    assert sentence in found.ended_by


def test_the_greens_of_another_pin_are_none_of_an_outage_s_night(night):
    greens = [night(f"2026-11-1{n}", pin="gpt-a") for n in range(3)]
    down = night("2026-11-13", colour="inconclusive", served=None, pin="gpt-b")
    ended = streak([*greens, down])
    assert ended.length == 0
    assert ended.ended_by == "on 2026-11-13 the pin was gpt-b instead of gpt-a"


def test_the_way_back_to_an_earlier_version_starts_over_too(night):
    served = ["a", "a", "b", "a"]
    nights = [night(f"2026-11-{n:02}", served=version) for n, version in enumerate(served, 1)]
    assert streak(nights).length == 1


def test_a_red_says_when(night):
    found = streak([night("2026-11-18", "red", reasons=("Two cases broke.", "More."))])
    assert found.ended_by == "the night of 2026-11-18 was red"


def test_a_green_of_an_unknown_version_does_not_count(night):
    assert streak([night("2026-11-18"), night("2026-11-19", served=None)]).length == 1


def test_a_streak_that_nothing_ended_says_nothing(night):
    assert streak(days(["green"] * 2, night)).ended_by is None


def test_the_streak_names_what_it_is_of(night):
    found = streak([night("2026-11-18"), night("2026-11-19")])
    assert (found.name, found.served, found.fingerprint) == (
        "claude",
        "claude-sonnet-4-5-20251101",
        "f1",
    )


nights_of_one_model = st.lists(
    st.builds(
        lambda day, at, colour, served, pin, fingerprint: Night(
            day=f"2026-11-{day:02}",
            name="claude",
            pin=pin,
            asked="alias",
            served=served,
            fingerprint=fingerprint,
            colour=colour,
            at=f"2026-11-{day:02}T{at:02}",
        ),
        st.integers(1, 12),
        st.integers(0, 23),
        st.sampled_from(["green", "green", "red", "inconclusive"]),
        st.sampled_from(["v1", "v1", "v2", None]),
        st.sampled_from(["pin", "pin", "new pin"]),
        st.sampled_from(["f1", "f1", "f2"]),
    ),
    max_size=20,
    unique_by=lambda night: night.at,
)


@given(nights_of_one_model, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_is_of_no_account(nights, shuffle: random.Random):
    mixed = list(nights)
    shuffle.shuffle(mixed)
    assert streak(mixed).nights == streak(nights).nights


@given(nights_of_one_model)
def test_a_streak_is_greens_of_one_kind_on_distinct_days_oldest_first(nights):
    counted = streak(nights).nights
    assert all(night.colour == "green" for night in counted)
    assert len({(night.served, night.pin, night.fingerprint) for night in counted}) <= 1
    assert [night.day for night in counted] == sorted({night.day for night in counted})


@given(nights_of_one_model)
def test_one_more_red_day_always_leaves_nothing(nights):
    red = Night("2026-11-30", "claude", "pin", "alias", "v1", "f1", "red")
    assert streak([*nights, red]).length == 0


@given(nights_of_one_model)
def test_one_more_green_day_of_the_same_kind_adds_exactly_one(nights):
    before = streak(nights)
    if before.nights:
        last = before.nights[-1]
        one_more = dataclasses.replace(last, day="2026-11-30")
        assert streak([*nights, one_more]).length == before.length + 1


def test_nights_of_later_days_than_today_are_left_out(night):
    days = ["2026-11-19", "2026-11-20", "2026-11-21", "2099-01-01"]
    all_of_them = [night(day, at=at) for day in days for at in ("1", "2")]
    assert until(Nights(content(*all_of_them)), "2026-11-20") == tuple(all_of_them[:4])
    assert until(all_of_them, "2026-11-20") == tuple(all_of_them[:4])
    assert until(Nights(), "2026-11-20") == ()


@pytest.mark.parametrize(
    ("between", "length", "ended_by"),
    [
        ("v-between", 1, "on 2026-11-20 claude-sonnet-4-5-20251101 answered instead of v-between"),
        (None, 3, None),
    ],
)
def test_a_version_that_came_back_starts_over_whatever_the_night_between_was(
    night, between, length, ended_by
):
    """Its evidence did, so that three of three nights were green and two more had to be."""
    between = night("2026-11-19", "inconclusive", served=between)
    found = streak([night("2026-11-17"), night("2026-11-18"), between, night("2026-11-20")])
    assert (found.length, found.ended_by) == (length, ended_by)


def test_another_version_that_nothing_follows_for_yet_has_no_streak(night):
    other = night("2026-11-19", "inconclusive", served="v-next")
    found = streak([night("2026-11-17"), night("2026-11-18"), other])
    assert (found.length, found.served) == (0, "v-next")
    assert found.ended_by == "on 2026-11-19 v-next answered instead of claude-sonnet-4-5-20251101"
    again = night("2026-11-20", "inconclusive", served="v-next")
    assert streak([night("2026-11-18"), other, again]).length == 0


@pytest.mark.parametrize(
    ("length", "told"), [(2, "2 of 3 green nights"), (4, "4 green nights, 3 wanted")]
)
def test_a_streak_is_never_longer_than_what_it_is_a_part_of(night, length, told):
    days = [night(f"2026-11-{20 + day}") for day in range(length)]
    assert streak(days).told(3) == told
