"""How far below the pin the candidate may still be, and what would show it sooner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, fsum, sqrt

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.gate.evidence import CaseEvidence, Evidence
from pytest_modelpin.gate.statistics import look_error, quantile
from pytest_modelpin.wording import counted

SUITE_LEVEL = 0.002
"""Error of calling the whole suite worse; confirmations need the rest of the 1 % a night."""
CLEARLY = 1.25
"""A suite is red from so many margins on."""
FARTHEST = 14
"""Nights to look ahead; a suite that would take longer needs other samples, not more nights."""

_MORE_SAMPLES = (5, 8, 12)
"""Samples a night to suggest for one case."""
_RECORDED = Settings().pin_samples
"""Samples of the pin that `record` takes unasked."""

_MOST_A_NIGHT = 40
"""Samples a night to suggest for a whole suite."""


@dataclass(frozen=True, slots=True)
class Bound:
    """How far below zero the candidate may still be."""

    estimate: float
    lower: float
    sampling: float
    """Standard error of the estimate."""
    least: float
    """What the error is not taken for less than."""


def lower_bound(evidence: Evidence, margin: float, look: int) -> Bound:
    """The lower bound of the paired difference at the confidence that this look may spend.

    The suite is what has to pass, not a sample of some larger one: only the sampling within its
    cases errs. A case's rate is shrunk to that of all cases by one pseudo-sample, or a case that
    passed throughout would claim to know no error at all. Nor is the error taken for less than it
    would be if the candidate were worse by the margin (as in T. Tango's score test for matched
    pairs, Stat. Med. 17, 1998): a small suite in which nothing fails has shown little.
    """
    sampling = sqrt(sum(_variances(evidence)))
    least = sqrt(margin * (1 - margin) * _spread(evidence))
    estimate = evidence.estimate
    lower = estimate - quantile(look_error(look)) * max(sampling, least)
    return Bound(estimate, max(lower, -1.0), sampling, least)


def suite_is_worse(evidence: Evidence, margin: float) -> bool:
    """Whether the paired difference lies clearly below −margin, and below zero beyond chance.

    Beyond chance is one-sided .002; clearly is a quarter of the margin more. A model that is worse
    by just the margin would otherwise be red every few nights, and every red starts its evidence
    anew: one of many starts is a lucky one.
    """
    return evidence.estimate < -CLEARLY * margin and is_beyond_chance(evidence)


def is_beyond_chance(evidence: Evidence) -> bool:
    """Whether the paired difference is below zero beyond chance, at one-sided .002.

    The error is what both sides would have if they were one model, so that a recording which
    happened to pass throughout does not turn night after night red for one stroke of luck.
    """
    pooled = fsum(evidence.pooled()) / 2
    variance = fsum(
        _binomial(case.pin_passes + case.passes, case.pin_samples + case.samples, pooled)
        * (case.pin_spread + case.spread)
        for case in evidence.cases.values()
    )
    error = sqrt(variance) / len(evidence.cases)
    return evidence.estimate + quantile(SUITE_LEVEL) * error < 0


def nights_to_decide(evidence: Evidence, margin: float, look: int, missing: int) -> int | None:
    """How many more nights like these would lift the bound above −margin; None if none would.

    `look` is the next night's, `missing` how many nights have to be green in any case.
    """
    pin, candidate = _variances(evidence)
    spread = _spread(evidence)
    pin_grows = _is_sampled_live(evidence)
    for more in range(max(missing, 1), FARTHEST + 1):
        shrunk = _shrunk(evidence, more)
        sampling = (pin * shrunk if pin_grows else pin) + candidate * shrunk
        error = sqrt(max(sampling, margin * (1 - margin) * spread * shrunk))
        z = quantile(look_error(look + more - max(missing, 1)))
        if evidence.estimate - z * error > -margin:
            return more
    return None


def what_costs(evidence: Evidence, bound: Bound, margin: float, look: int, nights: int) -> str:
    """The case that keeps the bound down, and what would help, as a sentence.

    `nights` is how many the answer may take: the advice is for the look after them.
    """
    z = quantile(look_error(look))
    if bound.estimate - z * bound.sampling > -margin:
        return _too_few(evidence, bound, margin, look, nights)
    name, case = max(_costs(evidence, bound, z), key=lambda cost: (cost[2], str(cost[0])))[:2]
    helps = _samples_for(evidence, name, margin, look, nights)
    if (case.passes, case.pin_passes) == (case.samples, case.pin_samples):
        return _few_of_pin(name, case, helps)
    wavers = case.pin_passes < case.pin_samples
    told = (
        f"{name} wavers on the pin too ({case.pin_passes} of {case.pin_samples})"
        if wavers
        else f"{name} passes {case.passes} of {case.samples} on the candidate, "
        f"{case.pin_passes} of {case.pin_samples} on the pin"
    )
    if helps and wavers:
        return f"{told}: `samples: {helps}` on it, or mend it"
    if helps:
        return f"{told}: look at its answers, or ask more often (`samples: {helps}` on it)"
    return f"{told}: {'mend it' if wavers else 'look at its answers'}"


def _few_of_pin(name: str, case: CaseEvidence, helps: int | None) -> str:
    """That a flawless case has few samples beside others that waver, and how to have more."""
    recorded = _RECORDED if case.pin_samples < _RECORDED else 2 * case.pin_samples
    return (
        f"{name} passes all of {case.pin_samples} on the pin and of {case.samples} on the "
        "candidate, which are few beside cases that fail now and then: record more of the pin "
        f"(`pytest-modelpin record --samples {recorded}`)"
        + (f", or ask more often (`samples: {helps}` on it)" if helps else "")
    )


def samples_to_decide(cases: int, nights: int, margin: float, so_far: float, look: int) -> int:
    """Samples of each case a night after which a flawless suite is shown not inferior.

    `nights` are those that are left until that look, `so_far` how many samples a case has.
    Solves z · √(m (1 − m) / N) < m for N: 32 samples in all at the first look, where m is .10.
    """
    needed = quantile(look_error(look)) ** 2 * (1 - margin) / margin
    left = needed / max(cases, 1) - so_far
    return max(1, ceil(left / max(nights, 1) + 1e-9))


def _too_few(evidence: Evidence, bound: Bound, margin: float, look: int, nights: int) -> str:
    """That what was seen is flawless enough, and not yet enough."""
    z = quantile(look_error(look))
    room = bound.estimate + margin
    needed = z**2 * margin * (1 - margin) / room**2
    seen = 1 / _spread(evidence)
    a_night = ceil((needed - seen) / len(evidence.cases) / max(nights, 1) + 1e-9)
    samples = counted(
        evidence.samples_in_all(), "sample of the candidate is", "samples of the candidate are"
    )
    told = f"{samples} too few to rule out more"
    if 1 <= a_night <= _MOST_A_NIGHT:
        when = "the next night" if nights <= 1 else f"{nights} nights"
        return f"{told}: `samples: {a_night}` would decide in {when}"
    return told


def _costs(evidence: Evidence, bound: Bound, z: float) -> Iterator[tuple[str, CaseEvidence, float]]:
    """What each case takes off the bound."""
    pin_pooled, pooled = evidence.pooled()
    count = len(evidence.cases)
    share = z / (count**2 * bound.sampling) if bound.sampling else 0.0
    for name, case in evidence.cases.items():
        variance = _of_pin(case, pin_pooled) + _of_candidate(case, pooled)
        yield name, case, -case.difference / count + share * variance


def _samples_for(
    evidence: Evidence, name: str, margin: float, look: int, nights: int
) -> int | None:
    """How many samples a night of one case, on both sides, would decide; None if none would."""
    pin_pooled, pooled = evidence.pooled()
    pin, candidate = _variances(evidence)
    count = len(evidence.cases)
    case = evidence.cases[name]
    shrunk = _shrunk(evidence, nights)
    own_pin = _of_pin(case, pin_pooled) / count**2
    own = _of_candidate(case, pooled) / count**2
    for samples in _MORE_SAMPLES:
        asked = samples * nights
        rest = (pin - own_pin) + (candidate - own) * shrunk
        more = own_pin / case.pin_spread / (1 / case.pin_spread + asked)
        more += own / case.spread / (1 / case.spread + asked)
        error = sqrt(max(rest + more, margin * (1 - margin) * _spread(evidence) * shrunk))
        if evidence.estimate - quantile(look_error(look)) * error > -margin:
            return samples
    return None


def _variances(evidence: Evidence) -> tuple[float, float]:
    """The estimate's variance: production's share and the candidate's."""
    pin_pooled, pooled = evidence.pooled()
    cases, squared = evidence.cases.values(), len(evidence.cases) ** 2
    return (
        fsum(_of_pin(case, pin_pooled) for case in cases) / squared,
        fsum(_of_candidate(case, pooled) for case in cases) / squared,
    )


