"""Two runs side by side: which cases belong together, what is compared with what, and figures."""

from dataclasses import replace

import pytest

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare.comparison import CaseComparison, compare
from pytest_modelpin.compare.figures import increase, percentile
from pytest_modelpin.errors import RunReportError
from pytest_modelpin.providers.wire import JSON, Reply, Usage
from pytest_modelpin.results.case import Answer, Call, Case, Sample
from pytest_modelpin.results.run import Asked, Run

PIN = "gpt-4o-2024-08-06"
NEXT = "gpt-4o-2024-11-20"


def reply(text: str, served: str = PIN, **changed: object) -> Reply:
    plain = Reply(text=text, usage=Usage(10, 5), served_model=served, provider="openai")
    return replace(plain, **changed)  # type: ignore[arg-type]


def said(*texts: str, name: str = "gpt", seconds: float = 1.0) -> Sample:
    return Sample("passed", calls=tuple(Call(name, reply(text), True, seconds) for text in texts))


def answered(*values: JSON, accepted: JSON = None) -> Sample:
    return Sample(
        "passed",
        calls=(Call("gpt", reply("behind it"), True, 1.0),),
        answers=tuple(Answer(f"s{n}", accepted, value) for n, value in enumerate(values)),
    )


def run_of(*cases: Case, which: str = "production") -> Run:
    return Run({"gpt": Asked("gpt", PIN, which, PIN, "all", (PIN,))}, cases)


def only(old: tuple[Sample, ...], new: tuple[Sample, ...]) -> CaseComparison:
    before, after = (Case("a", each, models=("gpt",)) for each in (old, new))
    (case,) = compare(run_of(before), run_of(after, which="candidate"), "gpt").cases
    return case


def kinds(case: CaseComparison) -> set[str]:
    return {drift.kind for drift in case.drifts}


def test_equal_answers_do_not_drift() -> None:
    assert only((answered("Berlin"),), (answered("Berlin"),)).drifts == ()


def test_answers_are_compared_by_snapshot() -> None:
    case = only((answered("It is $42.", "Berlin"),), (answered("It is $420.", "Berlin"),))
    assert kinds(case) == {"number"}
    assert case.drifts[0].where.startswith("s0")


def test_the_accepted_answer_stands_in_where_production_gave_none() -> None:
    assert "number" in kinds(only((said("x"),), (answered("$420", accepted="$42"),)))


def test_what_production_answered_in_any_sample_is_no_drift() -> None:
    old = (answered("It is $42."), answered("It is $42."), answered("It is $43."))
    assert only(old, (answered("It is $43."),)).drifts == ()


def test_what_production_wavers_in_is_never_more_than_information() -> None:
    old = (answered("It is $41."), answered("It is $42."), answered("It is $42."))
    (drift,) = only(old, (answered("It is $420."),)).drifts
    assert (drift.kind, drift.severity) == ("number", "info")


def test_every_sample_of_the_candidate_is_compared() -> None:
    new = (answered("It is $42."), answered("It is $420."))
    assert kinds(only((answered("It is $42."),), new)) == {"number"}


def test_a_case_without_answers_is_compared_by_its_replies_in_order() -> None:
    case = only((said("one", "It is $42."),), (said("one", "It is $420."),))
    assert kinds(case) == {"number"}


def test_replies_of_other_models_are_left_alone() -> None:
    other = Sample("passed", calls=(Call("judge", reply("yes"), True, 1.0),))
    changed = Sample("passed", calls=(Call("judge", reply("no"), True, 1.0),))
    old, new = said("Berlin"), said("Berlin")
    case = only(
        (replace(old, calls=(*old.calls, *other.calls)),),
        (replace(new, calls=(*new.calls, *changed.calls)),),
    )
    assert case.drifts == ()
    assert case.candidate.output_tokens == 5


def test_a_category_is_learned_from_the_accepted_answers() -> None:
    def suite(last: str) -> list[Case]:
        labels = ["open", "closed", "open", "closed", last]
        return [
            Case(
                f"t.py::test_label[{n}]",
                (answered({"status": label}, accepted={"status": "open" if n % 2 else "closed"}),),
                models=("gpt",),
            )
            for n, label in enumerate(labels)
        ]

    found = compare(run_of(*suite("open")), run_of(*suite("pending")), "gpt")
    assert kinds(found.cases[4]) == {"enum"}


