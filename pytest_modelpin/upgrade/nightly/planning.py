"""What a night would take and could show, for each choice of `samples:`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum
from typing import Literal

from modelpin_runtime.registry.models import Model, Settings
from pytest_modelpin.gate.bound import FARTHEST
from pytest_modelpin.gate.evidence import EarlierNights
from pytest_modelpin.gate.statistics import (
    Expected,
    bump_chance,
    shrunk_rates,
    smallest_drop,
)
from pytest_modelpin.gate.verdict import CONFIRMING_SAMPLES
from pytest_modelpin.ledger import Night
from pytest_modelpin.providers import Reply, identify
from pytest_modelpin.providers.prices import price
from pytest_modelpin.results.case import Case
from pytest_modelpin.results.run import Run
from pytest_modelpin.upgrade.nightly.live_runs import FIRST, asking

Samples = int | Literal["auto"]
CHOICES: tuple[Samples, ...] = ("auto", 1, 2, 3, 5, 8)
"""What is put side by side, beside the one that models.yml has."""


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """One case of the pin's recordings, and what one sample of it takes."""

    id: str
    passes: int
    samples: int
    critical: bool
    calls: float
    """Requests a sample."""
    seconds: float
    """Of waiting for replies, a sample."""
    pin_usd: float | None
    candidate_usd: float | None
    """US dollars a sample on either side; None where unknown."""


_Price = Callable[[PlannedCase], tuple[float | None, float | None]]
"""What a sample of a case comes to, of the candidate and of the pin."""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of `samples:`; figures a night are means up to the last of `green_runs`."""

    samples: Samples
    calls: float
    usd: float | None
    minutes: float
    drop: float
    """The smallest drop of the suite's mean that can be seen by then, as a fraction."""
    nights: int | None
    """Until a candidate as good as the pin is due, more likely than not; None: not in two weeks."""
    chance: float
    """That it is due on the last of `green_runs` nights."""

    def until_bump(self) -> float | None:
        """What it takes until a bump: dollars, or calls where a price is unknown."""
        if self.nights is None:
            return None
        return self.nights * (self.calls if self.usd is None else self.usd)


def planned_cases(
    production: Run, model: Model, settings: Settings, version: str | None
) -> list[PlannedCase]:
    """What one sample of each of a model's cases takes, from the pin's replayed run.

    `version` is the candidate's, by which its replies are priced as long as the pin's; None
    where it is not known.
    """
    return [
        _planned(case, model.name, settings, version)
        for case in production.cases
        if model.name in case.models and case.tries
    ]


def candidate_version(model: Model, past: Sequence[Night]) -> str | None:
    """The version that the candidate would be answered by: pinned, or the last that served it."""
    asked = str(model.staging)
    if identify(asked, model.provider).kind == "pinned":
        return asked
    return next((night.served for night in reversed(past) if night.served), None)


def options(
    cases: Sequence[PlannedCase], earlier: EarlierNights, settings: Settings, *, jobs: int,
    seconds_a_sample: float | None = None,
) -> tuple[Option, ...]:  # fmt: skip
    """Each choice of `samples:`, the one that is set first.

    `jobs` is how many calls are sent at once, `seconds_a_sample` what one took in an earlier
    night, which is better than a guess from the replies' own times.
    """
    chosen = dict.fromkeys((settings.samples, *CHOICES))
    return tuple(
        _option(samples, cases, earlier, settings, jobs, seconds_a_sample) for samples in chosen
    )


def cheapest(offered: Iterable[Option]) -> Option | None:
    """The one that takes least until a bump; None where none gets there within two weeks."""
    known = [option for option in offered if option.until_bump() is not None]
    return min(known, key=lambda option: option.until_bump() or 0.0, default=None)


def seconds_a_sample(past: Sequence[Night]) -> float | None:
    """What a sample of the candidate took in the last night that has both figures."""
    for night in reversed(past):
        samples = sum(counts[3] for counts in night.cases.values())
        if samples and night.seconds:
            return night.seconds / samples
    return None


def confirming_usd(cases: Sequence[PlannedCase]) -> float | None:
    """What the fresh samples of one flagged case cost, in the mean."""
    costs = [_both(case) for case in cases]
    known = [cost for cost in costs if cost is not None]
    return CONFIRMING_SAMPLES * fsum(known) / len(known) if len(known) == len(costs) else None


def _both(case: PlannedCase) -> float | None:
    if case.pin_usd is None or case.candidate_usd is None:
        return None
    return case.pin_usd + case.candidate_usd


def _planned(case: Case, name: str, settings: Settings, version: str | None) -> PlannedCase:
    heard = [sample for _, sample in case.tried]
    replies = [call.reply for sample in heard for call in sample.calls if call.name == name]
    waited = [call.seconds for sample in heard for call in sample.calls if call.name == name]
    count = len(heard)
    return PlannedCase(
        case.id,
        case.passes,
        case.tries,
        case.critical,
        calls=len(replies) / count,
        seconds=fsum(waited) / count,
        pin_usd=_mean_price(replies, settings, count),
        candidate_usd=_mean_price(
            [replace(each, served_model=version, requested_model=version) for each in replies],
            settings,
            count,
        )
        if version
        else None,
    )


