"""From cases to a run: which versions served, and what is odd about it."""

import pytest

from pytest_modelpin.providers.reply import Reply
from pytest_modelpin.registry.selection import Selected, Selection
from pytest_modelpin.results.assemble import assemble
from pytest_modelpin.results.case import Call, Case, Sample

PIN, ALIAS, NEXT = "gpt-4o-2024-08-06", "gpt-4o", "gpt-4o-2024-11-20"


def run_of(*served, which="candidate", id=ALIAS, provider="openai"):
    selection = Selection({"support": Selected("support", PIN, which, id, "all")}, True)
    calls = tuple(
        Call("support", Reply(served_model=each, provider=provider), True, 0.1) for each in served
    )
    cases = [Case("t::a", (Sample("passed", calls=calls),), models=("support",))]
    return assemble(selection, cases, started="", seconds=0.0, samples=1, deselected=0)


def test_the_served_versions_are_named_once_and_sorted():
    assert run_of(NEXT, PIN, NEXT).selection["support"].served == (PIN, NEXT)


def test_an_alias_that_resolved_proves_its_version():
    assert run_of(NEXT).selection["support"].echoes is False


def test_an_echoed_alias_proves_nothing():
    run = run_of("gemini-2.5-flash", id="gemini-2.5-flash", provider="google")
    assert run.selection["support"].echoes is True


def test_replies_that_name_no_model_leave_the_version_unknown():
    asked = run_of(None).selection["support"]
    assert (asked.served, asked.echoes) == ((), True)


def test_a_pin_that_another_version_answered_is_noted():
    (note,) = run_of(NEXT, which="production", id=PIN).notes
    assert PIN in note
    assert NEXT in note


def test_a_candidate_that_is_the_pin_is_noted():
    (note,) = run_of(PIN, id=PIN).notes
    assert "the candidate is the pin itself" in note


@pytest.mark.parametrize("served", [(), (PIN,)])
def test_a_pin_that_answers_as_itself_is_not_noted(served):
    assert run_of(*served, which="production", id=PIN).notes == ()
