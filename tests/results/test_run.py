"""The suite's fingerprint: of prompts and tests, not of models or answers.

From cases to a run: which versions served, and what is odd about it.
"""

from dataclasses import replace

import pytest

from pytest_modelpin.providers.reply import Reply
from pytest_modelpin.registry.selection import Selected, Selection
from pytest_modelpin.results.case import Call, Case, Sample
from pytest_modelpin.results.run import RunMetadata, assemble, fingerprint


def case(*requests, id="t::a", source="s", text="hello"):
    calls = tuple(Call("claude", Reply(text), True, 0.1, request) for request in requests)
    return Case(id, (Sample("passed", calls=calls),), source=source)


def test_order_of_cases_does_not_matter():
    first, second = case("p"), case("q", id="t::b")
    assert fingerprint([first, second]) == fingerprint([second, first])


def test_another_answer_leaves_it():
    assert fingerprint([case("p")]) == fingerprint([case("p", text="good day")])


def test_a_later_request_leaves_it_since_it_may_quote_an_answer():
    assert fingerprint([case("p", "q")]) == fingerprint([case("p", "r")])


def test_another_prompt_changes_it():
    assert fingerprint([case("p")]) != fingerprint([case("q")])


def test_another_test_file_changes_it():
    assert fingerprint([case("p")]) != fingerprint([case("p", source="t")])


def test_another_judge_changes_it():
    assert fingerprint([case("p")], "judge-1") != fingerprint([case("p")], "judge-2")


def test_more_samples_leave_it():
    once = case("p")
    assert fingerprint([once]) == fingerprint([replace(once, samples=once.samples * 3)])


PIN, ALIAS, NEXT = "gpt-4o-2024-08-06", "gpt-4o", "gpt-4o-2024-11-20"


def run_of(*served, which="candidate", id=ALIAS, provider="openai"):
    selection = Selection({"support": Selected("support", PIN, which, id, "all")}, True)
    calls = tuple(
        Call("support", Reply(served_model=each, provider=provider), True, 0.1) for each in served
    )
    cases = [Case("t::a", (Sample("passed", calls=calls),), models=("support",))]
    return assemble(selection, cases, RunMetadata())


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