def test_another_judge_beside_the_candidate_than_beside_the_pin_is_a_fault() -> None:
    """A gateway's stand-in graded the candidate, and the night was green by its leave."""

    def run(which: str, judge: str, by: str = "production") -> Run:
        found = run_of(Case("a", (said("x"),), models=("gpt",)), which=which)
        graded = Asked("judge", "judge-1", by, "judge-1", "none", (judge,))
        return replace(found, selection={**found.selection, "judge": graded})

    old = run("production", "judge-1")
    (fault,) = compare(old, run("candidate", "judge-2"), "gpt").faults
    assert fault.startswith("judge stays on judge-1, which was answered by judge-2 beside the cand")
    assert compare(old, run("candidate", "judge-1"), "gpt").faults == ()
    assert compare(old, run("candidate", "judge-2", "candidate"), "gpt").faults == ()
    both = run("production", "judge-2"), run("candidate", "judge-2")
    assert compare(*both, "gpt").faults == ()


def test_cases_of_one_run_only_are_named_and_not_compared() -> None:
    old = run_of(Case("a", (said("x"),), models=("gpt",)), Case("b", (said("x"),), models=("gpt",)))
    new = run_of(Case("b", (said("x"),), models=("gpt",)), Case("c", (said("x"),), models=("gpt",)))
    found = compare(old, new, "gpt")
    assert [case.id for case in found.cases] == ["b"]
    assert (found.only_production, found.only_candidate) == (("a",), ("c",))


def test_cases_of_other_models_are_none_of_its_business() -> None:
    other = Case("b", (said("x", name="judge"),), models=("judge",))
    found = compare(run_of(other), run_of(), "gpt")
    assert (found.cases, found.only_production) == ((), ())


def test_a_case_lost_before_it_called_is_still_compared() -> None:
    case = only((said("x"),), (Sample("lost", message="503"),))
    assert case.lost
    assert case.message == "503"


def test_an_assert_that_fails_for_the_candidate_only_is_broken() -> None:
    failed = replace(said("x"), outcome="failed", message="assert 1 == 2")
    assert only((said("x"),), (failed,)).broken
    assert not only((failed,), (failed,)).broken


def test_a_model_that_a_run_does_not_know_is_an_error_that_names_those_it_does() -> None:
    with pytest.raises(RunReportError, match="it names: gpt"):
        compare(run_of(), run_of(), "claude")


def test_tokens_are_summed_and_unknown_as_soon_as_one_is() -> None:
    known = only((said("x"), said("y")), (said("x"),)).production
    assert (known.input_tokens, known.output_tokens, known.tokens) == (20, 10, 30)
    silent = Sample("passed", calls=(Call("gpt", reply("y", usage=Usage()), True, 1.0),))
    unknown = only((said("x"), silent), (said("x"),)).production
    assert (unknown.input_tokens, unknown.tokens) == (None, None)


def test_errors_that_a_test_expects_have_no_figures() -> None:
    refused = Call("gpt", reply("", status=400, usage=Usage(), error="too long"), True, 9.0)
    sample = said("x")
    side = only((replace(sample, calls=(refused, *sample.calls)),), (sample,)).production
    assert (side.input_tokens, side.latency_p95) == (10, 1.0)


def test_latency_is_by_nearest_rank() -> None:
    tenths = [number / 10 for number in range(1, 11)]
    assert percentile(tenths, 50) == 0.5
    assert percentile(tenths, 95) == 1.0
    assert percentile([0.3], 50) == 0.3
    assert percentile([], 50) is None


def test_an_increase_from_or_to_the_unknown_is_unknown() -> None:
    assert increase(2.0, 3.0) == 0.5
    assert increase(None, 3.0) is None
    assert increase(2.0, None) is None
    assert increase(0.0, 1.0) is None


def test_cost_and_latency_drift_when_they_change_much() -> None:
    old = Case("a", (said("x", seconds=1.0),), models=("gpt",))
    new = Case("a", (said("x", seconds=2.0),), models=("gpt",))
    (case,) = compare(run_of(old), run_of(new), "gpt").cases
    assert [(d.kind, d.severity, d.before, d.after) for d in case.drifts] == [
        ("latency", "info", 1.0, 2.0)
    ]


