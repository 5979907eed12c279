"""How near texts are to each other, and which neighbours are kept."""

from __future__ import annotations

from math import hypot, isclose

from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.compare.nearest import TIE, kept, nearest, nearness
from pytest_modelpin.results.case import VECTOR_LENGTH, packed, unpacked


def directions(size: int, least: int = 4, most: int = 12):
    numbers = st.floats(-1, 1, allow_subnormal=False).map(lambda each: round(each, 6))
    vectors = st.lists(numbers, min_size=size, max_size=size).filter(any)
    return st.lists(vectors, min_size=least, max_size=most)


def whole(vectors):
    return [unpacked(packed(each)) for each in vectors]


@given(directions(5))
def test_nearness_is_the_cosine(vectors):
    rows = list(nearness(whole(vectors)))
    for one, row in zip(vectors, rows, strict=True):
        for other, near in zip(vectors, row, strict=True):
            cosine = sum(a * b for a, b in zip(one, other, strict=True)) / (
                hypot(*one) * hypot(*other)
            )
            assert isclose((near - (1 << 31)) / VECTOR_LENGTH**2, cosine, abs_tol=1e-4)


@given(directions(4), st.integers(1, 3))
def test_what_stays_as_it_is_keeps_every_neighbour(vectors, k):
    for place, row in enumerate(nearness(whole(vectors))):
        assert kept(row, row, place, k) == (1.0, (), ())


@given(directions(4), st.floats(0.01, 1000), st.integers(1, 3))
def test_another_length_or_turn_of_the_whole_space_keeps_every_neighbour(vectors, factor, k):
    turned = [[factor * each for each in reversed(vector)] for vector in vectors]
    pairs = zip(nearness(whole(vectors)), nearness(whole(turned)), strict=True)
    assert {kept(*rows, place, k).share for place, rows in enumerate(pairs)} == {1.0}


@given(directions(3), directions(6), st.integers(1, 3))
def test_the_share_counts_what_is_lost(before, after, k):
    count = min(len(before), len(after))
    pairs = zip(nearness(whole(before[:count])), nearness(whole(after[:count])), strict=True)
    for place, (old, new) in enumerate(pairs):
        found = kept(old, new, place, k)
        was, now = nearest(old, place, k), nearest(new, place, k)
        assert place not in was
        assert len(was) == min(k, count - 1)
        assert isclose(found.share, 1 - len(found.lost) / k)
        assert set(found.lost) <= set(was) - set(now)
        assert set(found.new) <= set(now) - set(was)
        # What is in both is never lost, and what a tie alone keeps out is not either.
        assert found.share >= len(set(was) & set(now)) / k - 1e-9
        edge = min(new[each] for each in now)
        assert all(new[each] < edge - TIE for each in found.lost)


def test_a_neighbour_that_moved_away_is_named_with_what_came_instead():
    before = [[1, 0], [0.99, 0.1], [0, 1], [-1, 0]]
    after = [[1, 0], [-1, 0.1], [0.99, 0.1], [-1, 0]]
    old, new = (next(iter(nearness(whole(each)))) for each in (before, after))
    assert kept(old, new, 0, 1) == (0.0, (1,), (2,))
