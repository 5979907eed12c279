"""How often a night asks each case: as few samples as can decide, and those where they decide."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum, sqrt
from pathlib import Path
from statistics import median

from modelpin_runtime.registry.models import Model, Settings
from pytest_modelpin.files import write_atomically
from pytest_modelpin.gate.bound import samples_to_decide
from pytest_modelpin.gate.statistics import look_error, quantile
from pytest_modelpin.ledger.night import Night
from pytest_modelpin.ledger.version import Evidence
from pytest_modelpin.results.run import Run

AT_LEAST = 3
"""Samples of a case that wavers, was flagged or is critical."""
_MOST = 12
_POWER = 1.3
"""Standard errors of room: an identical model is then shown not inferior nine times in ten."""
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
    evidence: Evidence,
    settings: Settings,
    *,
    critical: Collection[str] = (),
    price: float | None = None,
) -> Asking:
    """How often to ask tonight.

    `settings.samples` is a number for every case, or `auto`: as few as let the suite be decided
    on the last of `green_runs` nights, with more for cases that waver. `price` is what a sample
    costs in US dollars, where that is known: the suite's samples then leave room for
    confirmations within the budget.
    """
    wavering = _failed(evidence)
    live = tuple(sorted(wavering & set(pin)))
    first = {case for case in (*wavering, *critical, *evidence.open) if case in pin}
    if settings.samples != "auto":
        return Asking(int(settings.samples), live=live)
    base = _base(pin, evidence, settings)
    if price:
        affordable = int(_OF_BUDGET * settings.budget_usd / price / max(len(pin), 1))
        base = max(1, min(base, affordable))
    more = {case: max(base, AT_LEAST) for case in sorted(first)}
    return Asking(base, {case: n for case, n in more.items() if n > base}, live)


def asking_of(
    production: Run, model: Model, evidence: Evidence, settings: Settings, past: Sequence[Night]
) -> Asking:
    """How often tonight asks each case of a model."""
    cases = [case for case in production.cases if model.name in case.models]
    return asking(
        {case.id: (case.passes, case.tries) for case in cases if case.tries},
        evidence,
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


def _failed(evidence: Evidence) -> set[str]:
    """Cases that the candidate has failed. Of the pin's own luck nothing is taken: a recording
    that happened to fail, or to pass, must not choose the cases whose counts replace it.
    """
    return {
        case
        for night in evidence.nights
        for case, (_, _, passes, samples) in night.items()
        if passes < samples
    }


def _base(pin: Rates, evidence: Evidence, settings: Settings) -> int:
    so_far = fsum(median(counts[3] for counts in night.values()) for night in evidence.nights)
    left = max(1, settings.green_runs - evidence.greens)
    look = max(1, evidence.greens - settings.green_runs + 2) + evidence.reds
    least = samples_to_decide(len(pin), left, settings.margin, so_far, look)
    for samples in range(least, max(least, AT_LEAST)):
        if _decides(pin, settings.margin, so_far + left * samples):
            return samples
    return max(least, AT_LEAST) if least <= _MOST and _wavers(pin) else least


def _wavers(pin: Rates) -> bool:
    return any(passes < samples for passes, samples in pin.values())


def _decides(pin: Rates, margin: float, samples: float) -> bool:
    """Whether a candidate that is as good as the pin would most likely be shown not inferior."""
    if not pin:
        return True
    pooled = sum(passes for passes, _ in pin.values()) / sum(count for _, count in pin.values())
    variance = 0.0
    for passes, count in pin.values():
        rate = (passes + pooled) / (count + 1)
        variance += rate * (1 - rate) * (1 / count + 1 / samples)
    sampling = sqrt(variance) / len(pin)
    least = sqrt(margin * (1 - margin) / (samples * len(pin)))
    return quantile(look_error(1)) * max(sampling, least) + _POWER * sampling < margin
