"""What a judge's opinions may change, and what they may not."""

from __future__ import annotations

import pytest

from pytest_modelpin.compare.opinions import is_unsure, unsure_readings, with_opinions
from pytest_modelpin.drift.drift import Context, Drift, DriftKind, Severity
from pytest_modelpin.drift.invariants.case import CaseDrifts
from pytest_modelpin.judge.difference import Meant, Opinion, reading

PINS = ["It takes five days."]
NEW = ["It takes a week.", "It takes a week.", "It lasts a while."]
UNSURE = Drift("content", "review", "", PINS[0], NEW[0], (3, 3))
CERTAIN = Drift("number", "regression", "", "5", "7", (3, 3))


def told(*meant: Meant | None) -> CaseDrifts:
    """The findings after these opinions of the first and the second answer."""
    said = zip((NEW[0], NEW[2]), meant, strict=True)
    opinions = {
        found.key: Opinion(word, "a week", "r")
        for text, word in said
        if word and (found := reading(PINS, text))
    }
    return with_opinions(CaseDrifts((UNSURE, CERTAIN), (2,)), PINS, NEW, opinions, Context())


@pytest.mark.parametrize(
    ("kind", "severity", "asked"),
    [
        ("content", "review", True),
        ("negation", "review", True),
        ("content", "regression", False),
        ("negation", "regression", False),
        ("whitespace", "info", False),
        ("number", "review", False),
        ("tools", "review", False),
    ],
)
def test_a_judge_is_asked_of_prose_for_review_and_of_nothing_that_is_decided(
    kind: DriftKind, severity: Severity, asked: bool
) -> None:
    drift = Drift(kind, severity, "", "a", "b")
    assert is_unsure(drift) is asked
    assert bool(unsure_readings(CaseDrifts((drift,)), PINS, NEW)) is asked


@pytest.mark.parametrize(
    ("drifts", "asked"),
    [
        ([Drift("wording", "info", "", PINS[0], NEW[0], (3, 3))], True),
        ([Drift("content", "info", "", "5 sentences", "6 sentences", (3, 3))], True),
        ([Drift("wording", "info", "", PINS[0], NEW[0], (3, 3)), CERTAIN], False),
        ([Drift("wording", "info", "", None, None, (3, 3))], False),  # a docstring came in
        ([Drift("length", "info", "", 20, 40, (3, 3))], False),
    ],
)
def test_it_is_asked_of_what_is_said_in_other_words(drifts: list[Drift], asked: bool) -> None:
    """Two in three changes of such texts are in no word that a detector could go by."""
    assert bool(unsure_readings(CaseDrifts(tuple(drifts)), PINS, NEW)) is asked


def test_different_of_a_reworded_answer_is_a_regression_and_same_is_nothing_new() -> None:
    reworded = CaseDrifts((Drift("wording", "info", "", PINS[0], NEW[0], (1, 1)),))
    key = unsure_readings(reworded, PINS, NEW[:1])[0].key
    different, same = (
        with_opinions(
            reworded, PINS, NEW[:1], {key: Opinion(meant, "a week", "It is longer.")}, Context()
        )
        for meant in ("different", "same")
    )
    assert [(d.kind, d.where, d.severity) for d in different.drifts] == [
        ("content", "judge", "regression"),
        ("wording", "", "info"),
    ]
    assert different.drifts[0].after == '"a week": It is longer.'
    assert different.failing == (0,)
    assert same == reworded


def test_the_commonest_answer_is_put_to_it_first() -> None:
    found = unsure_readings(CaseDrifts((UNSURE,)), PINS, [NEW[2], NEW[0], NEW[0]])
    assert [each.new for each in found] == [NEW[0], NEW[2]]


def test_same_of_all_lowers_what_is_unsure_and_nothing_else() -> None:
    found = told("same", "same")
    assert [drift.severity for drift in found.drifts] == ["info", "regression"]
    assert found.failing == (2,)


@pytest.mark.parametrize(
    "meant", [("same", None), ("same", "unsure"), (None, None), ("unsure",) * 2]
)
def test_less_than_that_changes_nothing(meant: tuple[Meant | None, Meant | None]) -> None:
    assert told(*meant) == CaseDrifts((UNSURE, CERTAIN), (2,))


def test_different_of_half_is_a_regression_of_the_samples_that_gave_it() -> None:
    found = told("different", "same")
    assert (found.drifts[0].severity, found.drifts[0].samples) == ("regression", (2, 3))
    assert found.failing == (0, 1, 2)
    assert told("same", "different").drifts[0].samples == (1, 3)
