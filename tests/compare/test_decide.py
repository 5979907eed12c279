"""From two runs to a verdict: what forbids a conclusion, and what forbids green."""

from dataclasses import replace
from typing import Any

import pytest

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare.comparison import Comparison, compare, night_counts
from pytest_modelpin.compare.decide import decide, served_version
from pytest_modelpin.gate.evidence import EarlierNights
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.providers.wire import Reply, Usage
from pytest_modelpin.report.advice import after_inconclusive
from pytest_modelpin.results.case import Answer, Call, Case, Outcome, Sample
from pytest_modelpin.results.run import Asked, Run

PIN = "gpt-4o-2024-08-06"
NEXT = "gpt-4o-2024-11-20"


def sample(
    served: str,
    *,
    outcome: Outcome = "passed",
    text: str = "Berlin",
    fresh: bool = True,
    seconds: float = 1.0,
    tokens: int | None = 10,
) -> Sample:
    if outcome == "lost":
        return Sample("lost", message="503 overloaded")
    reply = Reply(
        text=text,
        usage=Usage(100, tokens),
        requested_model="gpt-4o",
        served_model=served,
        finish_reason="stop",
        provider="openai",
    )
    message = "AssertionError: no" if outcome == "failed" else ""
    answers = (Answer("snapshot", "Berlin", text),)
    return Sample(outcome, 1.0, (Call("gpt", reply, fresh, seconds),), answers, message)


def production(cases: int = 12, samples: int = 3) -> Run:
    return run_of(
        "production",
        PIN,
        [
            Case(f"case{number:03}", (sample(PIN, fresh=False),) * samples, models=("gpt",))
            for number in range(cases)
        ],
    )


def candidate(cases: int = 12, samples: int = 3, **changed: Case) -> Run:
    each = {
        f"case{number:03}": Case(f"case{number:03}", (sample(NEXT),) * samples, models=("gpt",))
        for number in range(cases)
    } | changed
    return run_of("candidate", NEXT, list(each.values()))


def run_of(which: str, served: str, cases: list[Case]) -> Run:
    id = PIN if which == "production" else "gpt-4o"
    asked = Asked("gpt", PIN, which, id, "all", (served,))
    return Run({"gpt": asked}, tuple(sorted(cases, key=lambda case: case.id)))


def case(id: str, *samples: Sample, critical: bool = False, category: str | None = None) -> Case:
    return Case(id, samples, critical=critical, category=category, models=("gpt",))


def verdict_on(new: Run, old: Run | None = None, settings: Settings | None = None) -> Verdict:
    return decide(compare(old or production(), new, "gpt", settings), settings)


def test_an_equal_candidate_is_green() -> None:
    assert verdict_on(candidate()).colour == "green"


def test_earlier_nights_make_the_streak() -> None:
    comparison = compare(production(60), candidate(60), "gpt")
    night = night_counts(comparison)
    assert not decide(comparison, earlier=EarlierNights((night,), greens=1)).bump_due
    assert decide(comparison, earlier=EarlierNights((night,) * 2, greens=2)).bump_due


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"deselected": 3}, "3 tests were left out"),
        ({"deselected": 1, "not_run": ("t::a",)}, "did not run: 1 test was left out: t::a"),
        ({"only_production": ("case001",)}, "the candidate's run holds no answer of case001"),
        (
            {"only_candidate": ("case001",)},
            "production's run holds no answer of case001 to compare with; where it is not recorded "
            "as it is asked now: `pytest-modelpin record`; where it is, a cache of the code's own",
        ),
        (
            {"unrecorded": ("case001",)},
            "the recordings of the pin do not answer all that case001 asks now, so that nothing is "
            "known of it there: `pytest-modelpin record`",
        ),
        ({"called": 0}, "no case called the candidate"),
        ({"stale": 2}, "2 of the candidate's replies were replayed"),
        ({"candidate": Asked("gpt", PIN, "candidate", "gpt-4o", "all")}, "not known"),
        (
            {"candidate": Asked("gpt", PIN, "candidate", "gpt-4o", "all", (PIN, NEXT))},
            "more than one version",
        ),
        ({"faults": ("of different schemas",)}, "of different schemas"),
    ],
)
def test_a_night_that_says_nothing_of_the_suite_is_inconclusive(
    changed: dict[str, object], named: str
) -> None:
    comparison: Comparison = replace(compare(production(), candidate(), "gpt"), **changed)  # type: ignore[arg-type]
    found = decide(comparison)
    assert (found.colour, found.flagged) == ("inconclusive", ())
    assert named in found.reasons[0]


