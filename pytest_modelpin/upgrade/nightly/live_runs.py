"""What a night asks live: the candidate, the pin beside it, and both again about flagged cases."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from modelpin_runtime.registry.models import Model, Settings
from pytest_modelpin.compare.comparison import Comparison, RunPair, compare
from pytest_modelpin.compare.judged import judged
from pytest_modelpin.compare.opinions import MOST_ANSWERS
from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.gate.evidence import Counts
from pytest_modelpin.gate.flags import confirming_samples
from pytest_modelpin.judge.judge import Judge
from pytest_modelpin.results.run import Run, spent_on
from pytest_modelpin.upgrade.nightly.holding import changed_samples
from pytest_modelpin.upgrade.nightly.sampling import Asking, write_samples
from pytest_modelpin.upgrade.suite import Suite

Passes = Mapping[str, tuple[int, int]]
"""Passes and samples by case id."""


@dataclass(frozen=True, slots=True)
class LivePin:
    """The pin, asked live beside the candidate; empty where its recording has to do."""

    counts: Passes = field(default_factory=dict)
    usd: float = 0.0
    """What it cost, as far as prices are known."""
    problem: str = ""
    """Why it could not be asked, as a sentence."""


@dataclass(frozen=True, slots=True)
class FreshSamples:
    """What the fresh samples of flagged cases say; empty where they can't be had."""

    counts: Mapping[str, Counts] = field(default_factory=dict)
    """Passes and samples of both sides, as a night counts them."""
    kept: Mapping[str, Counts] = field(default_factory=dict)
    """The same, where a pass is a sample without a change that holds a bump."""
    problem: str = ""
    """Why there are none, as a sentence."""

    def of(self, cases: Collection[str]) -> Mapping[str, Counts]:
        """The counts of these cases."""
        return {case: self.counts[case] for case in cases if case in self.counts}


@dataclass(frozen=True, slots=True)
class LiveRuns:
    """How both sides of one logical model are asked live, and what they are held to."""

    suite: Suite
    settings: Settings
    model: Model
    production: Run
    """The recorded pin: what its samples share is what neither side may break."""
    folder: Path
    """Where the runs' reports and recordings go."""
    deadline: float | None = None
    """By `time.monotonic`, of the whole night."""
    judge: Judge | None = None
    tonight: Run | None = None
    """What the candidate answered; around the texts that it embeds anew stand those of this run."""

    def candidate(self, plan: Asking, budget: float) -> Run:
        """The candidate's run of the whole suite. Raises UpgradeError where there is none.

        A budget is in US dollars, here as below.
        """
        return self.suite.run(
            f"--model={self.model.name}=candidate",
            f"--model-samples={plan.base}",
            f"--model-samples-of={write_samples(plan.more, self.folder / 'samples.json')}",
            f"--model-budget={max(0.0, budget):.6f}",
            f"--model-recordings={self.folder / 'recordings'}",
            report=self.folder / "candidate.json",
            deadline=self.deadline,
        )

    def pin(self, plan: Asking, budget: float, *, every: int | None = None) -> LivePin:
        """The pin, asked about the cases that waver on the candidate, or with `every` about all.

        `every` is how often. Where the pin can't be asked its recording has to do.
        """
        if not plan.live and every is None:
            return LivePin()
        own = {} if every else {case: plan.more.get(case, plan.base) for case in plan.live}
        here = replace(self, folder=self.folder / "pin")
        try:
            run = here._anew(
                self.model.pin, "run", every or plan.base, budget, () if every else plan.live,
                f"--model-samples-of={write_samples(own, here.folder / 'samples.json')}",
            )  # fmt: skip
        except UpgradeError as error:
            return LivePin(problem=str(error).splitlines()[0])
        counts = passes_of(self._compared(self.production, run, self.production), self.settings)
        return LivePin(counts, spent(run, self.settings))

    def confirm(
        self, flagged: Sequence[str], budget: float, *, baseline: Run | None = None
    ) -> FreshSamples:
        """Ask both sides anew about the flagged cases, and hold both to the recorded pin.

        So a change is confirmed as a change, and a pin that breaks what its samples share clears
        the candidate. That one is held to `baseline` instead, where there is one: in it, cases
        whose change a person has accepted hold the candidate's own samples. The budget is for both
        sides together; the judge has its own.
        """
        samples = confirming_samples(len(flagged))
        here = replace(self, folder=self.folder / "confirmation")
        sides = []
        try:
            for side, version, held_to, beside in (
                ("production", self.model.pin, self.production, self.production),
                ("candidate", str(self.model.staging), baseline or self.production, self.tonight),
            ):
                run = here._anew(version, side, samples, budget, flagged)
                budget -= spent(run, self.settings)
                sides.append(self._compared(held_to, run, beside, most=samples))
        except UpgradeError as error:
            return FreshSamples(problem=str(error).splitlines()[0])
        before, after = (passes_of(side, self.settings) for side in sides)
        old, new = (_keeping(side, self.settings) for side in sides)
        return FreshSamples(_beside(before, after, flagged), _beside(old, new, flagged))

    def _anew(
        self, version: str, name: str, samples: int, budget: float, tests: Sequence[str], *more: str
    ) -> Run:
        """One side asked for samples that answer for no recording, tolerant as a night is."""
        return self.suite.run(
            f"--model={self.model.name}={version}",
            "--model-record=all",
            "--model-tolerant",
            f"--model-samples={samples}",
            f"--model-budget={max(0.0, budget):.6f}",
            f"--model-recordings={self.folder / 'recordings'}",
            *more,
            report=self.folder / f"{name}.json",
            tests=tests,
            deadline=self.deadline,
        )

    def _compared(
        self, baseline: Run, run: Run, beside: Run | None, most: int = MOST_ANSWERS
    ) -> Comparison:
        asked = compare(baseline, run, self.model.name, self.settings, beside=beside)
        return judged(asked, RunPair(baseline, run, self.settings), self.judge, most=most)


def spent(run: Run, settings: Settings) -> float:
    """US dollars that a run's live replies cost, the judge's too, as far as prices are known."""
    return spent_on(run.cases, settings.prices)[0]


def passes_of(asked: Comparison, settings: Settings) -> dict[str, tuple[int, int]]:
    """Passes and samples, as a night counts them, of a side that was asked anew.

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


def _beside(before: Passes, after: Passes, cases: Sequence[str]) -> dict[str, Counts]:
    return {
        case: (*before[case], *after[case]) for case in cases if case in before and case in after
    }
