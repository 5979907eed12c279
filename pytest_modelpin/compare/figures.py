"""Tokens, cost and latency of one side, and the suite's profile: how answers changed as a whole.

A reworded answer is no finding, and a suite whose answers all grew by a fifth, or all begin to use
lists, has changed its style all the same. Each trait and each kind of drift is put beside what the
pin's own samples show among themselves, with a test of whether it is more than chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, comb, erfc, exp, fsum, log, sqrt
from statistics import fmean

from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.drift.invariants.sample_text import SampleText, read_text
from pytest_modelpin.providers.prices import Prices, price
from pytest_modelpin.results.case import Call, Case, Sample


@dataclass(frozen=True, slots=True)
class Side:
    """One side's figures: of a case, a category or the whole suite.

    Tokens, cost and latency are those of the samples that passed or failed, without replies that
    are an error; of the logical model compared, not of others that the tests may call.
    """

    passes: int = 0
    samples: int = 0
    """Samples that passed or failed."""
    lost: int = 0
    input_tokens: int | None = None
    """None where any reply's usage is unknown; never 0 for unknown."""
    output_tokens: int | None = None
    cost_usd: float | None = None
    """By the served id; None where a price is unknown."""
    latency_p50: float | None = None
    """Seconds."""
    latency_p95: float | None = None

    @property
    def tokens(self) -> int | None:
        """Input and output together."""
        if self.input_tokens is None or self.output_tokens is None:
            return None
        return self.input_tokens + self.output_tokens

    def per_sample(self, figure: float | None) -> float | None:
        """A sum over the samples as an average, so that sides of unequal numbers compare."""
        return None if figure is None or not self.samples else figure / self.samples


def side(cases: Iterable[Case], name: str, prices: Prices) -> Side:
    """The figures of these cases, as far as the logical model `name` answered them."""
    samples = [sample for case in cases for sample in case.samples]
    outcomes = [sample.outcome for sample in samples]
    passed, failed = outcomes.count("passed"), outcomes.count("failed")
    calls = [
        call
        for sample in samples
        if sample.outcome in ("passed", "failed")
        for call in sample.calls
        if call.name == name and call.reply.status < 400
    ]
    replies = [call.reply for call in calls]
    seconds = sorted([call.seconds for call in calls])
    return Side(
        passes=passed,
        samples=passed + failed,
        lost=outcomes.count("lost"),
        input_tokens=_whole_sum([reply.usage.input_tokens for reply in replies]),
        output_tokens=_whole_sum([reply.usage.output_tokens for reply in replies]),
        cost_usd=_sum([price(reply, prices) for reply in replies]),
        latency_p50=percentile(seconds, 50),
        latency_p95=percentile(seconds, 95),
    )


def answered(sample: Sample, name: str) -> list[Call]:
    """The calls of one logical model that got an answer, in order."""
    return [call for call in sample.calls if call.name == name and call.reply.status < 400]


def calls_of(sample: Sample, name: str) -> list[Call]:
    """As `answered`, after what the fixtures heard that the test shares with others; only what was
    said, so no embeddings.
    """
    return [call for call in asked(sample, name) if call.vectors is None]


def asked(sample: Sample, name: str) -> list[Call]:
    """All that got an answer of one logical model, the shared fixtures' calls first."""
    every = (*sample.shared, *sample.calls)
    return [call for call in every if call.name == name and call.reply.status < 400]


def percentile(ordered: Sequence[float], percent: int) -> float | None:
    """The nearest-rank percentile of ascending values: the ⌈percent/100 · n⌉-th; None of none."""
    if not ordered:
        return None
    return ordered[max(ceil(percent * len(ordered) / 100), 1) - 1]


def increase(before: float | None, after: float | None) -> float | None:
    """By what fraction `after` is more than `before`; None where either is unknown or was 0."""
    if before is None or after is None or before <= 0:
        return None
    return after / before - 1


def _whole_sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if values and len(known) == len(values) else None


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fsum(known) if values and len(known) == len(values) else None


