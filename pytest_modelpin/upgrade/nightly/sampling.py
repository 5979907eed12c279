"""How often a night asks each case: as few samples as can decide, and those where they decide; what
was not asked when the night's time was up is lost, and named.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import fsum
from pathlib import Path
from statistics import median

from modelpin_runtime.registry.models import Model, Settings
from pytest_modelpin.files import write_atomically
from pytest_modelpin.gate.bound import samples_to_decide
from pytest_modelpin.gate.evidence import EarlierNights
from pytest_modelpin.ledger.lines import Night
from pytest_modelpin.results.case import Case, Sample
from pytest_modelpin.results.run import Run
from pytest_modelpin.wording import counted


def with_the_rest_lost(candidate: Run, production: Run, model: Model) -> Run:
    """The run with the cases that it never came to: lost, not left out."""
    ran = {case.id for case in candidate.cases}
    rest = tuple(
        replace(case, samples=(Sample("lost", message="the night's time was up"),))
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

Rates = Mapping[str, tuple[int, int]]
"""By case id: the pin's passes and samples."""


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
    pin: Rates,
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


def _base(pin: Rates, earlier: EarlierNights, settings: Settings) -> int:
    so_far = fsum(median(counts[3] for counts in night.values()) for night in earlier.nights)
    left = max(1, settings.green_runs - earlier.greens)
    look = max(1, earlier.greens - settings.green_runs + 2) + earlier.reds
    least = samples_to_decide(len(pin), left, settings.margin, so_far, look)
    return max(least, AT_LEAST if len(pin) >= FEW else AT_LEAST_OF_FEW)
