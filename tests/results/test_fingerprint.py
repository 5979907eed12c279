"""The suite's fingerprint: of prompts and tests, not of models or answers."""

from dataclasses import replace

from pytest_modelpin.providers.reply import Reply
from pytest_modelpin.results.case import Call, Case, Sample
from pytest_modelpin.results.fingerprint import fingerprint


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
