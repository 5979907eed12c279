"""A guard against a comparison that grows with more than the number of cases."""

from typing import Any

import pytest

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


@pytest.mark.long
def test_processes_find_the_same() -> None:
    old, new = run_of("production", 1000), run_of("candidate", 1000)
    assert compare(old, new, "gpt", jobs=2) == compare(old, new, "gpt")