_TWO_SIDED = 1.96  # standard errors within which 95 of 100 suites of equal models fall
_CERTAIN = 0.01  # two-sided; so many traits are looked at that one in twenty would show every night


def _log_length(text: SampleText) -> float:
    return log(max(len(text.text.strip()), 1))


TRAITS: Mapping[str, Callable[[SampleText], float]] = {
    "length": _log_length,
    "headings": lambda text: float(text.layout.headings > 0),
    "lists": lambda text: float(text.layout.items + text.layout.steps >= 2),
    "tables": lambda text: float(text.layout.rows >= 2),
    "emphasis": lambda text: float(text.layout.emphasis),
    "opening courtesy": lambda text: float(text.layout.opening),
    "closing question": lambda text: float(text.text.rstrip().endswith(("?", "？"))),
    "exclamation": lambda text: float("!" in text.text),
}
"""What of a text's style can be put in a figure; `length` is a logarithm, all others 0 or 1."""

RATIOS = frozenset(("length", "output tokens"))
"""Traits whose change is a ratio."""


@dataclass(frozen=True, slots=True)
class Trait:
    """One trait of one case's answers on both sides."""

    pin: float
    candidate: float
    variance: float
    """Between the pin's own samples."""
    pins: int
    candidates: int


@dataclass(frozen=True, slots=True)
class CaseProfile:
    """What one case adds to the suite's profile."""

    traits: Mapping[str, Trait] = field(default_factory=dict)
    shown: Mapping[str, float] = field(default_factory=dict)
    """By kind of drift, the share of the candidate's samples that show it."""
    own: frozenset[str] | None = None
    """The kinds that one sample of the pin's shows beside its others; None where they are too few
    to tell."""


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """One line of the profile."""

    name: str
    """A trait of `TRAITS`, `output tokens`, or a kind of drift."""
    cases: int
    pin: float
    """Share of the pin's answers with the trait, or of cases whose own samples show the kind; of
    `RATIOS` what is usual, in characters or tokens."""
    candidate: float
    change: float
    """A ratio for `length` and `output tokens` (0.18 is 18 % more); else a difference of shares."""
    spread: float
    """Half the range in which 95 of 100 changes of an equal model would lie; 0 for a kind."""
    p: float
    """Two-sided; how often an equal model would show as much."""

    @property
    def beyond_chance(self) -> bool:
        """Whether an equal model would hardly ever show as much."""
        return self.p <= _CERTAIN

    def __str__(self) -> str:
        if self.spread or self.name in TRAITS or self.name in RATIOS:
            unit = "%" if self.name in RATIOS else "points"
            spread = f"pin's own spread ± {100 * self.spread:.0f} {unit}"
            return f"{self.name} {100 * self.change:+.0f} {unit}, {spread}"
        return (
            f"{self.name} in {self.candidate:.0%} of the cases, in {self.pin:.0%} of the pin's own"
        )


def case_profile(
    before: Sequence[Sample],
    after: Sequence[Sample],
    name: str,
    drifts: Iterable[Drift],
    own: frozenset[str] | None,
) -> CaseProfile:
    """The profile of one case: of its texts, its tokens and the drifts found in it."""
    traits: dict[str, Trait] = {}
    texts, texts_after = _texts(before, name), _texts(after, name)
    if texts and texts_after:
        for trait, of in TRAITS.items():
            traits[trait] = _trait(
                [of(read_text(t)) for t in texts], [of(read_text(t)) for t in texts_after]
            )
    tokens, tokens_after = _tokens(before, name), _tokens(after, name)
    if tokens and tokens_after:
        traits["output tokens"] = _trait(tokens, tokens_after)
    shown: dict[str, float] = {}
    for drift in drifts:
        count, of_all = drift.samples
        shown[drift.kind] = max(shown.get(drift.kind, 0.0), count / of_all)
    return CaseProfile(traits, shown, own)


