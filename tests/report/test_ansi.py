"""Lines laid out for a terminal, and their colours."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.compare.comparison import CaseComparison, Comparison, Side
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.report.ansi import PLAIN, Palette, fitted, painted, shown_width, table, wrapped
from pytest_modelpin.report.comparison_text import figures, findings
from pytest_modelpin.results.run import Asked

COMMAND = "`git diff HEAD...modelpin/support`"
RED, GREEN, OFF = "\x1b[31m", "\x1b[32m", "\x1b[0m"
LINES = [
    "drift: tests/a.py::a",
    "  regression  number in sentence 1",
    "    - It takes 5 days.",
    "    + It takes 14 days.",
    "  review      enum at $.kind: open -> closed",
    "    - a list's own line",
]


def test_a_command_stays_whole_so_that_it_can_be_copied():
    lines = wrapped(f"  the bump is on the local branch modelpin/support: {COMMAND}", 80)
    assert lines == ["  the bump is on the local branch modelpin/support:", f"    {COMMAND}"]


def test_pieces_hang_below_what_they_belong_to():
    assert wrapped("ok     versions  one two three", 25, hanging=17) == [
        "ok     versions  one two",
        " " * 17 + "three",
    ]


@given(st.text("ab` ", max_size=80), st.integers(4, 40))
def test_no_word_is_lost(line, columns):
    assert " ".join(wrapped(line, columns)).split() == line.split()


def test_a_run_that_collected_nothing_has_no_line_to_paint():
    assert painted([], Palette(on=True)) == []


def test_without_colour_every_line_stays_as_it_is():
    assert painted(LINES, PLAIN) == LINES


def test_the_words_that_went_and_came_are_coloured_below_each_other_and_in_a_line():
    shown = painted(LINES, Palette(on=True))
    assert shown[2:4] == [
        f"    - It takes {RED}5{OFF} days.",
        f"    + It takes {GREEN}14{OFF} days.",
    ]
    assert shown[4].endswith(f"enum at $.kind: {RED}open{OFF} -> {GREEN}closed{OFF}")
    assert shown[5] == LINES[5]


@pytest.mark.parametrize("line", ["  review  content: a -> b -> c", "  info  wording"])
def test_a_line_that_can_be_read_in_two_ways_has_no_coloured_words(line):
    (shown,) = painted([line], Palette(on=True))
    assert RED not in shown
    assert GREEN not in shown


ROWS = [("candidate", "verdict", "passes"), ("gpt-4o", "green", "4/4"), ("gpt-4.1", "red", "")]


def test_a_table_stands_in_columns_where_it_fits() -> None:
    assert (
        table(ROWS, 40)
        == table(ROWS)
        == [
            "candidate  verdict  passes",
            "gpt-4o     green    4/4",
            "gpt-4.1    red",
        ]
    )
    assert table(ROWS, right=True)[1] == "gpt-4o       green     4/4"


def test_a_table_that_does_not_fit_is_a_block_a_row() -> None:
    assert table(ROWS, 20) == [
        "gpt-4o",
        "  verdict  green",
        "  passes   4/4",
        "gpt-4.1",
        "  verdict  red",
    ]


def test_a_wide_character_takes_two_columns() -> None:
    assert shown_width("返金") == 4
    assert shown_width("e\u0301") == 1
    assert shown_width("\x1b[31mred\x1b[0m") == 3
    assert fitted("返金は五日です。" * 4, 20, 2) == [
        "返金は五日です。返金",
        "  は五日です。返金は",
        "  五日です。返金は五",
        "  日です。",
    ]


@given(st.text(st.sampled_from("ab 返\u0301é")), st.integers(10, 40), st.integers(0, 6))
def test_nothing_is_lost_and_all_of_it_fits(text: str, columns: int, hanging: int) -> None:
    words = text.split()
    line = " ".join(words)
    pieces = fitted(line, columns, hanging)
    assert all(shown_width(piece) <= columns for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(words)


def test_colours_go_on_over_a_break() -> None:
    line = "    + \x1b[32mYou get your refund within\x1b[0m 5 business days."
    pieces = fitted(line, 24, 6)
    assert "\n".join(pieces).count("\x1b") == 2
    assert [re.sub(r"\x1b\[[\d;]*m", "", piece) for piece in pieces] == [
        "    + You get your",
        "      refund within 5",
        "      business days.",
    ]


@pytest.mark.parametrize("columns", [40, 47, 60])
@pytest.mark.parametrize("palette", [Palette(), Palette(on=True)], ids=["plain", "colours"])
def test_a_comparison_fits_from_forty_columns_on(columns: int, palette: Palette) -> None:
    long = "You get your money back within five business days of your request."
    passed, failed = Side(passes=20, samples=20), Side(passes=1, samples=20)
    drifts = (
        Drift("number", "regression", "$.orders[0].delivery.days", long, long.replace("f", "F")),
        Drift("wording", "info", "", "返金" * 30, "払戻" * 30),
        Drift("fields", "review", "", "x" * 70, None),
    )
    cases = (
        CaseComparison("test_a", passed, failed, broken=True, critical=True, message=long),
        CaseComparison("test_b", passed, passed, drifts=drifts),
    )
    old = Asked("gpt", "gpt-4o-1", "production", "gpt-4o-1", "none", ("gpt-4o-1",))
    compared = Comparison("gpt", old, old, cases, passed, failed)
    lines = [
        *findings(compared, palette=palette, columns=columns, answers={"test_b": long}),
        *figures(compared, columns),
    ]
    assert [line for line in lines if shown_width(line) > columns] == []