def test_a_pin_that_failed_for_what_is_not_recorded_is_beaten_by_nobody() -> None:
    """It counted as failed, and the candidate was 8 points better by it, night after night."""
    gone = case("case000", *[sample(PIN, outcome="failed", fresh=False)] * 3)
    old = replace(production(), unrecorded=("case000", "of another model"))
    old = replace(old, cases=(gone, *old.cases[1:]))
    comparison = compare(old, candidate(), "gpt")
    assert comparison.unrecorded == ("case000",)
    assert decide(comparison).colour == "inconclusive"


def refused(*answered: str, outcome: Outcome = "passed", by: str = "gpt") -> Sample:
    """A sample in which the candidate refused a request, and answered so many others."""
    reply = Reply(status=400, error="Unsupported parameter:\n temperature", provider="openai")
    calls = (Call(by, reply, True, 0.1), *(sample(each).calls[0] for each in answered))
    return replace(sample(NEXT, outcome=outcome), calls=calls)


def test_a_test_that_passes_on_its_code_s_own_words_says_nothing_of_the_candidate() -> None:
    """The candidate took no temperature, the application said something by itself, and a bump to
    that came due without a word.
    """
    found = verdict_on(candidate(case003=case("case003", *[refused()] * 3)))
    assert found.colour == "inconclusive"
    assert found.reasons[0] == (
        "what is answered beside the pin was refused in case003, and the tests passed on something "
        "else: gpt: 400 Unsupported parameter: temperature"
    )


def test_nor_does_one_that_passes_without_its_judge() -> None:
    judged = replace(sample(PIN), calls=(*sample(PIN).calls, Call("judge", Reply(), False, 0.1)))
    old = production()
    old = replace(old, cases=(case("case000", *[judged] * 3), *old.cases[1:]))
    found = verdict_on(candidate(case000=case("case000", *[refused(NEXT, by="judge")] * 3)), old)
    assert found.colour == "inconclusive"
    assert found.reasons[0].endswith("else: judge: 400 Unsupported parameter: temperature")


@pytest.mark.parametrize(
    "samples",
    [
        [refused(NEXT)] * 3,  # it asked again without what was refused
        [refused(outcome="failed")] * 3,  # a failure says so by itself
    ],
)
def test_a_refusal_that_is_made_good_or_fails_counts_as_ever(samples: list[Sample]) -> None:
    comparison = compare(production(), candidate(case003=case("case003", *samples)), "gpt")
    assert "case003" in night_counts(comparison)
    assert not any("passed on something else" in each for each in decide(comparison).reasons)


def test_a_refusal_that_the_pin_gives_too_is_what_the_test_expects() -> None:
    old = production()
    old = replace(old, cases=(case("case000", *[refused()] * 3), *old.cases[1:]))
    assert verdict_on(candidate(case000=case("case000", *[refused()] * 3)), old).colour == "green"


def test_a_refusal_that_a_person_has_accepted_is_none() -> None:
    comparison = compare(production(), candidate(case003=case("case003", *[refused()] * 3)), "gpt")
    cases = tuple(replace(each, accepted=True) for each in comparison.cases)
    assert decide(replace(comparison, cases=cases)).colour == "green"


def test_a_candidate_that_refuses_all_that_it_is_asked_is_said_in_its_own_words() -> None:
    """Asked with a field that it does not take, it answered nothing; nothing had called it, the
    night said, and that the next one would ask again.
    """
    said = Reply(status=400, error="Unsupported parameter: 'max_tokens'.", provider="openai")
    refused = Sample("failed", calls=(Call("gpt", said, True, 0.1),), message="BadRequestError")
    cases = {f"case{number:03}": Case(f"case{number:03}", (refused,) * 3) for number in range(12)}
    comparison = compare(production(), candidate(**cases), "gpt")
    found = decide(comparison)
    assert found.colour == "inconclusive"
    told = "gpt-4o answered none of what it was asked: 400 Unsupported parameter: 'max_tokens'."
    assert found.reasons[0] == told
    said_next = after_inconclusive(found, comparison)
    assert said_next.startswith("Have the tests ask gpt-4o for what it takes")


