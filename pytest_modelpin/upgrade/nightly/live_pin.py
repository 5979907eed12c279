"""The pin, asked live beside the candidate where its recording is not enough."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from modelpin_runtime.registry.models import Model, Settings
from pytest_modelpin.compare.comparison import compare
from pytest_modelpin.compare.judged import judged
from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.judge.judge import Judge
from pytest_modelpin.results.run import Run
from pytest_modelpin.upgrade.nightly.confirming import passes_of, spent
from pytest_modelpin.upgrade.nightly.sampling import Asking, write_samples
from pytest_modelpin.upgrade.suite import Suite

Counts = Mapping[str, tuple[int, int]]
"""Passes and samples by case id."""


def ask_pin(
    suite: Suite,
    settings: Settings,
    model: Model,
    plan: Asking,
    production: Run,
    folder: Path,
    *,
    every: int | None = None,
    budget: float,
    deadline: float,
    judge: Judge | None = None,
) -> tuple[Counts, float, str]:
    """Passes and samples of the pin, what is left of the budget, and what went wrong.

    Asked are the cases that waver on the candidate, or with `every` all of them, so often. Both
    sides are held to the recorded pin. Where the pin can't be asked its recording has to do.
    """
    if not plan.live and every is None:
        return {}, budget, ""
    own = {case: plan.more.get(case, plan.base) for case in plan.live}
    try:
        run = suite.run(
            f"--model={model.name}={model.pin}",
            "--model-record=all",
            "--model-tolerant",
            f"--model-samples={every or plan.base}",
            f"--model-samples-of={write_samples({} if every else own, folder / 'samples.json')}",
            f"--model-budget={max(0.0, budget):.6f}",
            f"--model-recordings={folder / 'recordings'}",
            report=folder / "run.json",
            tests=() if every else plan.live,
            deadline=deadline,
        )
    except UpgradeError as error:
        return {}, budget, str(error).splitlines()[0]
    asked = compare(production, run, model.name, settings)
    counts = passes_of(judged(asked, production, run, settings, judge), settings)
    return counts, budget - spent(run, settings), ""
