"""Which text shares most words with another."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.drift.invariants.overlap import Overlap
from pytest_modelpin.drift.invariants.sample_text import SampleText

_TEXTS = st.lists(st.sampled_from(["the", "The", "a", "parcel", "left.", ".", ". ", "\n", "x. y"]))


def _share(one: str, other: str) -> float:
    """What is promised, word by word."""
    mine, theirs = Counter(one.lower().split()), Counter(other.lower().split())
    return 2 * (mine & theirs).total() / max(mine.total() + theirs.total(), 1)


@given(st.lists(_TEXTS.map(" ".join), min_size=1, max_size=4), _TEXTS.map(" ".join))
def test_the_likest_is_the_first_that_shares_most(texts: list[str], other: str) -> None:
    read = [SampleText(text) for text in texts]

    likest = Overlap().likest(read, SampleText(other))

    assert likest is read[max(range(len(texts)), key=lambda n: _share(texts[n], other))]


@pytest.mark.parametrize("times", [2, 30, 50, 3000])
def test_a_word_said_again_counts_again_however_often(times: int) -> None:
    few, many = SampleText("word. " * 20), SampleText("word. " * times)
    other = SampleText("word. " * times + "else")

    assert Overlap().likest([few, many], other) is many


def test_none_is_likest_where_none_shares_enough() -> None:
    read, other = SampleText("The parcel left on Monday."), SampleText("The parcel left on Friday.")

    assert Overlap().likest([read], other, 0.8) is read
    assert Overlap().likest([read], other, 0.81) is None