def test_replayed_candidate_replies_are_counted() -> None:
    new = candidate(case000=case("case000", sample(NEXT, fresh=False)))
    assert "1 of the candidate's replies" in verdict_on(new).reasons[0]


def test_one_lost_case_in_fifty_is_missing_not_failed() -> None:
    lost = case("case000", *[sample(NEXT, outcome="lost")] * 3)
    comparison = compare(production(50), candidate(50, case000=lost), "gpt")
    assert "case000" not in night_counts(comparison)
    assert decide(comparison).colour == "green"


def test_two_lost_cases_in_fifty_are_too_many() -> None:
    lost = {id: case(id, *[sample(NEXT, outcome="lost")] * 3) for id in ("case000", "case001")}
    found = verdict_on(candidate(50, **lost), production(50))
    assert found.colour == "inconclusive"
    assert "lost to provider errors" in found.reasons[0]


def test_a_suite_lost_to_an_outage_is_neither_red_nor_green() -> None:
    lost = {
        f"case{number:03}": case(f"case{number:03}", sample(NEXT, outcome="lost"))
        for number in range(12)
    }
    assert verdict_on(candidate(12, **lost)).colour == "inconclusive"


def test_a_case_skipped_for_the_candidate_only_is_named() -> None:
    found = verdict_on(candidate(case000=case("case000", Sample("skipped"))))
    assert found.colour == "inconclusive"
    assert "case000" in found.reasons[0]


def test_schemas_that_differ_are_named() -> None:
    found = verdict_on(replace(candidate(), schema=2))
    assert found.colour == "inconclusive"
    assert "schemas" in found.reasons[0]


def test_a_critical_case_is_flagged_at_its_first_failure() -> None:
    failing = sample(NEXT, outcome="failed")
    passing = sample(NEXT)
    critical = case("case000", failing, passing, passing, critical=True)
    usual = replace(critical, critical=False)
    assert verdict_on(candidate(case000=critical)).flagged == ("case000",)
    assert verdict_on(candidate(case000=usual)).flagged == ()


def test_a_critical_case_is_red_once_confirmed() -> None:
    critical = case("case000", sample(NEXT, outcome="failed"), critical=True)
    comparison = compare(production(), candidate(case000=critical), "gpt")
    assert decide(comparison, confirmations={"case000": (8, 8, 1, 8)}).colour == "red"
    assert decide(comparison, confirmations={"case000": (8, 8, 8, 8)}).colour == "green"


def test_a_broken_structure_wants_a_confirmation_even_where_the_test_passes() -> None:
    old, new = production(), candidate()
    structured = replace(
        old.cases[0],
        samples=(Sample("passed", answers=(Answer("s", None, {"city": "Berlin", "zip": 1}),)),),
    )
    broken = replace(
        new.cases[0],
        samples=(replace(sample(NEXT), answers=(Answer("s", None, "Berlin, of course."),)),),
    )
    old = replace(old, cases=(structured, *old.cases[1:]))
    comparison = compare(old, replace(new, cases=(broken, *new.cases[1:])), "gpt")
    assert comparison.cases[0].broken
    assert decide(comparison).flagged == ("case000",)


def test_a_category_far_below_the_margin_is_red_once_fresh_samples_confirm_it() -> None:
    def judged(size: int, fresh: tuple[int, int, int, int] | None = None) -> Verdict:
        samples = (sample(NEXT, outcome="failed"), sample(NEXT), sample(NEXT))
        ids = [f"case{number:03}" for number in range(size)]
        worse = {id: case(id, *samples, category="dates") for id in ids}
        comparison = compare(production(200), candidate(200, **worse), "gpt")
        return decide(comparison, confirmations=dict.fromkeys(ids, fresh) if fresh else None)

    assert (judged(20).colour, len(judged(20).flagged)) == ("inconclusive", 20)
    red = judged(20, (8, 8, 6, 8))
    assert (red.colour, red.confirmed) == ("red", True)
    assert "category dates (20 cases)" in " ".join(red.reasons)
    assert judged(20, (8, 8, 8, 8)).colour == "green"
    assert judged(20, (1, 8, 9, 8)).colour == "inconclusive"  # counts that can't be
    assert (judged(19).colour, judged(19).flagged) == ("green", ())


