"""What a run report keeps of an embedding and of what fixtures heard that tests share."""

from __future__ import annotations

from array import array
from base64 import b64encode
from dataclasses import replace
from math import hypot, inf, isclose, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.providers.embeddings import Embedded
from pytest_modelpin.providers.wire import Reply
from pytest_modelpin.results.case import (
    MOST_TEXTS,
    VECTOR_LENGTH,
    Call,
    Case,
    Sample,
    drawn,
    packed,
    shared_once,
    unpacked,
    vector_of,
)


@given(st.lists(st.floats(-1e6, 1e6).map(lambda each: round(each, 3)), min_size=1).filter(any))
def test_a_direction_comes_back_within_16_bits(vector):
    length = hypot(*vector)
    found = unpacked(packed(vector))
    assert len(found) == len(vector)
    for whole, each in zip(found, vector, strict=True):
        assert isclose(whole, VECTOR_LENGTH * each / length, abs_tol=0.51)


@pytest.mark.parametrize("vector", [[], [0.0, 0.0], [nan, 1.0], [inf, 1.0], [1.5e308] * 3])
def test_what_has_no_direction_is_left_empty(vector):
    assert packed(vector) == ""


def test_a_text_is_known_by_what_it_says_and_what_is_said_of_it():
    one, other = vector_of(Embedded("a", "", [1])), vector_of(Embedded("a", "search_query", [1]))
    assert one.key != other.key
    assert one == vector_of(Embedded("a", "", [5.0]))  # the direction, whatever the length


def test_a_long_text_is_told_by_its_beginning():
    assert vector_of(Embedded("a\n b " * 99, "", [1])).says == ("a b " * 30)[:119] + "…"


def test_of_many_texts_the_same_are_drawn_in_every_run():
    keys = [f"{each:05}" for each in range(MOST_TEXTS + 7)]
    assert drawn(keys) == drawn(keys[::-1] + keys) == frozenset(keys[:MOST_TEXTS])


@pytest.mark.parametrize(
    "text", ["?", "QQ==", b64encode(array("h", [VECTOR_LENGTH] * 8).tobytes()).decode()]
)
def test_what_is_no_direction_that_was_written_here_is_refused(text):
    with pytest.raises(ValueError):
        unpacked(text)


def test_what_a_shared_fixture_heard_is_one_test_s_and_both_its_replies_where_it_asked_twice():
    said = Call("support", Reply("a"), fresh=False, seconds=0.1, request="r")
    other = replace(said, reply=Reply("b"))
    own = replace(said, request="own")
    samples = (
        Sample("passed", calls=(own,), shared=(said, said)),
        Sample("passed", shared=(said, other)),
    )
    (case,) = shared_once([Case("test_a.py::a", samples)])
    assert [sample.calls for sample in case.samples] == [(said, said, own), (other,)]
    assert not any(sample.shared for sample in case.samples)