@pytest.mark.parametrize(
    ("before", "after", "drifts"), [(0.1, 0.14, 0), (0.1, 0.16, 1), (1.0, 1.1, 0), (1.0, 1.3, 1)]
)
def test_a_latency_has_a_floor_beside_its_ratio(before: float, after: float, drifts: int) -> None:
    """50 ms and 20 %."""
    old, new = (Case("a", (said("x", seconds=s),), models=("gpt",)) for s in (before, after))
    (case,) = compare(run_of(old), run_of(new), "gpt").cases
    assert len([drift for drift in case.drifts if drift.kind == "latency"]) == drifts


def test_a_reply_that_no_test_gave_to_a_snapshot_is_watched() -> None:
    old = (said("It is $42."), said("It is $42."))
    case = only(old, (said("It is $420."),) * 2)
    assert [(d.kind, d.severity, d.watched, d.samples) for d in case.drifts] == [
        ("number", "regression", True, (2, 2))
    ]
    assert (case.drifted_samples, case.watched_samples) == (0, 2)


def test_a_test_that_failed_before_its_answer_shows_what_broke_in_its_replies() -> None:
    """The pin's reply went into an answer; the candidate's was no JSON any more, so none came."""
    pin = replace(
        said('{"topic": "billing", "amount": 42}'), answers=answered({"amount": 42}).answers
    )
    broken = replace(said('Sure! ```json\n{"topic": "billing"}\n```'), outcome="failed")
    found = only((pin,), (broken, broken))
    assert {"unparseable", "keys"} <= kinds(found)
    assert all(drift.before for drift in found.drifts if drift.kind == "unparseable")


def test_a_candidate_that_mends_what_failed_on_the_pin_has_not_fallen_silent() -> None:
    """The pin's broken reply stood beside an answer whose text is compared elsewhere: `empty`."""
    broken = replace(said("Sure! Here it is: billing"), outcome="failed")
    mended = replace(
        said('{"topic": "billing", "amount": 42}'), answers=answered({"amount": 42}).answers
    )
    found = only((broken, broken), (mended, mended))
    assert found.drifts == ()
    assert (found.drifted_samples, found.watched_samples, found.broken) == (0, 0, False)
    assert only((broken, mended, mended), (mended, mended)).drifts == ()


def test_an_answer_that_a_test_gave_to_a_snapshot_is_a_contract() -> None:
    case = only((answered("It is $42."),) * 2, (answered("It is $420."), answered("It is $42.")))
    (drift,) = case.drifts
    assert (drift.watched, drift.samples, drift.severity) == (False, (1, 2), "regression")
    assert (case.drifted_samples, case.watched_samples) == (1, 0)


def test_samples_of_the_pin_that_contradict_each_other_are_named() -> None:
    old = (answered("Yes, it is."), answered("No, it isn't."))
    before, after = (Case("a", each, models=("gpt",)) for each in (old, (answered("No."),)))
    found = compare(run_of(before), run_of(after), "gpt")
    assert "'Yes, it is.'" in found.cases[0].contradiction
    assert any("a: the pin's own samples contradict each other" in note for note in found.standing)


def test_replies_of_the_pin_that_contradict_each_other_are_named_without_a_snapshot() -> None:
    found = only((said("Yes, it is."), said("No, it isn't.")), (said("No."),))
    assert found.contradiction == "'Yes, it is.' and \"No, it isn't.\""
    same = only((said("Yes, it is."), said("Yes.")), (said("No."),))
    assert same.contradiction == ""


def test_what_one_sample_of_the_pin_costs_is_said() -> None:
    case = Case("a", (answered("Berlin"),), models=("gpt",))
    found = compare(run_of(case), run_of(case), "gpt")
    assert any("1 case has one sample of the pin" in note for note in found.standing)


def test_categories_have_figures_of_their_own() -> None:
    cases = [
        Case("a", (said("x"),), category="dates", models=("gpt",)),
        Case("b", (said("x"),), models=("gpt",)),
    ]
    found = compare(run_of(*cases), run_of(*cases), "gpt")
    assert found.categories["dates"][0].samples == 1
    assert found.suite_production.samples == 2


def test_kinds_that_the_suite_ignores_are_information() -> None:
    old, new = (Case("a", (answered(text),), models=("gpt",)) for text in ("$42", "$420"))
    found = compare(run_of(old), run_of(new), "gpt", Settings(ignore=("number",)))
    assert {drift.severity for drift in found.cases[0].drifts} == {"info"}
