from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.snapshot.structure import broken_structure

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(values)
def test_an_answer_never_breaks_against_itself(value: object) -> None:
    assert broken_structure(value, value) is None


@pytest.mark.parametrize(
    ("accepted", "received"),
    [
        ("Hello Ada", "Good day, Ada"),
        ("42", "forty-two"),
        ({"a": 1}, {"a": 2.5}),
        ({"a": [1, 2]}, {"a": [3]}),
        ([{"a": 1}, "x"], ["y", {"a": 2}, {"a": 3}]),
        ('{"a": 1}', '{ "a": 2 }'),
        ("", ""),
        ([], [1]),
    ],
)
def test_other_values_do_not_break_it(accepted: object, received: object) -> None:
    assert broken_structure(accepted, received) is None


@pytest.mark.parametrize(
    ("accepted", "received", "sentence"),
    [
        ("Hello", " \n", "The answer is empty."),
        ({"a": 1}, {}, "The answer is empty."),
        ("Hello", None, "The answer is empty."),
        ('{"a": 1}', "Sure! a is 1", "The answer no longer parses as JSON."),
        ('{"a": 1}', '{"b": 1}', "$ lacks `a`."),
        ({"a": 1}, {"a": 1, "b": 2}, "$ has `b`, which the accepted answer lacks."),
        ({"a": {"b": 1}}, {"a": {"b": "1"}}, "$.a.b is a text; accepted is a number."),
        ({"a": True}, {"a": 1}, "$.a is a number; accepted is true or false."),
        ([{"a": 1}], [{"a": 1}, {"b": 1}], "$[1] lacks `a`."),
        ("Hello", {"text": "Hello", "tools": []}, "$ is an object; accepted is a text."),
        (["a"], "a", "$ is a text; accepted is a list."),
    ],
)
def test_a_break_is_said_with_its_place(accepted: object, received: object, sentence: str) -> None:
    assert broken_structure(accepted, received) == sentence
