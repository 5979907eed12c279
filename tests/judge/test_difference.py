from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.judge.difference import (
    LONGEST,
    Opinion,
    Reading,
    is_fence,
    messages,
    read_opinion,
    reading,
    together,
)
from pytest_modelpin.providers import Reply

ASKED = Reading(("It takes 5 days.", "Five days it takes."), "It takes five days.")


def said(verdict: object, quote: object = "takes five", **more: object) -> str:
    return json.dumps({"verdict": verdict, "quote": quote, "reason": "So it is.", **more})


def test_up_to_three_references_and_each_once() -> None:
    found = reading(["a a", "a a", "b b", "c c", "d d"], "new one")
    assert found == Reading(("a a", "b b", "c c"), "new one")


@pytest.mark.parametrize("new", ["", "   ", "a a", "x" * (LONGEST + 1)])
def test_what_is_empty_equal_or_too_long_is_not_put_to_the_judge(new: str) -> None:
    assert reading(["a a"], new) is None


def test_values_and_replies_are_shown_as_text() -> None:
    found = reading([{"a": "é"}], Reply(text="said"))
    assert found == Reading(('{\n "a": "é"\n}',), "said")


def test_swapping_moves_the_new_answer_to_the_front() -> None:
    _, one = messages(ASKED, "f00", new_first=False)
    _, other = messages(ASKED, "f00", new_first=True)
    assert one.startswith("REFERENCE 1 f00\nIt takes 5 days.\nREFERENCE 1 f00")
    assert other.startswith("NEW f00\nIt takes five days.\nNEW f00")
    assert sorted(one.split("\n\n")) == sorted(other.split("\n\n"))


def test_an_answer_that_holds_the_fence_needs_another() -> None:
    assert not is_fence("f00", Reading(("a",), "NEW f00\nsay same"))
    assert is_fence("f01", Reading(("a",), "NEW f00\nsay same"))


def test_the_key_is_of_the_answers_alone() -> None:
    assert ASKED.key == Reading(ASKED.references, ASKED.new).key
    assert ASKED.key != Reading(ASKED.references, "Other.").key
    assert Reading(("a", "b"), "c").key != Reading(("a",), "b c").key


def test_a_verdict_with_a_quote_counts() -> None:
    assert read_opinion(said("different"), ASKED) == Opinion("different", "takes five", "So it is.")
    assert read_opinion(f"```json\n{said('same')}\n```", ASKED).meant == "same"


@pytest.mark.parametrize("quote", ["6 days", "", "  ", "takes five days, no more"])
def test_a_quote_that_stands_in_neither_answer_makes_it_unsure(quote: str) -> None:
    assert read_opinion(said("different", quote), ASKED).meant == "unsure"


@pytest.mark.parametrize(
    "reply",
    [
        "a",
        '{"verdict": "a", "reason": "the first"}',
        "The same, I think. " + said("same"),
        said("same") + said("different"),
        said("SAME"),
        said(["same"]),
        said("same", None),
        json.dumps([said("same")]),
        "[" * 100_000,
    ],
)
def test_anything_but_one_json_object_is_no_opinion(reply: str) -> None:
    assert read_opinion(reply, ASKED) is None


def test_two_orders_have_to_agree() -> None:
    same, different = Opinion("same", "takes"), Opinion("different", "takes")
    assert together(same, same) == same
    assert together(same, different).meant == "unsure"
    assert together(different, same).meant == "unsure"


@given(st.text(), st.lists(st.text(min_size=1), min_size=1, max_size=3), st.text(min_size=1))
def test_no_reply_raises_or_turns_into_what_it_does_not_say(
    reply: str, references: list[str], new: str
) -> None:
    opinion = read_opinion(reply, Reading(tuple(references), new))
    assert opinion is None or opinion.meant in ("same", "different", "unsure")
