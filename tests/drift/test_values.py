from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_modelpin.compare import case_drifts, drifts
from pytest_modelpin.drift.drift import Context
from pytest_modelpin.drift.text.documents import read_json, read_xml, unclosed
from pytest_modelpin.drift.values import walk_values


def found(before: Any, after: Any) -> list[tuple[str, str]]:
    return [(d.kind, d.where) for d in drifts(before, after) if d.kind != "identical"]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, []),
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": 0.1 + 0.2}, {"a": 0.3}, []),
        ({"a": 1000000001}, {"a": 1000000002}, [("number", "$.a")]),
        ({"a": 1000.0}, {"a": 1000.5}, [("number", "$.a")]),
        ({"a": 5}, {"a": "5"}, [("type", "$.a")]),
        ({"a": True}, {"a": 1}, [("type", "$.a")]),
        ({"do": "open_door"}, {"do": "close_gate"}, [("content", "$.do")]),
        ({"do": "archive"}, {"do": "publish"}, [("content", "$.do")]),
        ({"at": "2031-05-06T07:00:00+02:00"}, {"at": "2031-05-06T07:00:00Z"}, [("number", "$.at")]),
        ({"at": "2031-05-06T07:00:00Z"}, {"at": "2031-05-06T09:00:00+02:00"}, [("format", "$.at")]),
        ({"a": True}, {"a": False}, [("negation", "$.a")]),
        ({"a": "x"}, {"a": None}, [("type", "$.a")]),
        ({"a": 1, "b": 2}, {"a": 1}, [("keys", "$.b")]),
        ({"a": 1}, {"a": 1, "b": 2}, [("keys", "$.b")]),
        ({"town": "Rome"}, {"city": "Rome"}, [("keys", "$.town")]),
        ({"p": {"x": 1, "y": 2}}, {"x": 1, "y": 2}, [("shape", "$.p")]),
        ({"p": {"x": 1, "y": 2}}, {"p_x": 1, "p_y": 3}, [("shape", "$.p"), ("number", "$.p_y")]),
        ({"x": 1, "y": 2}, {"p": {"x": 1, "y": 2}}, [("shape", "$.p")]),
        ({"a": 1}, [{"a": 1}], [("shape", "$")]),
        ({"a": ["x"]}, {"a": "x"}, [("shape", "$.a")]),
        ({"a": ["x", "y"]}, {"a": "x, y"}, [("type", "$.a")]),
        ([1, 2, 3], [3, 1, 2], [("order", "$")]),
        (["a", "b", "c"], ["a", "c"], [("content", "$[1]")]),
        ([{"id": 1, "v": 1}, {"id": 2, "v": 2}], [{"id": 2, "v": 2}], [("content", "$[0]")]),
        (
            [{"id": 1, "v": 1}, {"id": 2, "v": 2}],
            [{"id": 2, "v": 2}, {"id": 1, "v": 3}],
            [("number", "$[0].v")],
        ),
        ({"a": [1]}, {"a": []}, [("empty", "$.a")]),
        ({"a": "text"}, {"a": ""}, [("empty", "$.a")]),
        ({"price": "$1,000"}, {"price": "$1000"}, [("wording", "$.price")]),
    ],
)
def test_json_is_compared_by_path(before: Any, after: Any, expected: list[tuple[str, str]]) -> None:
    assert found(before, after) == expected


def test_an_added_key_is_for_review_and_a_lost_one_a_regression() -> None:
    added = walk_values({"a": 1}, {"a": 1, "b": 2}, Context()).drifts
    lost = walk_values({"a": 1, "b": 2}, {"a": 1}, Context()).drifts
    assert [d.severity for d in (*added, *lost)] == ["review", "regression"]


def test_findings_are_capped() -> None:
    assert len(found(list(range(5_000)), [n + 1 for n in range(5_000)])) <= 100


@pytest.mark.parametrize("text", ['{"a": 1}', " [1]\n", '```json\n{"a": 1}\n```', "```\n[1]\n```"])
def test_json_is_found_bare_and_fenced(text: str) -> None:
    assert read_json(text) is not None


@pytest.mark.parametrize("text", ["5", '"x"', "null", "{", "x", "", "Here: [1]", "[" * 20_000])
def test_scalars_prose_and_broken_json_are_no_document(text: str) -> None:
    assert read_json(text) is None


@pytest.mark.parametrize(
    ("text", "cut"), [('{"a": [1', True), ('{"a": "b', True), ('{"a": 1}', False), ("a: 1", False)]
)
def test_json_that_was_cut_off_is_told_from_other_broken_json(text: str, *, cut: bool) -> None:
    assert unclosed(text) is cut


def test_markup_is_read_by_element() -> None:
    assert read_xml('<a id="1"><b>x</b><b>y</b></a>') == {
        "a": {"@id": "1", "b": [{"#text": "x"}, {"#text": "y"}]}
    }


def test_markup_that_is_not_well_formed_is_none() -> None:
    assert read_xml("<a><b></a>") is None


REFUND = {"name": "refund", "arguments": {"order": 7}}


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ([REFUND], [REFUND, REFUND], "tools"),
        ([REFUND], [REFUND, {"name": "refund", "arguments": {"order": 8}}], "tools"),
        ([("refund", {"order": 7})], [("refund", {"order": 7})] * 2, "tools"),
        ([REFUND], [{"name": "mail", "arguments": {"order": 7}}] * 2, "tools"),
        (["refund"], ["refund", "refund"], "content"),
        ({"do": ["a", "b"]}, {"do": ["a", "b", "a"]}, "content"),
    ],
)
def test_what_a_list_has_twice_is_done_twice(before: Any, after: Any, kind: str) -> None:
    (single,) = drifts(before, after)
    assert (single.kind, single.severity) == (kind, "regression")
    (of_case,) = case_drifts([before] * 3, [after] * 3)
    assert (of_case.kind, of_case.severity, of_case.samples) == (kind, "regression", (3, 3))


def test_a_list_that_the_pin_varies_in_may_vary() -> None:
    found = case_drifts([[REFUND], [REFUND, REFUND]], [[REFUND] * 3])
    assert {drift.severity for drift in found} == {"info"}


@pytest.mark.parametrize(
    ("before", "after"),
    [("Yes.", "No."), ("no", "yes"), ("true", "false"), ("Approved", "Denied"), ("Ja", "Nein")],
)
def test_one_word_that_is_turned_round_is_a_regression_though_no_letter_of_it_stayed(
    before: str, after: str
) -> None:
    for one, other in ((before, after), ({"answer": before}, {"answer": after})):
        (drift,) = drifts(one, other)
        assert (drift.kind, drift.severity) == ("negation", "regression")


@pytest.mark.parametrize("endless", ["1e999", "-1e999", "Infinity", "-Infinity"])
@pytest.mark.parametrize("number", ["3", "0", "-2.5", "1e308"])
def test_no_number_is_near_infinity(endless: str, number: str) -> None:
    for one, other in ((number, endless), (endless, number)):
        before, after = (f'{{"price": {price}}}' for price in (one, other))
        for answers in ((before, after), (json.loads(before), json.loads(after))):
            (drift,) = drifts(*answers)
            assert (drift.kind, drift.severity) == ("number", "regression")
