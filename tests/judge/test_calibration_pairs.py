from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import cast, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.judge.calibration import Calibration
from pytest_modelpin.judge.calibration_pairs import Pairs, changes, measure, pairs_of
from pytest_modelpin.judge.difference import Meant, Opinion, Reading
from pytest_modelpin.judge.judge import Judge
from pytest_modelpin.results.case import Answer, Case, Sample

TEXT = (
    "Your refund takes 5 days. It is paid by Harriet in London. You can follow it in your account."
)


def by_kind(text: str, seed: int = 0) -> dict[str, str]:
    return {change.kind: change.text for change in changes(text, seed)}


def test_each_kind_changes_its_one_thing() -> None:
    found = by_kind(TEXT)
    assert set(found) == {"number", "negation", "sentence", "name"}
    assert "takes 5 days" not in found["number"]
    assert found["negation"].count(" not ") == 1
    assert len(found["sentence"]) < len(TEXT)
    assert ("Harriet" not in found["name"]) != ("London" not in found["name"])


def test_a_denial_is_taken_out_again() -> None:
    assert by_kind("We do not ship abroad.")["negation"] == "We do ship abroad."


def test_what_a_text_does_not_have_is_not_changed() -> None:
    assert by_kind("hello there") == {}


@pytest.mark.parametrize("seed", range(5))
def test_the_same_seed_gives_the_same_changes(seed: int) -> None:
    assert by_kind(TEXT, seed) == by_kind(TEXT, seed)


@given(st.text(), st.integers(0, 9))
def test_every_change_is_one(text: str, seed: int) -> None:
    for change in changes(text, seed):
        assert change.text != text
        assert change.text.strip()


class Told:
    """A judge that says of each new answer what is in it."""

    model = SimpleNamespace(production="gpt-5-mini-2025-08-07")

    def opinions(self, readings: Iterable[Reading]) -> dict[str, Opinion]:
        meant: tuple[Meant, ...] = get_args(Meant)
        return {each.key: Opinion(word) for each in readings for word in meant if word in each.new}


def test_only_what_is_called_different_is_an_alarm_or_found_and_no_opinion_counts_for_nothing() -> (
    None
):
    words = ("same", "unsure", "different", "nothing at all")
    equal = tuple(Reading(("it is",), f"{word} {n}") for word in words for n in range(2))
    changed = tuple(Reading(("it was",), f"{word} {n}") for word in words for n in range(3))
    found = measure(cast(Judge, Told()), Pairs(equal, changed))
    assert found == Calibration("gpt-5-mini-2025-08-07", 6, 2, 9, 3)


def test_pairs_are_made_of_samples_that_passed() -> None:
    said = [f"It takes {n} days to get it." for n in (3, 4, 5)]
    answers = [(Answer("s", None, text),) for text in said]
    samples = (
        Sample("passed", answers=answers[0]),
        Sample("failed", answers=answers[1]),
        Sample("passed", answers=answers[2]),
    )
    pairs = pairs_of([Case("case", samples)])
    assert {each.new for each in pairs.equal} == {said[0], said[2]}
    assert {each.references for each in pairs.equal} == {(said[0],), (said[2],)}