@pytest.mark.parametrize(
    ("failing", "margin", "asked"),
    [
        ((1,) * 13 + (0,) * 7, 0.10, 13),  # −21.7 pp
        ((1,) * 10 + (0,) * 10, 0.10, 0),  # −16.7 pp, above twice the margin
        ((2,) + (0,) * 19, 0.01, 0),  # −3.3 pp of one case alone, which chance explains
    ],
)
def test_a_category_is_worse_below_twice_the_margin_and_beyond_chance(
    failing: tuple[int, ...], margin: float, asked: int
) -> None:
    worse = {}
    for number, fails in enumerate(failing):
        samples = [sample(NEXT, outcome="failed" if n < fails else "passed") for n in range(3)]
        worse[f"case{number:03}"] = case(f"case{number:03}", *samples, category="dates")
    comparison = compare(production(200), candidate(200, **worse), "gpt")
    assert len(decide(comparison, Settings(margin=margin)).flagged) == asked


def test_a_case_that_the_night_before_left_open_is_asked_again() -> None:
    comparison = compare(production(), candidate(), "gpt")
    found = decide(comparison, earlier=EarlierNights(open=("case003", "gone")))
    assert (found.colour, found.flagged) == ("inconclusive", ("case003",))
    assert decide(comparison).flagged == ()


def test_a_limit_that_is_reached_is_not_exceeded() -> None:
    slower = {f"case{n:03}": case(f"case{n:03}", sample(NEXT, seconds=1.5)) for n in range(12)}
    for limit, colour in ((0.5, "green"), (0.49, "red")):
        found = verdict_on(candidate(12, **slower), settings=Settings(max_latency_increase=limit))
        assert found.colour == colour


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (Settings(max_token_increase=0.2), "max_token_increase"),
        (Settings(max_latency_increase=0.2), "max_latency_increase"),
        (
            Settings(
                max_cost_increase=0.2,
                prices={PIN: {"input": 1, "output": 1}, NEXT: {"input": 1, "output": 1}},
            ),
            "max_cost_increase",
        ),
    ],
)
def test_a_contract_limit_that_is_exceeded_is_red(settings: Settings, named: str) -> None:
    dear = {
        f"case{number:03}": case(f"case{number:03}", sample(NEXT, seconds=2, tokens=100))
        for number in range(12)
    }
    found = verdict_on(candidate(12, **dear), settings=settings)
    assert (found.colour, found.confirmed) == ("red", False)
    assert named in found.reasons[0]
    assert verdict_on(candidate(), settings=settings).colour == "green"


def test_a_limit_on_what_is_not_known_is_never_green() -> None:
    silent = case("case000", sample(NEXT, tokens=None))
    found = verdict_on(candidate(case000=silent), settings=Settings(max_token_increase=0.2))
    assert found.colour == "inconclusive"
    assert "max_token_increase" in found.reasons[0]


def a_changed_amount() -> tuple[Run, Run]:
    old = production()
    before = replace(old.cases[0], samples=(sample(PIN, text="The refund is $42.", fresh=False),))
    after = case("case000", sample(NEXT, text="The refund is $420."))
    return candidate(case000=after), replace(old, cases=(before, *old.cases[1:]))


def test_what_the_pin_always_says_is_a_failed_sample_where_a_test_accepted_it() -> None:
    found = verdict_on(*a_changed_amount())
    assert (found.colour, found.flagged) == ("inconclusive", ("case000",))
    new, old = a_changed_amount()
    fresh = {"case000": (8, 8, 0, 8)}
    red = decide(compare(old, new, "gpt"), confirmations=fresh)
    assert red.colour == "red"
    assert not any("no test fails" in reason for reason in red.reasons), "its sample has failed"
    assert any(
        "counted as failed" in reason and "1 sample of case000" in reason for reason in red.reasons
    ), "the test's own figures, shown beside, say that it passes"


@pytest.mark.parametrize("on_drift", ["hold", "report"])
def test_a_drift_that_may_not_decide_is_pointed_out(on_drift: Any) -> None:
    found = verdict_on(*a_changed_amount(), Settings(on_drift=on_drift))
    assert found.colour == "green"
    assert "case000" in found.reasons[-1]
    assert not any("counted as failed" in reason for reason in found.reasons)


