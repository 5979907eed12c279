"""Lines laid out for a terminal."""

from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.report.ansi import wrapped

COMMAND = "`git diff HEAD...modelpin/support`"


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
