"""Where prompt and model moved together, and requests that a test sends at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from pytest_modelpin.compare.comparable import changes_by_itself, in_order_of, nothing_recorded_of
from pytest_modelpin.compare.comparison import Comparison, compare, night_counts
from pytest_modelpin.compare.decide import decide
from pytest_modelpin.providers.wire import JSON, Reply
from pytest_modelpin.report.comparison_text import changed_answer
from pytest_modelpin.results.case import Answer, Call, Case, Sample
from pytest_modelpin.results.run import Asked, Run

PIN, NEXT = "gpt-4o-2024-08-06", "gpt-4o-2024-11-20"


def asked(*requests: str, says: str = "It is $42.", passed: bool = True) -> tuple[Sample, ...]:
    """One sample for each of these first requests."""
    return tuple(
        Sample(
            "passed" if passed else "failed",
            calls=(Call("gpt", Reply(text=says, served_model=NEXT), True, 1.0, request),),
            answers=(Answer("s0", None, says),),
        )
        for request in requests
    )


def compared(*pairs: tuple[Case, Case]) -> Comparison:
    runs = [
        Run({"gpt": Asked("gpt", PIN, which, id, "all", (id,))}, cases)
        for which, id, cases in zip(
            ("production", "candidate"), (PIN, NEXT), zip(*pairs, strict=True), strict=True
        )
    ]
    return compare(*runs, "gpt")


def case(id: str, samples: tuple[Sample, ...], **more) -> Case:
    return Case(id, samples, models=("gpt",), **more)


@pytest.mark.parametrize(
    ("pin", "candidate", "moved"),
    [
        (("p1", "p1"), ("p1",), ()),
        (("p1", "p1"), ("p2", "p2"), ("a",)),
        (("p1", "p1"), ("p1", "p2"), ()),
        (("p1", "p3"), ("p2",), ()),  # it asks something else each time, whoever answers
        (("p1",), (), ()),
    ],
)
def test_a_prompt_that_moved_with_the_model_is_named(pin, candidate, moved) -> None:
    found = compared((case("a", asked(*pin)), case("a", asked(*candidate))))
    assert found.moved_together == moved


def heard(*said: str) -> Sample:
    """Of requests that a test sends at once: `a=Paris` is what `a` was answered."""
    calls = (one.split("=") for one in said)
    return Sample(
        "passed",
        calls=tuple(
            Call("gpt", Reply(text=text, served_model=NEXT), True, 1.0, request)
            for request, text in calls
        ),
    )


def test_of_requests_that_a_test_sends_at_once_any_comes_first() -> None:
    """Each was held against what another had been answered: numbers had changed every night."""
    paris, fee, rome = "a=In Paris.", "b=It is $42.", "c=In Rome, at 9:30."
    pin = case("a", (heard(paris, fee, rome), heard(fee, paris, rome)))
    candidate = case("a", (heard(rome, fee, paris), heard(fee, rome, paris)))
    found = compared((pin, candidate))
    assert found.moved_together == ()
    assert {drift.kind for each in found.cases for drift in each.drifts} <= {"identical"}
    assert changed_answer(pin, candidate, "gpt") is None


def test_what_quotes_an_answer_or_is_asked_twice_keeps_its_place() -> None:
    pin = case("a", (heard("a=One.", "q1=Two.", "a=Three."),))
    candidate = case("a", (heard("a=One.", "q2=Two.", "a=Three."),))
    assert in_order_of(pin, candidate) is candidate
    assert in_order_of(pin, pin) is pin
    turned = case("a", (heard("a=One.", "q2=Two.", "b=Five."), heard("b=Five.", "a=One.")))
    assert in_order_of(turned, turned).samples[1] == heard("a=One.", "b=Five.")


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ({"extract/default": "h1"}, {"extract/default": "h1"}, False),
        ({"extract/default": "h1"}, {"extract/gpt-5": "h1"}, False),  # equal texts
        ({"extract/default": "h1"}, {"extract/gpt-5": "h2"}, True),
        ({"extract/default": "h1"}, {"sum/default": "h2"}, False),  # of another task
        ({}, {"extract/gpt-5": "h2"}, False),
    ],
)
def test_a_prompt_of_a_later_request_is_told_by_its_hash(
    before: Mapping[str, str], after: Mapping[str, str], moved: bool
) -> None:
    pin, candidate = (case("a", asked("r1", "r1"), prompts=each) for each in (before, after))
    assert bool(compared((pin, candidate)).moved_together) == moved


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        # What a version takes as settings is the version's: its prompt is the same.
        ({"messages": ["Hi"], "temperature": 0}, {"messages": ["Hi"]}, False),
        ({"messages": ["Hi"], "max_tokens": 9}, {"messages": ["Hi"], "reasoning": {}}, False),
        ({"messages": ["Hi"]}, {"messages": ["Hello"]}, True),
        ({"contents": [1], "systemInstruction": "a"}, {"contents": [1]}, True),
        ({"messages": ["Hi"], "tools": [1]}, {"messages": ["Hi"], "tools": [2]}, True),
        ({"query": "Hi"}, {"query": "Hello"}, True),  # of an API that nobody knows: all of it
    ],
)
def test_settings_alone_are_no_prompt(before: JSON, after: JSON, moved: bool) -> None:
    pin = case("a", asked("r1", "r1"), questions={"r1": before})
    candidate = case("a", asked("r2", "r2"), questions={"r2": after})
    assert bool(compared((pin, candidate)).moved_together) == moved


def night(moved_says: str = "It is $420.", others_say: str = "It is $42.") -> Comparison:
    """Four cases that stay, and one that asks the candidate something else."""
    stay = [
        (
            case(f"b{n}", asked(*["r1"] * 5)),
            case(f"b{n}", asked(*["r1"] * 5, says=others_say, passed=others_say == "It is $42.")),
        )
        for n in range(4)
    ]
    moved = (
        case("a", asked(*["r1"] * 5), critical=True),
        case("a", asked(*["r2"] * 5, says=moved_says, passed=False), critical=True),
    )
    return compared(moved, *stay)


def test_what_changed_there_is_said_of_neither() -> None:
    found = night()
    assert [each.id for each in found.cases if each.moved_together] == ["a"]
    assert "a" not in night_counts(found)
    said = decide(found)
    assert (said.colour, said.bump_due, said.flagged) == ("inconclusive", False, ())
    assert "prompt and model moved together in a:" in said.reasons[0]
    assert "pytest-modelpin accept gpt" in said.reasons[0]
    assert not any("read what changed in" in reason for reason in said.reasons)


def test_a_moved_prompt_does_not_hide_what_the_model_breaks_elsewhere() -> None:
    found = night(others_say="No idea.")
    fresh = {f"b{n}": (8, 8, 0, 8) for n in range(4)}
    said = decide(found, confirmations=fresh)
    assert said.colour == "red"
    assert "b0" in said.reasons[0]
    assert any("prompt and model moved together in a:" in reason for reason in said.reasons)


def test_a_suite_whose_every_case_moved_says_nothing() -> None:
    found = compared((case("a", asked("r1", "r1")), case("a", asked("r2", "r2"))))
    said = decide(found)
    assert said.colour == "inconclusive"
    assert "prompt and model moved together in a:" in said.reasons[0]


def test_a_pair_that_a_person_accepted_counts_as_one() -> None:
    found = night()
    paired = replace(found, cases=tuple(replace(each, accepted=True) for each in found.cases))
    assert night_counts(paired)["a"] == (5, 5, 0, 5)
    assert "a" in decide(paired).flagged


@pytest.mark.parametrize(
    ("case", "does"),
    [
        ("t.py::test_x[<object object at 0x7fb6a094e000>]", True),
        ("t.py::test_x[due 2026-11-20]", True),
        ("t.py::test_x[1795000000.25-a]", True),
        ("t.py::test_x[123e4567-e89b-12d3-a456-426614174000]", True),
        ("t.py::test_x[12]", False),
        ("t.py::test_x[refund-0x1f]", False),
        ("2026-11-20/t.py::test_x", False),
    ],
)
def test_ids_that_are_others_in_another_run_are_told_from_those_that_stay(case, does):
    assert changes_by_itself(case) is does


def test_a_case_that_no_recording_will_ever_be_found_of_is_said_to_be_one():
    """Recording it again was what a person was told, night after night."""
    said = nothing_recorded_of(["t.py::test_x", "t.py::test_y[2026-11-20]"])
    assert "`pytest-modelpin record`" in said
    assert said.endswith(
        "and where the id of t.py::test_y[2026-11-20] is another one from run to run, no recording "
        "is ever found again: give its parameters ids that stay, by `ids=`"
    )
    assert "`ids=`" not in nothing_recorded_of(["t.py::test_x"])