def test_the_id_asked_for_is_the_version_where_the_wire_names_none_and_it_is_a_pin() -> None:
    asked = Asked("claude", PIN, "candidate", "claude-opus-4-5-20251101", "all")
    assert served_version(asked) == ("claude-opus-4-5-20251101", "")


def test_an_echoed_alias_is_no_version() -> None:
    echoed = Asked("m", "x", "candidate", "mistral-large-latest", "all", ("mistral-large-latest",))
    version, why = served_version(replace(echoed, echoes=True))
    assert version is None
    assert "only echo" in why


@pytest.mark.parametrize("served", ["llama-3-custom", "gpt-4o", "GPT-4O-2024-11-20", "../" + NEXT])
def test_a_pin_that_was_asked_for_is_no_version_where_another_name_answered(served: str) -> None:
    """A night was green for the id asked for, whatever a gateway had in its place."""
    stand_in = Asked("gpt", PIN, "candidate", NEXT, "all", (served,), echoes=True)
    version, why = served_version(stand_in)
    assert version is None
    assert f"which version answered for {NEXT} is not known: the replies name" in why
    assert served_version(replace(stand_in, served=(NEXT,))) == (NEXT, "")


@pytest.mark.parametrize(
    ("asked", "served", "said"),
    [
        ("gpt-9-mystery", "gpt-9-mystery", "name gpt-9-mystery (OpenAI's naming rules do not say "),
        ("gpt-4o", "gpt-9-mystery", "name gpt-9-mystery (OpenAI's naming rules do not say "),
        ("gpt-5", "gpt-5.7", "name gpt-5.7, an alias too"),
    ],
)
def test_an_id_that_nobody_knows_to_be_a_pin_is_no_echo(asked: str, served: str, said: str) -> None:
    """ "Only echo the id" was said of any id that the rules do not know."""
    found = Asked("m", "x", "candidate", asked, "all", (served,), echoes=True)
    assert f"the replies {said}" in served_version(found)[1]


def test_a_night_is_never_green_over_a_case_that_was_left_out() -> None:
    sights = {"left_out": "asked api.openai.com through requests, unseen"}
    for changed in (
        candidate(case003=Case("case003", (sample(NEXT),) * 3, models=("gpt",), **sights)),
        candidate(other=Case("other", (Sample("passed"),), **sights)),
    ):
        verdict = verdict_on(changed)
        assert verdict.colour == "inconclusive"
        assert any(
            "1 case was left out: " in reason and "api.openai.com through requests" in reason
            for reason in verdict.reasons
        )


def test_a_night_is_never_green_over_what_did_not_run_or_was_not_checked() -> None:
    fault = "the whole suite did not run: tests/test_b.py could not be collected"
    for old, new in (
        (production(), replace(candidate(), faults=(fault,))),
        (replace(production(), faults=(fault,)), candidate()),
    ):
        verdict = decide(compare(old, new, "gpt"))
        assert (verdict.colour, verdict.reasons) == ("inconclusive", (fault,))


def test_a_night_is_never_green_over_samples_that_their_test_skipped() -> None:
    some = (sample(NEXT), replace(sample(NEXT), outcome="skipped"), sample(NEXT))
    verdict = verdict_on(candidate(case003=Case("case003", some, models=("gpt",))))
    assert verdict.colour == "inconclusive"
    assert "case003" in verdict.reasons[0]
    assert "skipped" in verdict.reasons[0]


def test_what_both_sides_skip_is_no_evidence_and_forbids_nothing() -> None:
    every = (replace(sample(NEXT), outcome="skipped"),) * 3
    new = candidate(case003=Case("case003", every, models=("gpt",)))
    before = production()
    cases = tuple(
        Case(each.id, every, models=("gpt",)) if each.id == "case003" else each
        for each in before.cases
    )
    assert decide(compare(replace(before, cases=cases), new, "gpt")).colour == "green"


def test_what_is_left_out_counts_for_nothing() -> None:
    new = candidate(case003=replace(candidate().cases[3], left_out="heard nothing fresh"))
    assert "case003" not in night_counts(compare(production(), new, "gpt"))


def test_a_night_is_never_green_over_what_was_asked_while_no_test_ran() -> None:
    verdict = verdict_on(replace(candidate(), unseen=("code outside of any test asked x",)))
    assert verdict.colour == "inconclusive"
    assert any("asked unseen: code outside of any test" in each for each in verdict.reasons)
