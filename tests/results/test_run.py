"""The suite's fingerprint: of prompts and tests, not of models or answers.

From cases to a run: which versions served, and what is odd about it.
"""

from dataclasses import replace

import pytest

from pytest_modelpin.compare.comparison import compare
from pytest_modelpin.compare.decide import decide
from pytest_modelpin.errors import RunReportError
from pytest_modelpin.providers.wire import Reply, Usage
from pytest_modelpin.registry.selection import Selected, Selection
from pytest_modelpin.results.case import Call, Case, Sample
from pytest_modelpin.results.run import Asked, Run, assemble, fingerprint, merge


def case(*requests, id="t::a", source="s", text="hello"):
    calls = tuple(Call("claude", Reply(text), True, 0.1, request) for request in requests)
    return Case(id, (Sample("passed", calls=calls),), source=source)


def test_order_of_cases_does_not_matter():
    first, second = case("p"), case("q", id="t::b")
    assert fingerprint([first, second]) == fingerprint([second, first])


def test_another_answer_leaves_it():
    assert fingerprint([case("p")]) == fingerprint([case("p", text="good day")])


def test_the_order_of_requests_leaves_it_since_a_test_may_ask_several_at_once():
    """By threads or `asyncio.gather`: every few nights another came first, and no streak grew."""
    assert fingerprint([case("p", "q")]) == fingerprint([case("q", "p")])


def test_a_later_prompt_changes_it():
    assert fingerprint([case("p", "q")]) != fingerprint([case("p", "r")])


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
    selection = Selection({"support": Selected("support", PIN, which, id, "all")})
    calls = tuple(
        Call("support", Reply(served_model=each, provider=provider), True, 0.1) for each in served
    )
    cases = [Case("t::a", (Sample("passed", calls=calls),), models=("support",))]
    return assemble(Run({}, tuple(cases)), selection)


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


def test_a_candidate_that_names_a_version_and_is_answered_by_another_is_noted():
    (note,) = run_of("gpt-4o-2024-05-13", id=NEXT).notes
    assert f"{NEXT} names one version and was asked for, and gpt-4o-2024-05-13 answered" in note
    assert run_of(NEXT, id=NEXT).notes == ()


def test_a_candidate_that_is_the_pin_is_noted():
    (note,) = run_of(PIN, id=PIN).notes
    assert "the candidate is the pin itself" in note


@pytest.mark.parametrize("served", [(), (PIN,)])
def test_a_pin_that_answers_as_itself_is_not_noted(served):
    assert run_of(*served, which="production", id=PIN).notes == ()


PIN = "gpt-4o-2024-08-06"
NEXT = "gpt-4o-2024-11-20"


def suite(served: str, failing: tuple[int, ...] = (), judge: str = "") -> Run:
    which = "production" if served == PIN else "candidate"
    cases = tuple(
        Case(
            f"case{number:02}",
            (
                Sample(
                    "failed" if number in failing else "passed",
                    calls=(
                        Call(
                            "gpt",
                            Reply(text=f"{number}", usage=Usage(1, number), served_model=served),
                            served == NEXT,
                            number / 10,
                            f"prompt {number}",
                        ),
                    ),
                ),
            ),
            models=("gpt",),
            source="file",
        )
        for number in range(20)
    )
    return Run(
        {"gpt": Asked("gpt", PIN, which, served, "all", (served,))},
        cases,
        started=f"2026-11-20T0{len(failing)}:00:00Z",
        seconds=8.0,
        fingerprint=fingerprint(cases, judge),
    )


def shards(run: Run, judge: str = "") -> list[Run]:
    """Four parts, as pytest-split makes them: each leaves out what the others run."""
    parts = []
    for part in range(4):
        cases = run.cases[part::4]
        left_out = tuple(case.id for case in run.cases if case not in cases)
        parts.append(
            replace(
                run,
                cases=cases,
                deselected=len(left_out),
                left_out=left_out,
                fingerprint=fingerprint(cases, judge),
            )
        )
    return parts


def test_four_shards_make_up_the_run_of_one_process() -> None:
    whole = suite(NEXT)
    assert merge(shards(whole)) == whole


@pytest.mark.parametrize("failing", [(), (3,), tuple(range(12))])
def test_their_verdict_is_that_of_one_process(failing: tuple[int, ...]) -> None:
    old, new = suite(PIN), suite(NEXT, failing)
    alone = compare(old, new, "gpt")
    merged = compare(merge(shards(old)), merge(shards(new)[::-1]), "gpt")
    assert merged == alone
    assert decide(merged) == decide(alone)


def test_the_fingerprint_is_that_of_one_process_with_a_judge_too() -> None:
    whole = suite(NEXT, judge=NEXT)
    assert merge(shards(whole, judge=NEXT)).fingerprint == whole.fingerprint


def test_a_test_that_no_shard_ran_is_left_out() -> None:
    parts = [
        replace(part, left_out=(*part.left_out, "case99"), deselected=part.deselected + 1)
        for part in shards(suite(NEXT))
    ]
    assert merge(parts).deselected == 1


def test_tests_left_out_without_their_names_count_as_left_out() -> None:
    parts = [replace(part, left_out=()) for part in shards(suite(NEXT))]
    assert merge(parts).deselected == 15


def test_samples_of_one_case_in_several_parts_are_put_together() -> None:
    whole = suite(NEXT)
    assert merge([whole, whole]).cases[0].samples == whole.cases[0].samples * 2


def test_parts_that_served_different_versions_served_several() -> None:
    one, other = shards(suite(NEXT))[:2]
    moved = replace(other.selection["gpt"], served=("gpt-4o-2025-01-01",))
    merged = merge([one, replace(other, selection={"gpt": moved})])
    assert merged.selection["gpt"].served == (NEXT, "gpt-4o-2025-01-01")


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        ([], "no run report"),
        ([suite(NEXT), suite(PIN)], "gpt=gpt-4o-2024-08-06"),
        ([suite(NEXT), replace(suite(NEXT), schema=2)], "schema 2"),
    ],
)
def test_what_is_not_one_suite_is_not_merged(parts: list[Run], named: str) -> None:
    with pytest.raises(RunReportError, match=named):
        merge(parts)
