"""Judges inside tests, which ask models about answers, as tests that know nothing of pins.

Run by tests/doors/test_frameworks.py, with the Python of .ci/frameworks/judges.txt.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from door_questions import CITY, GPT, SAID, Doors, asked, cells, within_a_loop

DISTRIBUTIONS = ("openai", "deepeval", "pytest-evals")
OPTIONS = "--run-eval"
"""pytest-evals runs its tests, and no others, only when it is told to."""


def answered() -> str:
    from openai import OpenAI

    reply = OpenAI().chat.completions.create(model=GPT, messages=asked("say"))
    return str(reply.choices[0].message.content)


def metric() -> Any:
    """A judge of deepeval's, on the model that answers."""
    from deepeval.metrics import GEval
    from deepeval.test_case import SingleTurnParams

    return GEval(
        name="Words",
        evaluation_steps=["Count the words of the answer.", "Four are right."],
        evaluation_params=[SingleTurnParams.ACTUAL_OUTPUT],
        model=GPT,
    )


def deepeval_sync() -> str:
    from deepeval import assert_test
    from deepeval.test_case import LLMTestCase

    said = answered()
    assert_test(LLMTestCase(input="say", actual_output=said), [metric()], run_async=False)
    return said


async def deepeval_async() -> str:
    from deepeval.test_case import LLMTestCase

    said, judge = answered(), metric()
    await judge.a_measure(LLMTestCase(input="say", actual_output=said), _show_indicator=False)
    assert judge.score == 1
    return said


DOORS: Doors = {
    "deepeval": (
        "openai",
        {"sync": deepeval_sync, "async": within_a_loop(deepeval_async)},
    ),
    "pytest-evals": ("openai", {"sync": answered}),
}


@pytest.mark.eval(name="doors")
@cells(DOORS)
def test_door(way: Callable[[], Any], eval_bag: Any) -> None:
    eval_bag.said = way()
    assert eval_bag.said in (SAID, CITY)