def _mean_price(replies: Sequence[Reply], settings: Settings, samples: int) -> float | None:
    prices = [price(reply, settings.prices) for reply in replies]
    known = [each for each in prices if each is not None]
    return fsum(known) / samples if known and len(known) == len(prices) else None


def _option(
    samples: Samples, cases: Sequence[PlannedCase], earlier: EarlierNights, settings: Settings,
    jobs: int, seconds: float | None,
) -> Option:  # fmt: skip
    settings = replace(settings, samples=samples)
    nights = max(settings.green_runs - earlier.greens, 1)
    plays = _Plays(cases, earlier, settings)
    by_then = plays.after(nights)
    return Option(
        samples,
        calls=plays.sum(nights, lambda case: (case.calls, case.calls)) or 0.0,
        usd=plays.sum(nights, lambda case: (case.candidate_usd, case.pin_usd)),
        minutes=_minutes(plays, nights, jobs, seconds),
        drop=smallest_drop(by_then, settings.margin),
        nights=plays.nights_to_bump(),
        chance=plays.chance(nights),
    )


def _minutes(plays: _Plays, nights: int, jobs: int, seconds: float | None) -> float:
    if seconds is not None:
        return (plays.sum(nights, lambda _: (seconds, seconds)) or 0.0) / 60
    waited = plays.sum(nights, lambda case: (case.seconds, case.seconds)) or 0.0
    return max(waited / jobs, max(case.seconds for case in plays.cases)) / 60


class _Plays:
    """The nights to come as expectations: a case that the candidate has failed is asked oftener,
    and of the pin live, too.
    """

    def __init__(
        self, cases: Sequence[PlannedCase], earlier: EarlierNights, settings: Settings
    ) -> None:
        self.cases = cases
        self._earlier = earlier
        self._settings = settings
        rates = {case.id: (case.passes, case.samples) for case in cases}
        critical = [case.id for case in cases if case.critical]
        self._plan = asking(rates, earlier, settings, critical=critical)
        self._rates = shrunk_rates([rates[case.id] for case in cases])
        self._before = _samples_so_far(earlier)
        self._most = 0 if settings.samples != "auto" else max(FIRST, self._plan.base)

    def sum(self, nights: int, of: _Price) -> float | None:
        """What the samples of both sides come to a night; None where one price is unknown."""
        whole = 0.0
        for case, rate in zip(self.cases, self._rates, strict=True):
            candidate, pin = of(case)
            for night in range(1, nights + 1):
                asked, live = self._asked(case, rate, night)
                if candidate is None or (pin is None and live):
                    return None
                whole += asked * candidate + live * (pin or 0.0)
        return whole / nights

    def after(self, nights: int) -> list[Expected]:
        """Each case as it would stand after so many nights more."""
        found = []
        for case, rate in zip(self.cases, self._rates, strict=True):
            seen, live = float(self._before.get(case.id, 0)), 0.0
            for night in range(1, nights + 1):
                asked, on_pin = self._asked(case, rate, night)
                seen, live = seen + asked, live + on_pin
            found.append(Expected(rate, max(float(case.samples), live), max(seen, 1e-9)))
        return found

    def chance(self, nights: int) -> float:
        """That a candidate as good as the pin is due on the last of so many nights more."""
        greens, wanted = self._earlier.greens + nights, self._settings.green_runs
        look = max(1, greens - wanted + 1) + self._earlier.reds
        return bump_chance(self.after(nights), self._settings.margin, look)

    def nights_to_bump(self) -> int | None:
        """The first night on which it is due more likely than not."""
        first = max(self._settings.green_runs - self._earlier.greens, 1)
        nights = range(first, FARTHEST + 1)
        return next((each for each in nights if self.chance(each) >= 0.5), None)

    def _asked(self, case: PlannedCase, rate: float, night: int) -> tuple[float, float]:
        """Samples of the candidate and of the pin, live, that a night takes in the mean."""
        own = self._plan.more.get(case.id, self._plan.base)
        if case.id in self._plan.live:
            return own, own
        wavers = 1 - rate ** (own * (night - 1))
        oftener = max(self._most, own)
        return own + wavers * (oftener - own), wavers * oftener


def _samples_so_far(earlier: EarlierNights) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for night in earlier.nights:
        for case, counts in night.items():
            found[case] = found.get(case, 0) + counts[3]
    return found


def wavering(cases: Collection[PlannedCase]) -> tuple[str, ...]:
    """Cases that the pin itself does not always pass."""
    return tuple(case.id for case in cases if case.passes < case.samples)
