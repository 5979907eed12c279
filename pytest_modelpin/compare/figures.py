"""Tokens, cost and latency of one side: of a case, a category, or the whole suite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, fsum

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
    every = [sample for case in cases for sample in case.samples]
    outcomes = [sample.outcome for sample in every]
    tried = [sample for sample in every if sample.outcome in ("passed", "failed")]
    calls = [call for sample in tried for call in answered(sample, name)]
    replies = [call.reply for call in calls]
    seconds = sorted(call.seconds for call in calls)
    return Side(
        passes=outcomes.count("passed"),
        samples=len(tried),
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
