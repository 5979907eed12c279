"""What one run shows by itself: against the accepted answers and the pin's recorded replies."""

from collections.abc import Sequence

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare.accepted_drifts import drifts_within, uncompared_within
from pytest_modelpin.providers.wire import JSON, Reply
from pytest_modelpin.results.case import Answer, Call, Case, Sample
from pytest_modelpin.results.run import Asked, Run

PIN, NEXT = "gpt-4o-2024-08-06", "gpt-4o-2024-11-20"
ID = "test_a.py::test_a"


def case(*samples: Sequence[str | Answer], outcome: str = "passed") -> Case:
    """Texts are replies, in order; answers were given to `model_snapshot`."""
    made = []
    for said in samples:
        texts = [each for each in said if isinstance(each, str)]
        calls = tuple(Call("gpt", Reply(text=text), True, 0.1) for text in texts)
        answers = tuple(each for each in said if isinstance(each, Answer))
        made.append(Sample(outcome, calls=calls, answers=answers))  # type: ignore[arg-type]
    return Case(ID, tuple(made), models=("gpt",))


def accepted(before: JSON, received: JSON, name: str = "s") -> Answer:
    return Answer(name, before, received)


def drifts(candidate: Case, pin: Case | None = None, id: str = NEXT) -> list[tuple[str, str]]:
    run = Run({"gpt": Asked("gpt", PIN, "candidate", id, "all")}, (candidate,))
    pins = {ID: pin} if pin else {}
    found = drifts_within(run, Settings(), pins=pins).get(ID, ())
    return [(drift.kind, drift.severity) for drift in found]


def test_a_reply_that_no_test_gave_to_a_snapshot_is_held_against_the_pins():
    assert drifts(case(["5 days"]), case(["5 days"])) == []
    assert ("number", "regression") in drifts(case(["30 days"]), case(["5 days"]))


def test_all_samples_of_the_candidate_are_looked_at():
    found = drifts(case(["5 days"], ["30 days"], ["30 days"]), case(["5 days"]))
    assert ("number", "regression") in found


def test_what_the_pins_samples_differ_in_is_noise():
    pin = case(["It takes 5 days."], ["It takes 6 days."], ["It takes 7 days."])
    assert not [each for each in drifts(case(["It takes 6 days."]), pin) if each[1] != "info"]


def test_a_sample_that_failed_before_its_answer_shows_it_in_its_replies():
    failed = case(["30 days"], outcome="failed")
    assert ("number", "regression") in drifts(failed, case(["5 days"]))


def test_a_reply_beside_the_one_that_an_answer_shows_is_held_against_the_pins():
    pin = case(["route: refunds", "5 days"])
    same = case(["route: refunds", "5 days", accepted("5 days", "5 days")])
    assert drifts(same, pin) == []
    other = case(["route: cancellations", "5 days", accepted("5 days", "5 days")])
    assert drifts(other, pin)


def test_an_answer_is_not_reported_a_second_time_for_its_reply():
    pin = case(["5 days"])
    changed = case(["30 days", accepted("5 days", "30 days")])
    assert len([kind for kind, _ in drifts(changed, pin) if kind == "number"]) == 1


def test_an_answer_may_vary_as_the_pins_own_samples_do():
    pin = case(["5 days"], ["5 to 7 days"], ["up to 7 days"])
    varied = case(["up to 7 days", accepted("5 days", "up to 7 days")])
    assert drifts(varied, pin) == []
    assert drifts(varied) != []


def test_an_answer_that_was_made_of_a_json_reply_varies_as_that_does():
    pin = case(['{"days": 5}'], ['{"days": 7}'])
    assert drifts(case(['{"days": 7}', accepted({"days": 5}, {"days": 7})]), pin) == []


def test_a_new_tool_call_is_found_beside_an_accepted_text():
    tool = Reply(text="5 days", tools=(("cancel", {"order": 3}),))  # type: ignore[arg-type]
    answer = accepted("5 days", "5 days")
    called = Case(ID, (Sample("passed", calls=(Call("gpt", tool, True, 0.1),), answers=(answer,)),))
    assert drifts(called, case(["5 days"]))


def test_a_run_on_the_pin_is_not_held_against_itself():
    assert drifts(case(["30 days"]), case(["5 days"]), id=PIN) == []


def test_cases_with_nothing_to_compare_with_are_named():
    def uncompared(candidate: Case, pin: Case | None = None) -> tuple[str, ...]:
        run = Run({"gpt": Asked("gpt", PIN, "candidate", NEXT, "all")}, (candidate,))
        return uncompared_within(run, {ID: pin} if pin else {})

    assert uncompared(case(["5 days"])) == (ID,)
    assert uncompared(case(["5 days"]), case(["5 days"])) == ()
    assert uncompared(case(["5 days", accepted("5 days", "5 days")])) == ()
    assert uncompared(case([])) == ()


def asked(*said: str) -> Sample:
    """Of requests that a test sends at once: `a=Paris` is what `a` was answered."""
    calls = (one.split("=") for one in said)
    return Sample("passed", calls=tuple(Call("gpt", Reply(t), True, 0.1, r) for r, t in calls))


def test_of_requests_that_a_test_sends_at_once_any_comes_first():
    """A run by hand held each against what another had been answered, as a night does not."""
    paris, fee = "a=In Paris.", "b=It is $42."
    pin = Case(ID, (asked(paris, fee), asked(fee, paris)), models=("gpt",))
    assert drifts(Case(ID, (asked(fee, paris),), models=("gpt",)), pin) == []
    changed = Case(ID, (asked("b=It is $50.", paris),), models=("gpt",))
    assert ("number", "regression") in drifts(changed, pin)
