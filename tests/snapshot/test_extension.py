from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.snapshot.extension import difference

lines = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=30)


@given(lines)
def test_equal_texts_have_no_difference(text: list[str]) -> None:
    assert list(difference(text, text)) == []


@given(lines, lines)
def test_lines_taken_and_added_account_for_the_difference(old: list[str], new: list[str]) -> None:
    shown = list(difference(old, new))
    taken = sum(line.startswith("-") for line in shown)
    added = sum(line.startswith("+") for line in shown)
    assert added - taken == len(new) - len(old)
    assert bool(shown) == (old != new)


def test_a_change_is_shown_with_its_line_number_and_surroundings() -> None:
    old = [str(n) for n in range(1, 21)]
    new = [*old[:9], "ten", *old[10:]]
    assert list(difference(old, new)) == [
        "@@ line 7 @@", " 7", " 8", " 9", "-10", "+ten", " 11", " 12", " 13",
    ]  # fmt: skip


def test_what_is_left_out_of_a_huge_text_is_said() -> None:
    shown = list(difference([str(n) for n in range(5000)], [f"x{n}" for n in range(5000)]))
    assert shown[-1] == "@@ 4000 more lines were not compared @@"


def test_an_endless_line_is_cut() -> None:
    assert max(map(len, difference(["a" * 10_000], ["b" * 10_000]))) < 1100


def test_hundreds_of_similar_lines_take_no_quadratic_time(growth: Any) -> None:
    # syrupy's own diff takes seconds for these.
    def work(lines: int) -> None:
        old = [f"The {n}th line of the answer says much the same." for n in range(lines)]
        new = [line.replace("much", "rather") for line in old]
        assert len(list(difference(old, new))) == 2 * lines + 1

    assert growth(work, 50, 500) < 4
