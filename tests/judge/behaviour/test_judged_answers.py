"""What a judge says of a case, from its reply to the verdict."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare.accepted_drifts import drifts_within
from pytest_modelpin.compare.comparison import Comparison, compare
from pytest_modelpin.compare.decide import decide
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.judge.asking import JudgeRequest
from pytest_modelpin.judge.criterion import judge_answer
from pytest_modelpin.providers.wire import Reply
from pytest_modelpin.results.case import Answer, Call, Case, Judged, Sample
from pytest_modelpin.results.run import Asked, Run

PIN, NEXT, JUDGE = "gpt-4o-2024-08-06", "gpt-4o-2024-11-20", "gpt-5-2025-08-07"
WORSE = Judged("production", "It left out the deadline.")
NO_USE = Judged(None, "the judge gave no reason")


def request(
    ask: Callable[[str, str], Reply],
    judge: str = "judge",
    compared: Mapping[str, frozenset[str]] | None = None,
) -> JudgeRequest:
    answer = Answer("t.py::a", "5 days", "6 days", "same facts")
    return JudgeRequest(answer, judge, JUDGE, compared or {"gpt": frozenset({PIN, NEXT})}, ask)


def replies(text: str, served: str | None = JUDGE) -> Callable[[str, str], Reply]:
    return lambda system, user: Reply(text=text, served_model=served)


def prefers_production(system: str, user: str) -> Reply:
    verdict = "a" if json.loads(user)["a"] == "5 days" else "b"
    return Reply(text=json.dumps({"verdict": verdict, "reason": "Right."}), served_model=JUDGE)


def unreachable(system: str, user: str) -> Reply:
    raise ModelpinError("the judge can't be reached")


def never(system: str, user: str) -> Reply:
    raise AssertionError("a barred judge was asked")


def run_of(which: str, id: str, *answers: Answer | None, case: str = "case") -> Run:
    def sample(answer: Answer | None) -> Sample:
        reply = Reply(text="x", served_model=id, provider="openai")
        given = () if answer is None else (answer,)
        return Sample("passed", calls=(Call("gpt", reply, True, 1.0),), answers=given)

    cases = [
        Case(f"{case}{number:03}", (sample(answer),) * 3, models=("gpt",))
        for number, answer in enumerate(answers)
    ]
    asked = Asked("gpt", PIN, which, id, "all", (id,))
    return Run({"gpt": asked}, tuple(cases), samples=3, fingerprint="f")


def answer(judged: Judged | None, received: str = "It takes 5 days.") -> Answer:
    return Answer("s", "It takes five days.", received, "same facts", judged)


def compared(*judged: Judged | None) -> Comparison:
    before = run_of("production", PIN, *(answer(None, "It takes five days.") for _ in judged))
    after = run_of("candidate", NEXT, *(answer(each) for each in judged))
    return compare(before, after, "gpt")


def test_the_judges_reply_becomes_a_judgement_of_the_answer():
    assert judge_answer(request(prefers_production)) == Judged("production", "Right.")


@pytest.mark.parametrize(
    ("ask", "named"),
    [
        (replies("Both are nice."), "no JSON object"),
        (replies(""), "no JSON object"),
        (unreachable, "can't be reached"),
    ],
)
def test_no_usable_reply_is_a_reason_without_a_side(ask, named):
    found = judge_answer(request(ask))
    assert found.better is None
    assert named in found.reason


def test_a_judge_of_its_own_bump_is_not_asked():
    found = judge_answer(request(never, judge="gpt"))
    assert found.better is None
    assert "own bump" in found.reason


def test_a_judge_on_a_version_compared_is_not_asked():
    found = judge_answer(request(never, compared={"gpt": frozenset({PIN, JUDGE})}))
    assert found.better is None
    assert JUDGE in found.reason


def test_a_judge_that_the_candidates_version_answered_for_is_not_believed():
    said = replies('{"verdict": "tie", "reason": "x"}', served=NEXT)
    found = judge_answer(request(said))
    assert found.better is None
    assert NEXT in found.reason


def test_an_answer_that_the_judge_finds_worse_has_drifted_in_content():
    [case] = compared(WORSE).cases
    [drift] = [drift for drift in case.drifts if drift.where == "judge"]
    assert (drift.kind, drift.severity, drift.after) == ("content", "review", WORSE.reason)


def test_the_end_of_a_single_run_shows_what_the_judge_found():
    found = drifts_within(run_of("candidate", NEXT, answer(WORSE)), Settings())
    assert WORSE.reason in [drift.after for drift in found["case000"]]


def test_what_the_suite_ignores_is_only_information_from_a_judge_too():
    run = run_of("candidate", NEXT, answer(WORSE))
    found = drifts_within(run, Settings(ignore=("content",)))["case000"]
    assert {drift.severity for drift in found} == {"info"}


@pytest.mark.parametrize("better", ["candidate", "neither"])
def test_an_answer_that_is_no_worse_has_not_drifted_by_the_judge(better):
    [case] = compared(Judged(better, "Fine.")).cases
    assert "judge" not in {drift.where for drift in case.drifts}


def test_an_answer_that_production_gives_as_well_has_not_drifted():
    same = "It takes 5 days."
    before = run_of("production", PIN, answer(None, same))
    [case] = compare(before, run_of("candidate", NEXT, answer(WORSE, same)), "gpt").cases
    assert "judge" not in {drift.where for drift in case.drifts}


def test_a_night_whose_judge_is_of_no_use_is_inconclusive_with_the_reason():
    verdict = decide(compared(*[NO_USE] * 12))
    assert verdict.colour == "inconclusive"
    assert "the judge gave no usable answer for case000" in verdict.reasons[0]
    assert NO_USE.reason in verdict.reasons[0]


def test_what_is_worse_by_its_own_asserts_is_red_though_the_judge_is_of_no_use():
    before = run_of("production", PIN, *(answer(None, "It takes five days.") for _ in range(12)))
    after = run_of("candidate", NEXT, *(answer(NO_USE) for _ in range(12)))
    failed = replace(after.cases[0].samples[0], outcome="failed")
    dead = replace(after.cases[0], samples=(failed,))
    after = replace(after, cases=(dead, *after.cases[1:]))
    fresh = {"case000": (8, 8, 0, 8)}
    verdict = decide(compare(before, after, "gpt"), confirmations=fresh)
    assert verdict.colour == "red"
    assert any("no usable answer" in reason for reason in verdict.reasons)


def test_one_case_in_a_hundred_without_a_judgement_is_only_noted():
    comparison = compared(NO_USE, *[Judged("neither", "Fine.")] * 99)
    assert decide(comparison).colour == "green"
    assert [note for note in comparison.notes if NO_USE.reason in note]


def test_the_share_is_of_the_cases_that_were_to_be_judged():
    comparison = compared(NO_USE, Judged("neither", "Fine."), *[None] * 98)
    assert decide(comparison).colour == "inconclusive"


def test_one_usable_judgement_of_its_samples_is_enough_for_a_case():
    before = run_of("production", PIN, *(answer(None, "It takes five days.") for _ in range(12)))
    after = run_of("candidate", NEXT, *(answer(None) for _ in range(12)))
    samples = [
        Sample("passed", calls=after.cases[0].samples[0].calls, answers=(answer(judged),))
        for judged in (NO_USE, Judged("neither", "Fine."), NO_USE)
    ]
    first = Case("case000", tuple(samples), models=("gpt",))
    after = Run(after.selection, (first, *after.cases[1:]), fingerprint="f")
    assert decide(compare(before, after, "gpt")).colour == "green"
