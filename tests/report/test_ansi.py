"""Lines laid out for a terminal, and their colours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.report.ansi import PLAIN, Palette, painted, wrapped

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
