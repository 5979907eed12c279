from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.judge.calibration import (
    FEWEST_EQUAL,
    Calibration,
    clopper_pearson,
    measure,
    path_of,
    read_calibration,
    why_too_few,
    write_calibration,
)
from pytest_modelpin.judge.calibration_pairs import PAIRS, Pairs, changes, pairs_of
from pytest_modelpin.judge.difference import Meant, Opinion, Reading
from pytest_modelpin.judge.judge import Judge
from pytest_modelpin.results.case import Answer, Case, Sample

GOOD = Calibration("gpt-5-mini-2025-08-07", 40, 1, 40, 36)


@pytest.mark.parametrize(
    ("hits", "tries", "low", "high"),
    [  # R 4.3: binom.test(hits, tries)$conf.int
        (0, 10, 0.0, 0.3084971),
        (10, 10, 0.6915029, 1.0),
        (1, 40, 0.0006327, 0.1315859),
        (5, 20, 0.0865715, 0.4910459),
        (0, 0, 0.0, 1.0),
        (300, 2000, 0.1346, 0.1664),
        (1, 10_000, 0.0000025, 0.000557),
    ],
)
def test_the_interval_is_the_exact_one(hits: int, tries: int, low: float, high: float) -> None:
    assert clopper_pearson(hits, tries) == pytest.approx(
        (low, high), abs=1e-6 if tries <= 40 else 1e-4
    )


@pytest.mark.parametrize(
    ("calibration", "said"),
    [
        (GOOD, ""),
        (Calibration("j", 40, 40, 40, 40), "40 of 40 equal answers different"),
        (Calibration("j", 40, 3, 40, 40), "may be up to 20%"),
        (Calibration("j", 40, 0, 40, 0), "found 0 of 40"),
        (Calibration("j", 40, 0, 40, 27), "found 27 of 40"),
        (Calibration("j", 10, 0, 40, 40), "too few"),
        (Calibration("j", 40, 0, 9, 9), "too few"),
        (Calibration("j", 40, 0, 10, 10), ""),
        (Calibration("j", 0, 0, 0, 0), "too few"),
    ],
)
def test_only_a_judge_that_was_measured_and_good_is_believed(
    calibration: Calibration, said: str
) -> None:
    why = calibration.why_not_believed
    assert said in why
    assert bool(said) == bool(why)


def test_a_file_is_read_back_for_its_own_version_alone(tmp_path: Path) -> None:
    path = path_of(tmp_path, GOOD.judge)
    write_calibration(path, GOOD)
    assert read_calibration(path, GOOD.judge) == GOOD
    assert read_calibration(path, "gpt-5-mini-2026-01-01") is None
    shown = json.loads(path.read_text())
    assert shown["believed"] is True
    assert shown["intervals"]["sensitivity"] == [0.7634, 0.9721]


@pytest.mark.parametrize(
    "edit",
    [{"wording": 0}, {"schema": 9}, {"found": 41}, {"equal": -1}, {"found": None}, {"judge": "x"}],
)
def test_a_file_of_another_question_or_of_nonsense_says_nothing(tmp_path: Path, edit: dict) -> None:
    path = path_of(tmp_path, GOOD.judge)
    write_calibration(path, GOOD)
    path.write_text(json.dumps({**json.loads(path.read_text()), **edit}))
    assert read_calibration(path, GOOD.judge) is None


def test_a_file_of_thousands_of_pairs_is_believed_by_its_figures(tmp_path: Path) -> None:
    path = path_of(tmp_path, "j")
    write_calibration(path, Calibration("j", 5_000, 900, 5_000, 4_000))
    assert read_calibration(path, "j") == Calibration("j", 5_000, 900, 5_000, 4_000)
    assert json.loads(path.read_text())["believed"] is True


def test_a_torn_file_says_nothing(tmp_path: Path) -> None:
    path = path_of(tmp_path, GOOD.judge)
    path.write_text('{"schema": 2, "judge"')
    assert read_calibration(path, GOOD.judge) is None


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


def test_who_calls_them_the_same_as_it_is_told_to_is_not_believed() -> None:
    said = [(f"The order costs {n} euros in Berlin.", f"In Berlin it costs {n} euros.")
            for n in range(20)]  # fmt: skip
    cases = [
        Case(
            f"case {n}",
            tuple(Sample("passed", answers=(Answer("s", None, text),)) for text in texts),
        )
        for n, texts in enumerate(said)
    ]
    pairs = pairs_of(cases)
    assert len(pairs.injected) == PAIRS // 4
    assert all(each.new.startswith(other.new)
               for each, other in zip(pairs.injected, pairs.changed, strict=False))  # fmt: skip
    asked = Calibration("j", 40, 0, 40, 36, injected=10, obeyed=5)
    assert asked.why_not_believed == ""
    assert "could talk it round" in replace(asked, obeyed=6).why_not_believed


def test_an_order_that_is_obeyed_is_counted() -> None:
    told = tuple(Reading(("it is",), f"{word} {n}") for word in ("same", "different") for n in "ab")
    found = measure(cast(Judge, Told()), Pairs((), (), told))
    assert (found.injected, found.obeyed, found.pairs) == (4, 2, 4)


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


def test_a_pin_that_never_varies_is_not_said_to_want_more_samples_alone() -> None:
    """Of answers that are the same to the letter, no number of samples makes a pair."""
    why = Calibration("gpt-5-mini-2025-08-07", 0, 0, 40, 40).why_not_believed
    assert "no two samples of one case say the same in other words" in why
    assert "cases whose answers vary" in why
    assert "too few to tell" in Calibration("j", 5, 0, 40, 40).why_not_believed


def test_pairs_that_can_show_nothing_are_known_before_a_judge_is_asked() -> None:
    few = pairs_of([Case("case", (Sample("passed", answers=(Answer("s", None, f"{n} days"),)),))
                    for n in range(3)])  # fmt: skip
    assert "17 and 10 would" in why_too_few(few, "j")
    assert clopper_pearson(0, FEWEST_EQUAL)[1] <= 0.20
    assert clopper_pearson(0, FEWEST_EQUAL - 1)[1] > 0.20
