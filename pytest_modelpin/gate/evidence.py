"""The counts that the gate judges: checked, and summed up per case over a version's nights."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import fsum, isfinite
from statistics import median
from typing import Any

Counts = tuple[int, int, int, int]
"""Production passes, production samples, candidate passes, candidate samples."""

NightCounts = Mapping[str, Counts]


class UnusableError(Exception):
    """The counts can't be judged; the text is the reason that the verdict gives."""


@dataclass(frozen=True, slots=True)
class EarlierNights:
    """The nights of one version since it appeared or since its last red one, without tonight."""

    nights: tuple[NightCounts, ...] = ()
    """Each night's counts, oldest first, inconclusive nights that are usable included."""
    fresh: tuple[NightCounts, ...] = ()
    """Beside them, the fresh samples of the cases that they flagged."""
    greens: int = 0
    """How many of them were green, none red between."""
    reds: int = 0
    """How many red nights this version has had before them: each took a start's share of the
    error, or starting over often enough would be a way to a bump."""
    open: tuple[str, ...] = ()
    """Cases that the last of them, or a red one just before, left open or confirmed."""
    held: frozenset[str] = frozenset()
    """Cases with a confirmed change that holds a bump."""
    live: Collection[str] | None = None
    """Cases of which production was sampled anew every night; None where the counts tell."""


NO_NIGHTS = EarlierNights()
"""Before the first night of a version."""


@dataclass(frozen=True, slots=True)
class CaseEvidence:
    """One case over all nights."""

    pin_passes: int
    pin_samples: int
    """Each sample once: a recording that every night replays counts as one night's."""
    passes: int
    """The candidate's, without the fresh samples of confirmations."""
    samples: int
    difference: float
    """Candidate minus production, each side's rate being the weighted mean of its nights' rates,
    whatever the case's own numbers of samples: so a night may draw more of them where an earlier
    one failed, and the difference has no bias."""
    pin_spread: float
    """What the variance of one sample is multiplied with to give that of production's rate."""
    spread: float
    """The same for the candidate's rate: Σ wⱼ²/nⱼ / (Σ wⱼ)²."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The nights of one version, the last one being judged."""

    nights: tuple[NightCounts, ...]
    totals: NightCounts
    """Every case's counts, summed over the nights and the fresh samples."""
    cases: Mapping[str, CaseEvidence]
    own: tuple[float, ...]
    """Each night's own paired difference."""
    weights: tuple[float, ...]
    """Each night's weight in a case's rate: how many samples the suite's middle case had. Not the
    case's own number, which may follow from how it did before."""

    @property
    def tonight(self) -> NightCounts:
        """The night that is judged."""
        return self.nights[-1]

    @property
    def estimate(self) -> float:
        """The paired difference of pass rates over all nights, candidate minus production."""
        return _mean([case.difference for case in self.cases.values()])

    def candidate_samples(self) -> int:
        """How many samples the candidate gave tonight."""
        return sum(counts[3] for counts in self.tonight.values())

    def samples_in_all(self) -> int:
        """How many samples the candidate gave over all nights."""
        return sum(case.samples for case in self.cases.values())

    def pooled(self) -> tuple[float, float]:
        """The pass rates of all samples of production and of the candidate."""
        cases = self.cases.values()
        return (
            sum(case.pin_passes for case in cases) / sum(case.pin_samples for case in cases),
            sum(case.passes for case in cases) / sum(case.samples for case in cases),
        )


def gather(
    nights: Sequence[NightCounts],
    fresh: Sequence[NightCounts] = (),
    live: Collection[str] | None = None,
) -> Evidence:
    """The evidence in these nights, oldest first. Raises UnusableError, naming night and case.

    `fresh` are the fresh samples of cleared cases, night by night beside `nights`. `live` are the
    cases of which production was sampled anew every night; where it is None, all are, once any
    case's production passed more often one night than another on as many samples.
    """
    checked = tuple(
        check(night, f"night {number} of {len(nights)}") for number, night in enumerate(nights, 1)
    )
    # Fresh samples were drawn because others failed. In the night that drew them they would water
    # that failure down; to the next night they are samples like its own. Production's don't join
    # a recording, of which a lucky one is flagged sooner.
    joined = [
        _joined(night, fresh[place - 1] if 0 < place <= len(fresh) else {})
        for place, night in enumerate(checked)
    ]
    by_case = _own(joined)
    live = _seen_live(checked) if live is None else live
    weights = tuple(float(median(counts[3] for counts in night.values())) for night in checked)
    cases = {
        case: _over(
            seen,
            own=[night[case] for night in checked if case in night],
            weights=[
                weight for weight, night in zip(weights, checked, strict=True) if case in night
            ],
            live=case in live,
        )
        for case, seen in by_case.items()
    }
    again = [counts for night in fresh[: len(checked)] for counts in night.items()]
    totals = {case: list(seen) for case, seen in _own(checked).items()}
    for case, counts in again:
        if case in totals:
            totals[case].append(counts)
    return Evidence(
        checked,
        {case: _sum(seen) for case, seen in totals.items()},
        cases,
        tuple(map(own_difference, checked)),
        weights,
    )


