"""A comparison whose unsure findings a judge was asked of: whom it believes, how much it asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare.comparison import Comparison, RunPair, compare
from pytest_modelpin.compare.decide import decide
from pytest_modelpin.compare.judged import judged
from pytest_modelpin.judge.calibration import Calibration
from pytest_modelpin.judge.difference import Meant, Opinion, Reading
from pytest_modelpin.judge.judge import Judge
from pytest_modelpin.providers.wire import Reply
from pytest_modelpin.results.case import Answer, Call, Case, Sample
from pytest_modelpin.results.run import Asked, Run

SETTINGS = Settings(judge="j", judge_when="unsure")
GOOD = Calibration("judge-1", 40, 0, 40, 40)
PINS = [
    "Your parcel arrives within five days.",
    "Within five days your parcel arrives.",
    "The parcel arrives within five days.",
    "The parcel will arrive within five days.",
    "Five days, and your parcel arrives.",
]
NEW = [
    "Your parcel will be here soon, as the courier has it.",
    "It will be here soon, the courier has it.",
    "Soon it is here: the courier has it.",
]


def run(which: str, texts: list[str], cases: int = 1) -> Run:
    samples = tuple(
        Sample(
            "passed",
            calls=(Call("gpt", Reply(text=text, served_model=which), True, 1.0),),
            answers=(Answer("s", None, text),),
        )
        for text in texts
    )
    asked = Asked("gpt", "candidate", which, "pin", "all", (which,))
    return Run(
        {"gpt": asked},
        tuple(Case(f"case{number}", samples, models=("gpt",)) for number in range(cases)),
    )


PRODUCTION, CANDIDATE = run("pin", PINS), run("new", NEW)
MANY = [
    Case(f"measured{n}", tuple(
        Sample("passed", answers=(Answer("s", None, f"Parcel {n} takes {days} days to you."),))
        for days in range(3, 7)
    ))
    for n in range(12)
]  # fmt: skip
"""Cases enough to measure a judge on."""


class Told:
    """Stands in for the judge: says one thing of all that it is asked."""

    def __init__(self, meant: Meant, calibration: Calibration | None = GOOD) -> None:
        self.model = SimpleNamespace(name="j", production="judge-1")
        self.meant: Meant = meant
        self.is_down = False
        self.measured = calibration
        self.problem = ""
        self.unheard: set[str] = set()
        self.asked: list[Reading] = []
        self.kept: list[Calibration] = []

    def why_not(self, name: str, ids: Iterable[str]) -> str:
        return ""

    def calibration(self) -> Calibration | None:
        return self.measured

    def keep(self, calibration: Calibration) -> None:
        self.kept.append(calibration)

    def known(self, readings: Iterable[Reading]) -> dict[str, Opinion]:
        return {}

    def opinions(self, readings: Iterable[Reading]) -> dict[str, Opinion]:
        self.asked += readings
        if self.is_down:
            self.problem = self.problem or "the judge 'j' answered 503: overloaded"
            self.unheard |= {each.key for each in self.asked}
            return {}
        return {each.key: Opinion(self.meant, "parcel", "r") for each in self.asked}


def after(judge: Told, **options: Any) -> Comparison:
    comparison = compare(PRODUCTION, CANDIDATE, "gpt", SETTINGS)
    assert any(case.unsure for case in comparison.cases)
    return judged(
        comparison, RunPair(PRODUCTION, CANDIDATE, SETTINGS), cast(Judge, judge), **options
    )


def gravest(comparison: Comparison) -> set[str]:
    return {drift.severity for case in comparison.cases for drift in case.drifts}


def test_two_answers_of_a_case_are_put_to_it_and_no_more() -> None:
    judge = Told("same")
    found = after(judge)
    assert len(judge.asked) == 2
    assert gravest(found) == {"info"}
    assert "the judge 'j' read 2 answers: 2 same" in found.notes


def test_what_it_calls_different_is_a_regression() -> None:
    assert "regression" in gravest(after(Told("different")))


@pytest.mark.parametrize(
    "calibration",
    [None, Calibration("judge-1", 40, 20, 40, 40), Calibration("judge-1", 40, 0, 40, 20)],
)
def test_a_judge_that_is_not_believed_is_not_asked(calibration: Calibration | None) -> None:
    judge = Told("same", calibration)
    found = after(judge)
    assert judge.asked == []
    assert "review" in gravest(found)
    assert any("is not " in note for note in found.notes)


def test_a_measurement_on_too_few_answers_is_not_paid_for() -> None:
    """Each night of a small suite asked sixty pairs that could show nothing."""
    judge = Told("same", None)
    found = after(judge, measured_on=PRODUCTION.cases)
    assert (judge.asked, judge.kept) == ([], [])
    assert any("too few to tell how good it is" in note for note in found.notes)


def test_a_measurement_that_says_something_is_kept_though_the_judge_failed_at_last() -> None:
    judge = Told("same", None)
    judge.problem = "the judge's budget of $0.25 is used up"
    found = after(judge, measured_on=MANY)
    assert [each.found for each in judge.kept] == [0]
    assert any("is not believed: it found 0 of" in note for note in found.notes)


def test_one_that_fails_before_it_is_measured_says_why() -> None:
    judge = Told("same", None)
    judge.is_down = True
    found = after(judge, measured_on=MANY)
    assert judge.kept == []
    assert any("could not be calibrated: the judge 'j' answered 503" in n for n in found.notes)


@pytest.mark.parametrize("calibration", [GOOD, None])
def test_a_night_whose_judge_is_down_is_not_green(calibration: Calibration | None) -> None:
    """What it called different the night before was cleared by a night that could not ask it."""
    judge = Told("same", calibration)
    judge.is_down = True
    found = after(judge, measured_on=MANY)
    assert [case.unread for case in found.cases] == [True]
    verdict = decide(found, SETTINGS)
    assert verdict.colour == "inconclusive"
    assert "the judge gave no usable answer for case0 (1 of 1 case" in verdict.reasons[0]
    assert "answered 503" in verdict.reasons[0]


def test_what_a_person_has_accepted_waits_for_no_judge() -> None:
    judge = Told("same")
    judge.is_down = True
    found = after(judge)
    accepted = replace(found, cases=tuple(replace(case, accepted=True) for case in found.cases))
    assert "no usable answer" not in " ".join(decide(accepted, SETTINGS).reasons)


def test_a_judge_that_is_not_calibrated_by_choice_changes_no_verdict() -> None:
    found = after(Told("same", None))
    assert [case.unread for case in found.cases] == [False]


def test_where_nobody_is_to_be_asked_only_what_is_known_counts() -> None:
    judge = Told("same")
    assert "review" in gravest(after(judge, asking=False))
    assert judge.asked == []


def test_what_is_for_review_is_put_to_it_before_what_is_only_reworded() -> None:
    """Its budget may not last for a whole suite in other words."""
    reworded = ["In five days your parcel is there.", "Your parcel is there in five days."]
    pin, new = run("pin", PINS, 2), run("new", NEW, 2)
    said = tuple(
        Sample(
            "passed",
            calls=(Call("gpt", Reply(text=text, served_model="new"), True, 1.0),),
            answers=(Answer("s", None, text),),
        )
        for text in reworded
    )
    candidate = Run(new.selection, (Case("case0", said, models=("gpt",)), new.cases[1]))
    judge = Told("same")
    comparison = compare(pin, candidate, "gpt", SETTINGS)
    first, second = comparison.cases
    assert {drift.severity for drift in first.drifts} == {"info"}
    assert "review" in {drift.severity for drift in second.drifts}
    judged(comparison, RunPair(pin, candidate, SETTINGS), cast(Judge, judge))
    asked = [each.new for each in judge.asked]
    assert set(asked[:2]) <= set(NEW)
    assert set(asked[2:]) == set(reworded)


def test_what_is_only_reworded_waits_for_no_judge_but_is_not_cleared_without_it() -> None:
    texts = ["In five days your parcel is there.", "Your parcel is there in five days."]
    candidate = run("new", texts)
    judge = Told("same")
    judge.is_down = True
    comparison = compare(PRODUCTION, candidate, "gpt", SETTINGS)
    assert gravest(comparison) == {"info"}
    runs = RunPair(PRODUCTION, candidate, SETTINGS)
    found = judged(comparison, runs, cast(Judge, judge))
    assert [(case.unread, case.unjudged) for case in found.cases] == [(True, "")]
