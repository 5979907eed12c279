"""The night as a task of Inspect: `inspect eval night.py --model openai/…`."""

from inspect_ai import Task, task
from inspect_ai.dataset import FieldSpec, csv_dataset
from inspect_ai.scorer import includes
from inspect_ai.solver import generate


@task
def night() -> Task:
    return Task(
        dataset=csv_dataset("cases.csv", FieldSpec(input="question", target="answer")),
        solver=generate(),
        scorer=includes(),
    )
