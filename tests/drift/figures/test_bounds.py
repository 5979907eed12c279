"""On which side of a figure all lies is told in any wording."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.compare import drifts
from pytest_modelpin.drift.figures.bounds import bound_turned, bounds
from pytest_modelpin.drift.text.sentences import sentences

MOST = [
    "Load no more than 12 logs.",
    "Load at most 12 logs.",
    "Load as many as 12 logs.",
    "Load up to 12 logs.",
    "Load 12 logs or fewer.",
    "The load must not exceed 12 logs.",
    "Load fewer than 12 logs.",
    "A load is not to get heavier than 12 logs.",
    "Höchstens 12 Scheite laden.",
]
LEAST = [
    "Load no less than 12 logs.",
    "Load at least 12 logs.",
    "Load 12 logs or more.",
    "Load more than 12 logs.",
    "Mindestens 12 Scheite laden.",
]
NEITHER = ["Load 12 logs.", "Over the bridge lie 12 tall logs.", "Rather than 12 logs, load coal."]


@pytest.mark.parametrize(
    ("told", "sides"),
    [(MOST, {"most"}), (LEAST, {"least"}), (NEITHER, set())],
)
def test_a_bound_is_read_in_any_wording(told: list[str], sides: set[str]) -> None:
    for sentence in told:
        assert set().union(*(side for _, side in bounds(sentence))) == sides, sentence


def test_of_times_vague_words_are_no_bound() -> None:
    assert bounds("Cancel up to 48 hours before.") == []
    assert bounds("It was built over 3 days.") == []


OAK = "Oak dries slowly. Stack {} under the roof. Split it in autumn."
OAK_ANEW = (
    "In autumn, split the oak. {} may be stacked below the roof, as this wood needs time to dry."
)


def test_the_least_for_the_most_is_found_where_all_is_said_anew() -> None:
    before = OAK.format("no more than 30 logs")
    found = {
        d.kind for d in drifts(before, OAK_ANEW.format("30 logs or more")) if d.severity != "info"
    }
    assert found == {"content"}
    same = drifts(before, OAK_ANEW.format("Up to 30 logs"))
    assert {d.severity for d in same} == {"info"}


def test_a_figure_that_a_text_gives_as_both_is_not_turned() -> None:
    before = sentences("Up to 30 logs are free. More than 30 logs cost extra.")
    assert bound_turned(before, sentences("At least 30 logs cost extra.")) is None


@given(st.text())
def test_no_text_raises(text: str) -> None:
    assert bound_turned(sentences(text), sentences(text)) is None


def test_after_a_span_for_within_it_is_found_where_all_is_said_anew() -> None:
    before = "Pots come out within two days. Then they are waxed. Ask Ottilie for rags."
    anew = "Ottilie has rags. {} the pots come out, and wax follows."
    turned = drifts(before, anew.format("After two days"))
    assert {each.kind for each in turned if each.severity != "info"} == {"content"}
    assert {each.severity for each in drifts(before, anew.format("In two days"))} == {"info"}


def test_what_is_denied_after_a_span_is_what_is_so_within_it() -> None:
    before = sentences("Pots can be returned within 30 days.")
    assert bound_turned(before, sentences("After 30 days no pot can be returned.")) is None
