"""What an answer took: `tokens`, `cost` and `latency`, beyond what the context allows."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_modelpin.drift.context import Context
from pytest_modelpin.drift.drift import Drift, DriftKind
from pytest_modelpin.drift.pair import Pair
from pytest_modelpin.drift.severity import drift_of

LEAST_LATENCY = 0.05
"""Seconds; what is less is the network's doing, whatever share it is."""

_DOUBLE = 2.0  # from here on a rise is worth a look; below, two calls of one model differ as much


class Consumption:
    """Its figures are those of two single replies, or the averages that the context gives."""

    kinds: tuple[DriftKind, ...] = ("tokens", "cost", "latency")

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """An unknown figure is no finding."""
        if pair.replies is not None:
            before, after = (reply.usage.output_tokens for reply in pair.replies)
            yield from changed("tokens", before, after, context.token_ratio)
        yield from of_context(context)


def of_context(context: Context) -> Iterable[Drift]:
    """`cost` and `latency`, which no answer shows: the context says what they were."""
    yield from changed("cost", context.cost_before, context.cost_after, context.token_ratio)
    yield from changed(
        "latency",
        context.latency_before,
        context.latency_after,
        context.latency_ratio,
        least=LEAST_LATENCY,
    )


def changed(
    kind: DriftKind, before: float | None, after: float | None, ratio: float, *, least: float = 0.0
) -> Iterable[Drift]:
    """A drift where a figure moved by more than `ratio` and by `least`; `review` where it doubled.

    A latency is never more than `info`: one call says little.
    """
    if before is None or after is None or not before >= 0 or not after >= 0 or before == after:
        return
    if before > 0 and before * (1 - ratio) <= after <= before * (1 + ratio):
        return
    if abs(after - before) < least:
        return
    doubled = after >= _DOUBLE * before and kind != "latency"
    yield drift_of(kind, "", before, after, "review" if doubled else None)
