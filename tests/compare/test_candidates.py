"""Several candidates beside one pin, and what each refuses."""

from dataclasses import replace
from itertools import product

import pytest

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare.candidates import Candidate, pick, refusals, rows, why_none
from pytest_modelpin.compare.comparison import compare
from pytest_modelpin.compare.decide import decide
from pytest_modelpin.providers import Reply
from pytest_modelpin.providers.wire import Usage
from pytest_modelpin.results.case import Call, Case, Sample
from pytest_modelpin.results.run import Asked, Run

PIN = "gpt-4o-2024-08-06"
ANSWER, REFUSAL = "It is $42.", "I'm sorry, but I can't help with that."


def a_run(id, *texts, samples=3, tokens=10, failed=0, which="candidate"):
    cases = []
    for number, text in enumerate(texts):
        reply = Reply(text=text, usage=Usage(tokens, tokens), served_model=id, provider="openai")
        outcome = "failed" if number < failed else "passed"
        sample = Sample(outcome, calls=(Call("gpt", reply, which == "candidate", 1.0),))
        cases.append(Case(f"case{number}", (sample,) * samples, models=("gpt",)))
    return Run({"gpt": Asked("gpt", id, which, id, "all", (id,))}, tuple(cases))


PRODUCTION = a_run(PIN, *[ANSWER] * 20, which="production")
PRICES = {"cheap": {"input": 1.0, "output": 1.0}, "dear": {"input": 9.0, "output": 9.0}}
SETTINGS = Settings(prices=PRICES)


def candidate(id, run=None, **more):
    run = run or a_run(id, *[ANSWER] * 20, **more)
    comparison = compare(PRODUCTION, run, "gpt", SETTINGS)
    verdict = decide(comparison, SETTINGS)
    return Candidate(id, comparison, verdict, refusals(PRODUCTION, run, "gpt"))


def test_the_cheapest_is_the_one_with_the_lowest_known_price():
    found = [candidate("unpriced"), candidate("dear"), candidate("cheap")]
    assert pick(found, "cheapest", SETTINGS).id == "cheap"
    assert pick(found[:1], "cheapest", SETTINGS) is None, "an unknown price is not 0"


def test_why_none_is_named_is_said():
    """It only said `none`, of green candidates whose price nobody lists."""
    assert why_none([candidate("unpriced")]).startswith(
        "none, since nobody lists what unpriced costs: name it under `settings: prices:`"
    )
    assert why_none([candidate("cheap", failed=12)]) == "none, since none of them is green"


def test_the_best_passes_more_of_the_suite():
    found = [candidate("dear"), candidate("cheap", failed=0)]
    assert pick(found, "best", SETTINGS).id == "dear", "the first named wins a tie"


def test_who_is_inferior_is_never_picked():
    worse = candidate("cheap", failed=12)
    assert not worse.not_inferior
    assert pick([worse], "best", SETTINGS) is None
    assert pick([worse, candidate("dear")], "cheapest", SETTINGS).id == "dear"


@pytest.mark.parametrize(
    ("before", "after", "newly", "no_longer"),
    [
        (ANSWER, REFUSAL, ("case0",), ()),
        (REFUSAL, ANSWER, (), ("case0",)),
        (REFUSAL, REFUSAL, (), ()),
        (ANSWER, ANSWER, (), ()),
    ],
)
def test_refusals_are_told_both_ways(before, after, newly, no_longer):
    found = refusals(a_run(PIN, before, which="production"), a_run("x", after), "gpt")
    assert (found.newly, found.no_longer) == (newly, no_longer)
    assert refusals(a_run(PIN, before), a_run("x", after), "other").newly == ()


@pytest.mark.parametrize("before", list(product((ANSWER, "It is 42 dollars.", REFUSAL), repeat=2)))
@pytest.mark.parametrize("after", list(product((ANSWER, "It is 43 dollars.", REFUSAL), repeat=2)))
def test_refusals_of_several_samples_are_those_that_reading_every_reply_finds(before, after):
    def one_case(texts):
        runs = [a_run("x", text, samples=1) for text in texts]
        samples = tuple(sample for run in runs for sample in run.cases[0].samples)
        return replace(runs[0], cases=(replace(runs[0].cases[0], samples=samples),))

    mine, theirs = [text == REFUSAL for text in before], [text == REFUSAL for text in after]
    found = refusals(one_case(before), one_case(after), "gpt")
    assert bool(found.newly) == (any(theirs) and not any(mine))
    assert bool(found.no_longer) == (all(mine) and not all(theirs))


def test_the_table_names_each_with_its_price_and_refusals():
    refusing = candidate("dear", a_run("dear", *[REFUSAL] * 20))
    lines = [" ".join(row) for row in rows([candidate("cheap"), refusing, candidate("unpriced")])]
    assert len(lines) == 4
    assert "as on the pin" in lines[1]
    assert "newly: case0, case1, case2 …" in lines[2]
    assert "price unknown" in lines[3]