def _of_pin(case: CaseEvidence, pooled: float) -> float:
    return _binomial(case.pin_passes, case.pin_samples, pooled) * case.pin_spread


def _of_candidate(case: CaseEvidence, pooled: float) -> float:
    return _binomial(case.passes, case.samples, pooled) * case.spread


def _binomial(passes: int, samples: int, pooled: float) -> float:
    """The variance of one sample, its rate shrunk to the pooled one by one pseudo-sample."""
    rate = (passes + pooled) / (samples + 1)
    return rate * (1 - rate)


def _spread(evidence: Evidence) -> float:
    """1 / N where every case has the same number of samples a night, N being all of them."""
    cases = evidence.cases.values()
    return fsum(case.spread for case in cases) / len(cases) ** 2


def _shrunk(evidence: Evidence, nights: int) -> float:
    """What a variance is multiplied with by so many more nights like the last."""
    weight = fsum(evidence.weights)
    return weight / (weight + nights * evidence.weights[-1])


def _is_sampled_live(evidence: Evidence) -> bool:
    """Whether production's samples grow from night to night instead of being replayed."""
    return len(evidence.nights) > 1 and any(
        counts[:2] != evidence.nights[0].get(name, counts)[:2]
        for name, counts in evidence.nights[-1].items()
    )
