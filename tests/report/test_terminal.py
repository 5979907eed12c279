"""Colours in what pytest prints at the end of a run."""

import pytest

from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.report.ansi import PLAIN, Palette
from pytest_modelpin.report.terminal import painted, summary
from pytest_modelpin.results.case import Answer, Case, Sample
from pytest_modelpin.results.run import Run

RED, GREEN, OFF = "\x1b[31m", "\x1b[32m", "\x1b[0m"
LINES = [
    "drift: tests/a.py::a",
    "  regression  number in sentence 1",
    "    - It takes 5 days.",
    "    + It takes 14 days.",
    "  review      enum at $.kind: open -> closed",
    "    - a list's own line",
]


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


def test_what_was_said_instead_is_shown_of_a_test_that_asked_nobody():
    answer = Answer("a", "It takes 5 days.", "x")
    case = Case(
        "tests/a.py::a", samples=(Sample("passed", answers=(answer,)),), left_out="did nothing"
    )
    run = Run(selection={}, cases=(case,))
    lines = summary(run, {case.id: [Drift("content", "review", "", "It takes 5 days.", None)]})
    assert "    the whole answer: x" in lines
    assert lines[-1] == "left out: tests/a.py::a did nothing"
