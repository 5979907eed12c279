"""Naming what differs, in the reader's words."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.live.differences import Differences, differing_fields
from pytest_modelpin.recordings.owner import Owner

JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def owner(name: str) -> Owner:
    return Owner(Path("tests"), "test_a", name)


@given(JSON, JSON)
def test_fields_are_named_exactly_where_bodies_differ(one: object, other: object) -> None:
    assert bool(differing_fields(one, other)) == (one != other)
    assert differing_fields(one, one) == []


def test_places_are_written_as_in_code() -> None:
    before = {"messages": [{"content": "a"}], "tools": [1], "n": 1}
    after = {"messages": [{"content": "b"}], "tools": [1, 2], "seed": 1}
    assert differing_fields(before, after) == ["messages[0].content", "n", "seed", "tools"]


def test_what_differs_in_the_same_is_one_sentence() -> None:
    differences = Differences()
    differences.sent_twice(owner("test_x[1]"), ["header x-beta"])
    differences.sent_twice(owner("test_x[2]"), ["header x-beta"])
    differences.unexpected(owner("test_y"), {"n": 2, "t": 0}, [{"n": 1, "t": 1}, {"n": 1, "t": 0}])
    twice, unexpected = differences.notes()
    assert twice.startswith("2 requests were sent twice: what was sent ahead differed in header x-")
    assert "first in tests/test_a.py::test_x[1]" in twice
    assert "n is not as recorded on the pin (in tests/test_a.py::test_y)" in unexpected


def test_many_that_differ_are_counted_and_not_compared() -> None:
    differences = Differences()
    for number in range(50):
        differences.unexpected(owner("test_y"), {"n": number, "x": 0}, [{"n": -1, "x": 0}])
    notes = differences.notes()
    assert [note.partition(" ")[0] for note in notes] == ["20", "30"]
    assert "what is asked is not as recorded" in notes[1]


def test_an_id_that_a_client_made_up_is_no_difference() -> None:
    def conversation(call: str, result: str) -> Any:
        return {"messages": [{"tool_calls": [{"id": call}]}, {"tool_call_id": result}]}

    one, other = f"call_{uuid.uuid4().hex}", f"call_{uuid.uuid4().hex}"
    assert differing_fields(conversation(one, one), conversation(other, other)) == []
    assert differing_fields(conversation(one, one), conversation(other, one)) != []
