"""What a night asks live, and how often each case: the candidate, the pin beside it, and both again
about flagged cases.

It takes as few samples as can decide, and those where they decide; what was not asked when the
night's time was up is lost, and named.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import fsum
from pathlib import Path
from statistics import median

from modelpin_runtime.registry.models import Model, Settings
from pytest_modelpin.compare.case_comparison import CaseComparison
from pytest_modelpin.compare.comparison import Comparison, RunPair, compare, stood_in
from pytest_modelpin.compare.judged import judged
from pytest_modelpin.compare.opinions import MOST_ANSWERS
from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.files import write_atomically
from pytest_modelpin.gate.bound import samples_to_decide
from pytest_modelpin.gate.evidence import Counts, EarlierNights
from pytest_modelpin.gate.verdict import confirming_samples
from pytest_modelpin.judge.judge import Judge
from pytest_modelpin.ledger import Night
from pytest_modelpin.results.case import Case, Sample
from pytest_modelpin.results.run import Run, spent_on
from pytest_modelpin.upgrade.nightly import by_one_suite
from pytest_modelpin.upgrade.nightly.outcome import changed_samples, without_unread
from pytest_modelpin.upgrade.suite import Suite
from pytest_modelpin.wording import counted, some

Passes = Mapping[str, tuple[int, int]]
"""Passes and samples by case id."""

AT_LEAST = 3
"""Samples of every case: fewer would be enough for the mean, but too few for the test of the tail,
which then lets a hidden fifth of the cases at −20 pp through in four of five suites."""
AT_LEAST_OF_FEW = 4
FEW = 12
"""Cases below which three samples let a drop of the margin through oftener than one in twenty."""
FIRST = 6
"""Samples of a case that wavers, was flagged or is critical: with three, a hidden fifth would
still get a bump in half of the suites."""
_OF_BUDGET = 0.7
"""Share of the budget that the suite may need; the rest is for confirmations."""


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
        usd = spent(run, self.settings)
        if why := _stood_in(self.production, run, self.model.name):
            return LivePin(usd=usd, problem=why)
        counts = passes_of(self._compared(self.production, run, self.production), self.settings)
        return LivePin(counts, usd)

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
                if beside is not None and (why := _stood_in(beside, run, self.model.name)):
                    return FreshSamples(problem=why)
                budget -= spent(run, self.settings)
                sides.append(self._compared(held_to, run, beside, most=samples))
        except UpgradeError as error:
            return FreshSamples(problem=str(error).splitlines()[0])
        unread = {case.id for case in sides[1].cases if case.unread}
        before, after = (passes_of(side, self.settings) for side in sides)
        old, new = (_keeping(side, self.settings) for side in sides)
        told = without_unread(_beside(before, after, flagged), unread)
        return FreshSamples(told, without_unread(_beside(old, new, flagged), unread))

    def _anew(
        self, version: str, name: str, samples: int, budget: float, tests: Sequence[str], *more: str
    ) -> Run:
        """One side asked for samples that answer for no recording, tolerant as a night is."""
        run = self.suite.asked_anew(
            f"{self.model.name}={version}",
            f"--model-samples={samples}",
            *more,
            budget=budget,
            report=self.folder / f"{name}.json",
            tests=tests,
            deadline=self.deadline,
        )
        by_one_suite(self.model, self.production, run)
        return run

    def _compared(
        self, baseline: Run, run: Run, beside: Run | None, most: int = MOST_ANSWERS
    ) -> Comparison:
        asked = compare(baseline, run, self.model.name, self.settings, beside=beside)
        return judged(asked, RunPair(baseline, run, self.settings), self.judge, most=most)


def spent(run: Run, settings: Settings) -> float:
    """US dollars that a run's live replies cost, the judge's too, as far as prices are known."""
    return spent_on(run.cases, settings.prices)[0]


def _stood_in(before: Run, anew: Run, name: str) -> str:
    """That another version answered than in the run before, so that nothing follows for that one;
    else empty.
    """
    known, asked = before.selection[name], anew.selection[name]
    if not (others := stood_in(known, asked)):
        return ""
    as_known = some(known.served or (known.id,))
    return f"{asked.id} was answered by {some(others)} when asked anew, and by {as_known} before"


def passes_of(asked: Comparison, settings: Settings) -> dict[str, tuple[int, int]]:
    """Passes and samples, as a night counts them, of a side that was asked anew.

    A comparison with the recorded pin calls that side the candidate, whichever it is. Missing is
    what was not checked, as in a night.
    """
    return {
        case.id: (case.passes(settings.on_drift), case.candidate.samples)
        for case in _checked(asked)
    }


def _keeping(asked: Comparison, settings: Settings) -> dict[str, tuple[int, int]]:
    return {
        case.id: (case.candidate.samples - changed_samples(case, settings), case.candidate.samples)
        for case in _checked(asked)
    }


def _checked(asked: Comparison) -> Iterator[CaseComparison]:
    for case in () if asked.stale else asked.cases:  # as in a night, where one reply is not fresh
        unchecked = case.left_out or case.skipped_samples or case.refused_samples
        if case.candidate.samples and not unchecked:
            yield case


def _beside(before: Passes, after: Passes, cases: Sequence[str]) -> dict[str, Counts]:
    return {
        case: (*before[case], *after[case]) for case in cases if case in before and case in after
    }


def with_the_rest_lost(candidate: Run, production: Run, model: Model) -> Run:
    """The run with the cases that it never came to: lost, not left out."""
    ran = {case.id for case in candidate.cases}
    rest = tuple(
        replace(case, samples=(Sample("lost", message="the night's time was up", lost_to="time"),))
        for case in production.cases
        if model.name in case.models and case.id not in ran
    )
    return replace(candidate, cases=tuple(sorted((*candidate.cases, *rest), key=_by_id)))


def _by_id(case: Case) -> str:
    return case.id


def too_late(settings: Settings) -> str:
    """Why nothing follows from such a night."""
    return (
        f"the night's time was up after {counted(settings.night_minutes, 'minute')} "
        "(`night_minutes` in models.yml); what was not asked by then is lost"
    )


@dataclass(frozen=True, slots=True)
class Asking:
    """How many samples of each case a night takes."""

    base: int
    """Of a case that `more` does not name."""
    more: Mapping[str, int] = field(default_factory=dict)
    live: tuple[str, ...] = ()
    """Cases that waver on the candidate: the pin is asked live, too."""

    def samples(self, cases: Collection[str]) -> int:
        """How many samples of the candidate in all."""
        return sum(self.more.get(case, self.base) for case in cases)


def asking(
    pin: Passes,
    earlier: EarlierNights,
    settings: Settings,
    *,
    critical: Collection[str] = (),
    price: float | None = None,
) -> Asking:
    """How often to ask tonight.

    `settings.samples` is a number for every case, or `auto`: as few as let the suite be decided
    on the last of `green_runs` nights without seeing less than a fixed number of three, with more
    for cases that waver. `price` is what a sample
    costs in US dollars, where that is known: the suite's samples then leave room for
    confirmations within the budget.
    """
    wavering = _failed(earlier)
    live = tuple(sorted(wavering & set(pin)))
    first = {case for case in (*wavering, *critical, *earlier.open) if case in pin}
    if settings.samples != "auto":
        return Asking(int(settings.samples), live=live)
    base = _base(pin, earlier, settings)
    if price:
        affordable = int(_OF_BUDGET * settings.budget_usd / price / max(len(pin), 1))
        base = max(1, min(base, affordable))
    more = {case: max(base, FIRST) for case in sorted(first)}
    return Asking(base, {case: n for case, n in more.items() if n > base}, live)


def asking_of(
    production: Run, model: Model, earlier: EarlierNights, settings: Settings, past: Sequence[Night]
) -> Asking:
    """How often tonight asks each case of a model."""
    cases = [case for case in production.cases if model.name in case.models]
    return asking(
        {case.id: (case.passes, case.tries) for case in cases if case.tries},
        earlier,
        settings,
        critical=[case.id for case in cases if case.critical],
        price=price_of_a_sample(past),
    )


def price_of_a_sample(past: Sequence[Night]) -> float | None:
    """US dollars that a sample of the last night with a known cost came to; None without one."""
    for night in reversed(past):
        samples = sum(counts[3] for counts in night.cases.values())
        if night.cost_usd is not None and samples:
            return night.cost_usd / samples
    return None


def write_samples(samples: Mapping[str, int], path: Path) -> Path:
    """Write how often single cases are run, for `--model-samples-of`; gives where."""
    path = path if path.suffix else path / "samples.json"
    write_atomically(path, json.dumps(dict(samples), indent=1).encode())
    return path


def _failed(earlier: EarlierNights) -> set[str]:
    """Cases that the candidate has failed. Of the pin's own luck nothing is taken: a recording
    that happened to fail, or to pass, must not choose the cases whose counts replace it.
    """
    return {
        case
        for night in earlier.nights
        for case, (_, _, passes, samples) in night.items()
        if passes < samples
    }


def _base(pin: Passes, earlier: EarlierNights, settings: Settings) -> int:
    so_far = fsum(median(counts[3] for counts in night.values()) for night in earlier.nights)
    left = max(1, settings.green_runs - earlier.greens)
    look = max(1, earlier.greens - settings.green_runs + 2) + earlier.reds
    least = samples_to_decide(len(pin), left, settings.margin, so_far, look)
    return max(least, AT_LEAST if len(pin) >= FEW else AT_LEAST_OF_FEW)
