"""Run reports of a suite whose answers are known: as the pin gave them, changed, or rewritten.

An answer is twelve sentences of some 85 characters, about 1 KB, each with figures of its own case,
so that no two are alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Literal

from pytest_modelpin.providers.wire import Reply, Usage
from pytest_modelpin.results.case import Answer, Call, Case, Sample
from pytest_modelpin.results.report_file import write
from pytest_modelpin.results.run import Asked, Run

NAME = "support"
PIN, CANDIDATE = "gpt-4o-2024-08-06", "gpt-4o-2024-11-20"

Change = Literal["none", "half", "all"]
"""`half`: every second answer states another number of days in one of its sentences. `all`: every
sentence of every answer is said in other words."""

_SENTENCES = (
    "Thank you for your question about order {n}, which reached us this morning by post.",
    "The parcel left our warehouse on day {a} and is now with the courier in your town.",
    "We refund the price of {b} euros once the goods are back with us and undamaged.",
    "The refund takes {d} days and goes to the account that was used for the payment.",
    "You find the number of the invoice, {n}, at the top right corner of the receipt.",
    "Please keep the receipt until the refund is complete, because the bank may ask.",
    "Our support team answers on weekdays, and usually within {c} hours of a message.",
    "A second delivery of order {n} is free where nobody was at home the first time.",
    "Damaged goods are replaced at our cost, and the courier collects the old parcel.",
    "Where the address has changed, tell us before day {a}, so that the label is right.",
    "The warranty runs for {c} months and covers everything but wear and misuse.",
    "If anything stays unclear, write to us again and quote order {n} in the subject.",
)
_REWRITTEN = (
    "We received what you asked us about order {n} in this morning's post; many thanks.",
    "Since day {a} the courier near you has had your parcel; it is no longer with us.",
    "As soon as we have the undamaged goods again, you get back {b} euros, the full price.",
    "Expect the money after {d} days; it is sent to whichever account you had paid from.",
    "On the receipt, look into the upper right corner for the invoice's number, {n}.",
    "Your bank may want to see the receipt, so don't throw it away before you are paid.",
    "From Monday to Friday we reply to messages, in most cases in less than {c} hours.",
    "Nobody in when we called? Then order {n} is brought once more, without any charge.",
    "We pay for replacing what arrived broken, and have the first parcel fetched again.",
    "Have you moved? Let us know ahead of day {a}, or the label will show the old place.",
    "You have {c} months of warranty; only wear and improper handling are left out of it.",
    "Do get in touch once more should a doubt remain, with order {n} named in the subject.",
)


def write_report(
    path: Path, cases: Iterable[int], change: Change | None = None, *, samples: int = 1
) -> None:
    """The pin's run report; with a `change`, the candidate's.

    With more than one sample no two are worded alike: each draws a wording for each sentence.
    """
    which, model = ("production", PIN) if change is None else ("candidate", CANDIDATE)
    asked = Asked(NAME, which, model, PIN, "all", (model,))
    told = tuple(_case(n, model, change or "none", samples) for n in cases)
    write(Run({NAME: asked}, told, samples=samples), path)


def text(number: int, change: Change = "none", draw: Random | None = None) -> str:
    """What is answered in one case; with `draw`, in one of many wordings."""
    days = number % 20 + 3
    if change == "half" and number % 2:
        days += 1
    figures = {"n": 10_000 + number, "a": number % 28 + 1, "b": number % 90 + 10,
               "c": number % 24 + 24, "d": days}  # fmt: skip
    sentences = _REWRITTEN if change == "all" else _SENTENCES
    if draw is not None:
        sentences = tuple(map(draw.choice, zip(_SENTENCES, _REWRITTEN, strict=True)))
    return " ".join(sentences).format(**figures)


def _case(number: int, model: str, change: Change, samples: int) -> Case:
    drawn = (
        [None]
        if samples == 1
        else [Random(f"{_seed(number, model, change)}{number}{n}") for n in range(samples)]
    )
    told = tuple(_sample(number, model, text(number, change, draw)) for draw in drawn)
    return Case(f"tests/test_answers.py::test_{number:05}", told, models=(NAME,))


def _seed(number: int, model: str, change: Change) -> str:
    """What is left as it was is worded as some sample of the pin is."""
    return PIN if change == "half" and not number % 2 else model


def _sample(number: int, model: str, said: str) -> Sample:
    reply = Reply(text=said, usage=Usage(100, 250), served_model=model)
    return Sample(
        "passed",
        seconds=1.0,
        calls=(Call(NAME, reply, fresh=model == CANDIDATE, seconds=1.0),),
        answers=(Answer(f"test_{number}", text(number), said),),
    )
