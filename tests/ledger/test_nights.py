import pytest

from pytest_modelpin.errors import LedgerError
from pytest_modelpin.ledger import nights as nights_module
from pytest_modelpin.ledger.night import from_line, to_line
from pytest_modelpin.ledger.nights import Nights
from pytest_modelpin.ledger.streak import streak


def content(*nights, tail=b""):
    return "".join(f"{to_line(night)}\n" for night in nights).encode() + tail


def test_nights_come_in_order_of_day_and_instant(night):
    morning, evening = night("2026-11-20", at="1"), night("2026-11-20", at="2")
    before = night("2026-11-19", at="3")
    assert Nights(content(evening, before, morning)) == (before, morning, evening)


def test_a_line_whose_keys_come_in_another_order_is_sorted_by_its_day_too(night):
    early, late = night("2026-11-18"), night("2026-11-20")
    by_hand = to_line(early).replace('"day":"2026-11-18",', "")
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
    days = [
        f"{year}-{day // 31 + 1:02}-{day % 31 + 1:02}"
        for year in range(2021, 2026)
        for day in range(365)
    ]
    return content(*(night(day, **more) for day in days))


def test_of_five_years_only_the_nights_of_the_streak_are_decoded(night, monkeypatch):
    written = five_years(night, colour="red") + content(
        *(night(f"2026-01-{day:02}") for day in range(1, 8))
    )
    decoded = []

    def counted(text, where):
        decoded.append(where)
        return from_line(text, where)

    monkeypatch.setattr(nights_module, "from_line", counted)
    assert streak(Nights(written)).length == 7
    assert len(decoded) == 8


def test_reading_grows_with_the_number_of_nights(night, growth):
    year = five_years(night, cases={f"case {n}": (3, 3, 3, 3) for n in range(40)})
    by_line = year.splitlines(keepends=True)
    assert growth(lambda nights: streak(Nights(b"".join(by_line[:nights]))), 200, 1800) < 3
