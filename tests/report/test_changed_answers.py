import pytest

from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.providers.reply import Reply
from pytest_modelpin.report.changed_answers import answer_text, changed_answers
from pytest_modelpin.results.case import Answer, Call, Case, Sample
from pytest_modelpin.results.run import Run


def sample(text, outcome="passed", *, tools=(), given=None):
    reply = Reply(text=text, tools=tools)
    answers = () if given is None else (Answer("s", None, given),)
    return Sample(outcome, calls=(Call("claude", reply, True, 0.1),), answers=answers)


@pytest.fixture
def changed(case, compared):
    def make(before, after, *drifts):
        sides = [Run({}, (Case("t", tuple(samples)),)) for samples in (before, after)]
        return changed_answers(compared(case("t", *drifts)), *sides)

    return make


def test_without_a_snapshot_the_replies_stand_for_the_answer(changed):
    (answer,) = changed([sample("Yes.")], [sample("No.")])
    assert (answer.before, answer.after) == ("Yes.", "No.")


def test_an_answer_given_to_a_snapshot_goes_before_the_wires(changed):
    (answer,) = changed([sample("x", given={"total": 42})], [sample("x", given={"total": 420})])
    assert "42\n" in answer.before
    assert '"total": 420' in answer.after


def test_what_the_pin_said_in_any_sample_is_no_change(changed):
    assert changed([sample("Yes."), sample("Yes!")], [sample("Yes!"), sample("Yes.")]) == ()


def test_the_answer_of_a_sample_that_failed_is_shown_before_another_new_one(changed):
    (answer,) = changed([sample("Yes.")], [sample("Yep."), sample("No.", "failed")])
    assert answer.after == "No."


def test_a_lost_sample_changed_nothing(changed):
    assert changed([sample("Yes.")], [sample("", "lost")]) == ()


def test_the_worst_case_comes_first(case, compared):
    cases = [case("a", Drift("wording", "info", "")), case("b", Drift("number", "regression", ""))]
    runs = [
        Run({}, tuple(Case(id, (sample(text),)) for id in "ab")) for text in ("before", "after")
    ]
    found = changed_answers(compared(*cases), *runs)
    assert [answer.case for answer in found] == ["b", "a"]


def test_a_tools_call_is_part_of_what_was_said():
    called = sample("I look.", tools=(("weather", {"city": "Oslo"}),))
    assert answer_text(called, "claude") == 'I look.\nweather({"city": "Oslo"})'
