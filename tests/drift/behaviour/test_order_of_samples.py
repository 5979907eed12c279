"""The order of a case's samples changes nothing: they were drawn at once."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_modelpin.compare import case_drifts
from pytest_modelpin.drift.drift import RANK


def shown(pins: list[Any], candidates: list[Any]) -> set[tuple[str, str, str, tuple[int, int]]]:
    return {
        (drift.kind, drift.where, drift.severity, drift.samples)
        for drift in case_drifts(pins, candidates)
    }


@pytest.mark.parametrize(
    ("pins", "candidates"),
    [
        ([{"a": 1}, {"a": "1"}, {"a": "1"}], [{"a": 2}, {"a": 1.5}, {"a": "closed"}]),
        ([{"c": True}, {"c": {"x": 1}}], [{"c": "A long text here."}]),
        ([{"d": [1, 2]}, {"d": "A text."}], [{"d": [1]}]),
        ([{"b": None}, {"b": [1]}, {"b": 1.5}], [{"b": 1}]),
        ([{"d": [1]}, {}], [{"d": 2}, {"d": "A long text here."}, {"d": 1}]),
        ([{}, {"c": {"x": 1}}], [{"c": "open"}]),
        (['{"b": null}', '{"b": 1}'], ['{"c": 1}', '{"b": [1]}', '{"b": []}']),
        ([{"a": []}, {"a": {"x": 1}}, {"a": 1.5}], [{"a": {"x": 1}}, {"a": [1]}, {"a": {}}]),
        ([{"c": {}}, {"c": True}, {"c": "1"}], [{"c": "open"}, {}, {"c": "2024-01-02"}]),
        ([{"a": 1}, {"a": True}], [{"a": 1, "b": 1}]),
        ([[{"a": [1]}], [{"a": [True]}]], [[{"a": [1]}, 2]]),
    ],
)
def test_samples_that_differ_in_type_show_the_same_in_any_order(
    pins: list[Any], candidates: list[Any]
) -> None:
    usual = shown(pins, candidates)
    for order in permutations(pins):
        assert shown([*order], candidates) == usual
        assert shown([*order], candidates[::-1]) == usual


def test_what_the_pin_gives_in_several_types_is_no_invariant() -> None:
    found = case_drifts([{"a": 1}, {"a": "1"}], [{"a": [2]}, {"a": {"x": 1}}])
    assert {drift.severity for drift in found} == {"info"}


def test_a_field_that_may_be_null_or_lacking_is_held_to_the_samples_that_have_it() -> None:
    for pins in ([{"a": None}, {"a": {"n": 1}}], [{"a": {"n": 1}}, {}]):
        (drift,) = case_drifts(pins, [{"a": {"n": "1"}}])
        assert (drift.kind, drift.where, drift.severity) == ("type", "$.a.n", "regression")


values = st.sampled_from(
    [1, 2, "open", "closed", None, True, [1], [1, 2], [], {"x": 1}, {}, "A long text here."]
)
documents = st.dictionaries(st.sampled_from("ab"), values, max_size=2)


@settings(max_examples=60, deadline=None)
@given(st.lists(documents, min_size=2, max_size=4), st.lists(documents, min_size=1, max_size=3))
def test_nothing_is_graver_in_another_order(pins: list[Any], candidates: list[Any]) -> None:
    def gravest(*sides: list[Any]) -> int:
        return max((RANK[drift.severity] for drift in case_drifts(*sides)), default=0)

    assert gravest(pins[::-1], candidates[::-1]) == gravest(pins, candidates)
