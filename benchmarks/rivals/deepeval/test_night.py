"""The night as DeepEval's tests: `deepeval test run test_night.py`."""

import csv
from pathlib import Path

import pytest
from deepeval import assert_test
from deepeval.dataset import EvaluationDataset, Golden
from deepeval.metrics import ExactMatchMetric
from deepeval.test_case import LLMTestCase
from openai import OpenAI

client = OpenAI()
with Path("cases.csv").open(newline="") as file:
    goldens = [
        Golden(input=row["question"], expected_output=row["answer"]) for row in csv.DictReader(file)
    ]
dataset = EvaluationDataset(goldens=goldens)


@pytest.mark.parametrize("golden", dataset.goldens)
def test_answer(golden: Golden) -> None:
    reply = client.chat.completions.create(
        model="gpt-4o-2024-08-06", messages=[{"role": "user", "content": golden.input}]
    )
    case = LLMTestCase(
        input=golden.input,
        actual_output=reply.choices[0].message.content,
        expected_output=golden.expected_output,
    )
    assert_test(case, [ExactMatchMetric()])