def _texts(samples: Sequence[Sample], name: str) -> list[str]:
    """What a reader gets of each sample: its answers, or where there are none its replies."""
    found = []
    for sample in samples:
        told = [a.received for a in sample.answers if isinstance(a.received, str)]
        if not sample.answers:
            told = [call.reply.text for call in answered(sample, name)]
        if any(text.strip() for text in told):
            found.append("\n\n".join(told))
    return found


def _tokens(samples: Sequence[Sample], name: str) -> list[float]:
    counts = [
        [call.reply.usage.output_tokens for call in answered(sample, name)] for sample in samples
    ]
    return [
        log(total)
        for each in counts
        if None not in each and (total := sum(n for n in each if n is not None)) > 0
    ]


def _trait(pins: Sequence[float], candidates: Sequence[float]) -> Trait:
    middle = fmean(pins)
    squares = sum((each - middle) ** 2 for each in pins)
    return Trait(
        middle, fmean(candidates), squares / max(len(pins) - 1, 1), len(pins), len(candidates)
    )


def suite_profile(cases: Iterable[CaseProfile]) -> tuple[ProfileRow, ...]:
    """The profile of a suite, traits first; only what changed, or the pin's own samples show."""
    every = list(cases)
    rows = []
    for name in dict.fromkeys(name for case in every for name in case.traits):
        traits = [case.traits[name] for case in every if name in case.traits]
        row = _trait_row(name, traits)
        if row is not None:
            rows.append(row)
    for kind in sorted({kind for case in every for kind in (*case.shown, *(case.own or ()))}):
        told = [case for case in every if case.own is not None]
        if told:
            rows.append(_kind_row(kind, told))
    return tuple(rows)


def _trait_row(name: str, traits: Sequence[Trait]) -> ProfileRow | None:
    """By the pin's variance within cases, pooled: of a case's mean on m samples it is 1/m."""
    known = [trait for trait in traits if trait.pins > 1]
    change = fmean(trait.candidate - trait.pin for trait in traits)
    if not known or (change == 0 and not any(trait.variance for trait in known)):
        return None  # of one sample of the pin each, nothing is known of its spread
    freedom = sum(trait.pins - 1 for trait in known)
    within = sum(trait.variance * (trait.pins - 1) for trait in known) / freedom
    error = sqrt(within * sum(1 / trait.pins + 1 / trait.candidates for trait in traits)) / len(
        traits
    )
    if error > 0:
        p = erfc(abs(change) / error / sqrt(2))
    else:
        p = _sign_test([trait.candidate - trait.pin for trait in traits])
    ratio = name in RATIOS
    return ProfileRow(
        name,
        len(traits),
        _usual([trait.pin for trait in traits], ratio=ratio),
        _usual([trait.candidate for trait in traits], ratio=ratio),
        exp(change) - 1 if ratio else change,
        exp(_TWO_SIDED * error) - 1 if ratio else _TWO_SIDED * error,
        p,
    )


def _usual(values: Sequence[float], *, ratio: bool) -> float:
    """The mean; of logarithms, what it is the logarithm of."""
    return exp(fmean(values)) if ratio else fmean(values)


def _kind_row(kind: str, cases: Sequence[CaseProfile]) -> ProfileRow:
    shown = [case.shown.get(kind, 0.0) for case in cases]
    own = [float(kind in (case.own or ())) for case in cases]
    p = _sign_test([a - b for a, b in zip(shown, own, strict=True)])
    return ProfileRow(kind, len(cases), fmean(own), fmean(shown), fmean(shown) - fmean(own), 0.0, p)


def _sign_test(differences: Sequence[float]) -> float:
    """Exact and two-sided: how often coins would part the unequal cases at least as unevenly."""
    up = sum(each > 0 for each in differences)
    down = sum(each < 0 for each in differences)
    n, fewer = up + down, min(up, down)
    if n == 0:
        return 1.0
    if n > 1000:  # the sum of a thousand halves is normal
        return erfc((abs(up - down) - 1) / sqrt(n) / sqrt(2))
    tail: int = sum(comb(n, k) for k in range(fewer + 1))
    return min(1.0, float(2 * tail / 2**n))
