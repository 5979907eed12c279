"""Fresh samples of both sides for the cases that a night flagged."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from modelpin_runtime.registry.models import Model, Settings
from pytest_modelpin.compare.comparison import Comparison, compare
from pytest_modelpin.compare.judged import judged
from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.gate.evidence import Counts
from pytest_modelpin.gate.flags import confirming_samples
from pytest_modelpin.judge.judge import Judge
from pytest_modelpin.results.run import Run, spent_on
from pytest_modelpin.upgrade.nightly.holding import changed_samples
from pytest_modelpin.upgrade.suite import Suite


@dataclass(frozen=True, slots=True)
class Fresh:
    """What the fresh samples of flagged cases say; empty where they can't be had."""

    counts: Mapping[str, Counts] = field(default_factory=dict)
    """Passes and samples of both sides, by the yardstick of a night."""
    kept: Mapping[str, Counts] = field(default_factory=dict)
    """The same, where a pass is a sample without a change that holds a bump."""
    problem: str = ""
    """Why there are none, as a sentence."""

    def of(self, cases: Collection[str]) -> Mapping[str, Counts]:
        """The counts of these cases."""
        return {case: self.counts[case] for case in cases if case in self.counts}


def confirm(
    suite: Suite,
    settings: Settings,
    model: Model,
    flagged: Sequence[str],
    production: Run,
    folder: Path,
    *,
    budget: float,
    deadline: float | None = None,
    judge: Judge | None = None,
    yardstick: Run | None = None,
) -> Fresh:
    """Ask both sides anew about the flagged cases, and hold both to the recorded pin.

    The candidate is held to `yardstick` instead, where there is one: in it, cases whose change a
    person has accepted hold the candidate's own samples.

    What the recorded samples of the pin share is what neither side may break: so a change is
    confirmed as a change, and a pin that breaks it too clears the candidate. `budget` is what the
    night may still spend, in US dollars, on both sides together; the `judge` has its own.
    """
    samples = confirming_samples(len(flagged))
    pin = model.pin
    sides = []
    try:
        for side, version, held_to in (
            ("production", pin, production),
            ("candidate", str(model.staging), yardstick or production),
        ):
            run = suite.run(
                f"--model={model.name}={version}",
                "--model-record=all",
                "--model-tolerant",
                f"--model-samples={samples}",
                f"--model-budget={max(0.0, budget):.6f}",
                f"--model-recordings={folder / 'recordings'}",
                report=folder / f"{side}.json",
                tests=flagged,
                deadline=deadline,
            )
            budget -= spent(run, settings)
            asked = compare(held_to, run, model.name, settings)
            sides.append(judged(asked, held_to, run, settings, judge, most=samples))
    except UpgradeError as error:
        return Fresh(problem=str(error).splitlines()[0])
    before, after = (passes_of(side, settings) for side in sides)
    old, new = (_keeping(side, settings) for side in sides)
    return Fresh(
        {
            case: (*before[case], *after[case])
            for case in flagged
            if case in before and case in after
        },
        {case: (*old[case], *new[case]) for case in flagged if case in old and case in new},
    )


def spent(run: Run, settings: Settings) -> float:
    """US dollars that a run's live replies cost, the judge's too, as far as prices are known."""
    return spent_on(run.cases, settings.prices)[0]


def passes_of(asked: Comparison, settings: Settings) -> dict[str, tuple[int, int]]:
    """Passes and samples, by the yardstick of a night, of a side that was asked anew.

    A comparison with the recorded pin calls that side the candidate, whichever it is.
    """
    return {
        case.id: (case.passes(settings.on_drift), case.candidate.samples)
        for case in asked.cases
        if case.candidate.samples
    }


def _keeping(asked: Comparison, settings: Settings) -> dict[str, tuple[int, int]]:
    return {
        case.id: (case.candidate.samples - changed_samples(case, settings), case.candidate.samples)
        for case in asked.cases
        if case.candidate.samples
    }
