"""A guard against a comparison that grows with more than the number of cases."""

import itertools
import re
from typing import Any

import pytest

from pytest_modelpin.compare import case_drifts, drifts
from pytest_modelpin.compare.comparison import compare
from pytest_modelpin.compare.decide import decide
from pytest_modelpin.providers.wire import Reply, Usage
from pytest_modelpin.results.case import Answer, Call, Case, Sample
from pytest_modelpin.results.run import Asked, Run

SENTENCES = [
    f"Sentence {number} of the answer says what was agreed about the delivery and who pays for it."
    for number in range(12)
]


def run_of(which: str, cases: int) -> Run:
    def case(number: int) -> Case:
        changed = f"Invoice {number} is due." if which == "candidate" else "Invoice 0 is due."
        text = " ".join([*SENTENCES[:6], changed, *SENTENCES[6:]])
        reply = Reply(text=text, usage=Usage(100, 250), served_model=which)
        call = Call("gpt", reply, True, 1.0)
        sample = Sample("passed", calls=(call,), answers=(Answer("s", None, text),))
        return Case(f"case{number:05}", (sample,), models=("gpt",))

    asked = Asked("gpt", "production", which, which, "all", (which,))
    return Run({"gpt": asked}, tuple(case(number) for number in range(cases)))


def test_comparing_grows_with_the_number_of_changed_answers(growth: Any) -> None:
    def work(cases: int) -> None:
        decide(compare(run_of("production", cases), run_of("candidate", cases), "gpt"))

    assert growth(work, 100, 1000) < 2


NUMBERS = itertools.count()

RUNS = {
    "blanks behind a value": "[a]\nb = 1{ }x\n",
    "blanks behind a flag": "ls -l{ }x",
    "a command of many": "ls -l{ && ls -l}",
    "dots in a query": "select a from b where {.} between 1 and 2",
    "words in a query": "select a from b where {a}",
    "counts in a query": "select {0 ( }from b",
    "blanks behind a courtesy": "gladly{ }",
    "marks": "Well{…}",
    "full stops": "Well{.}",
    "mixed marks": "Well{?!}",
}
"""Answers, in braces what is repeated in them."""


@pytest.mark.parametrize("answer", RUNS.values(), ids=RUNS)
def test_a_long_run_in_an_answer_takes_time_in_proportion(growth: Any, answer: str) -> None:
    """An answer of twenty thousand blanks held a night up for half a minute."""
    before, repeated, after = re.split(r"[{}]", answer)

    def work(size: int) -> None:
        text = f"{before}{repeated * (size // len(repeated))}{after} {next(NUMBERS)}"
        drifts(text, f"{text} x")
        case_drifts([text, f"{text} y"], [f"{text} z"])

    assert growth(work, 3_000, 30_000) < 4


@pytest.mark.long
def test_processes_find_the_same() -> None:
    old, new = run_of("production", 1000), run_of("candidate", 1000)
    assert compare(old, new, "gpt", jobs=2) == compare(old, new, "gpt")
