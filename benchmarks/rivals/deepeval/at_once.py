"""The night through DeepEval's own loop, which runs an asynchronous application at once."""

import asyncio
import csv
from pathlib import Path

from deepeval.dataset import EvaluationDataset, Golden
from deepeval.evaluate import AsyncConfig
from deepeval.metrics import ExactMatchMetric
from deepeval.tracing import observe, update_current_trace
from openai import AsyncOpenAI

JOBS = 50

client = AsyncOpenAI()
with Path("cases.csv").open(newline="") as file:
    goldens = [
        Golden(input=row["question"], expected_output=row["answer"]) for row in csv.DictReader(file)
    ]
dataset = EvaluationDataset(goldens=goldens)


@observe()
async def ask(question: str, expected: str) -> str:
    reply = await client.chat.completions.create(
        model="gpt-4o-2024-08-06", messages=[{"role": "user", "content": question}]
    )
    answer = reply.choices[0].message.content
    update_current_trace(input=question, output=answer, expected_output=expected)
    return answer


for golden in dataset.evals_iterator(
    metrics=[ExactMatchMetric()], async_config=AsyncConfig(max_concurrent=JOBS)
):
    dataset.evaluate(asyncio.create_task(ask(golden.input, golden.expected_output)))