def check(night: Any, where: str) -> NightCounts:
    """A night whose every count is a whole number and possible. Raises UnusableError."""
    if not isinstance(night, Mapping):
        raise UnusableError(f"{where}: not a mapping of cases but {_kind(night)}")
    if not night:
        raise UnusableError(f"{where}: no case was run")
    return {case: _counts(counts, f"{where}, case {case}") for case, counts in night.items()}


def as_nights(nights: Any) -> tuple[Any, ...]:
    """What somebody gives as nights, oldest first; at least one. Raises UnusableError."""
    if isinstance(nights, (str, bytes, Mapping)) or not isinstance(nights, Sequence):
        raise UnusableError(f"nights must be a sequence of mappings, not {_kind(nights)}")
    if not nights:
        raise UnusableError("there is no night to judge")
    return tuple(nights)


def own_difference(night: NightCounts) -> float:
    """A night's own paired difference of pass rates."""
    return _mean([cp / cn - pp / pn for pp, pn, cp, cn in night.values()])


def _own(nights: Sequence[NightCounts]) -> dict[str, list[Counts]]:
    by_case: dict[str, list[Counts]] = {}
    for night in nights:
        for case, counts in night.items():
            by_case.setdefault(case, []).append(counts)
    return by_case


def _seen_live(nights: Sequence[NightCounts]) -> Collection[str]:
    """All cases, where any shows that production was not replayed; else none."""
    for earlier, later in pairwise(nights):
        for case, counts in later.items():
            before = earlier.get(case)
            if before and before[1] == counts[1] and before[0] != counts[0]:
                return {name for night in nights for name in night}
    return ()


def _joined(night: NightCounts, fresh: NightCounts) -> NightCounts:
    if not fresh:
        return night
    return {
        case: _sum([counts, (0, 0, *fresh[case][2:])]) if case in fresh else counts
        for case, counts in night.items()
    }


def _over(
    nights: Sequence[Counts], own: Sequence[Counts], weights: Sequence[float], *, live: bool
) -> CaseEvidence:
    """One case over its nights; `own` are their counts without fresh samples that joined them."""
    # Divided by the whole at the end: shares of it add up to 0.9999999999999999 now and then, and
    # what passes throughout on both sides would be worse by that.
    whole = fsum(weights)
    weighed = [*zip(own, weights, strict=True)]
    if live:
        runs = [(counts[:2], weight) for counts, weight in weighed]
    else:
        runs = [
            (pin, fsum([weight for _, weight in same])) for pin, same in groupby(weighed, key=_pin)
        ]
    shares = [*zip(nights, weights, strict=True)]
    rate = fsum([weight * counts[2] / counts[3] for counts, weight in shares]) / whole
    pin_rate = fsum([weight * pin[0] / pin[1] for pin, weight in runs]) / whole
    return CaseEvidence(
        sum(pin[0] for pin, _ in runs),
        sum(pin[1] for pin, _ in runs),
        sum(counts[2] for counts in own),
        sum(counts[3] for counts in own),
        difference=rate - pin_rate,
        pin_spread=fsum([weight**2 / pin[1] for pin, weight in runs]) / whole**2,
        spread=fsum([weight**2 / counts[3] for counts, weight in shares]) / whole**2,
    )


def _pin(night: tuple[Counts, float]) -> tuple[int, int]:
    return night[0][:2]


def _sum(counts: Sequence[Counts]) -> Counts:
    pp, pn, cp, cn = (sum(each) for each in zip(*counts, strict=True))
    return pp, pn, cp, cn


def _mean(values: list[float]) -> float:
    # fsum rounds once, so that the order of the cases can't change the last bit.
    return fsum(values) / len(values)


def _counts(counts: Any, where: str) -> Counts:
    try:
        pp, pn, cp, cn = counts
    except (TypeError, ValueError):
        raise UnusableError(f"{where}: {_kind(counts)} instead of four counts") from None
    if not (type(pp) is type(pn) is type(cp) is type(cn) is int):
        pp, pn, cp, cn = (_whole(count, where) for count in (pp, pn, cp, cn))
    if 0 <= pp <= pn > 0 and 0 <= cp <= cn > 0:
        return pp, pn, cp, cn
    for side, passes, samples in (("production", pp, pn), ("the candidate", cp, cn)):
        if samples == 0:
            raise UnusableError(f"{where}: no samples for {side}")
        if passes < 0 or samples < 0:
            found = "a negative count"
        elif passes > samples:
            found = "more passes than samples"
        else:
            continue
        raise UnusableError(f"{where}: {found} for {side} ({passes} of {samples})")
    raise AssertionError("every impossible count is named above")


def _whole(count: Any, where: str) -> int:
    try:
        number = float(count)
    except (TypeError, ValueError, OverflowError):
        raise UnusableError(f"{where}: {_kind(count)} instead of a count") from None
    if not isfinite(number) or number != int(number):
        raise UnusableError(f"{where}: {number} is not a count")
    return int(number)


def _kind(value: object) -> str:
    return "nothing" if value is None else f"a value of type {type(value).__name__}"
