"""The suite's figures on both sides, as rows of a table that any report can lay out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from pytest_modelpin.compare.comparison import Comparison, Side
from pytest_modelpin.compare.figures import increase
from pytest_modelpin.gate.verdict import points
from pytest_modelpin.wording import dollars, to_one_length

LATENCY_FLOOR = 0.05
"""Seconds: a smaller difference is the machine's and the network's."""


COST = "Cost of 1,000 samples"
"""One sample's has too many noughts to be read."""


class Row(NamedTuple):
    """One figure, ready to be shown; what isn't known says so and is never 0."""

    figure: str
    production: str
    candidate: str
    change: str
    """Empty where it can't be told."""


def figure_rows(comparison: Comparison) -> list[Row]:
    """The whole suite's figures: pass rates, losses, tokens, cost, latency.

    A sample whose own asserts hold may still break what the pin always answers. By that the night
    goes, so it has a row of its own where the two differ.
    """
    before, after = comparison.suite_production, comparison.suite_candidate
    broken = sum(case.drifted_samples for case in comparison.cases)
    held = replace(after, passes=max(0, after.passes - broken))
    return [
        pass_rate("Tests passed", before, after),
        *([pass_rate("… and the answer held", before, held)] if broken else []),
        Row("Lost to provider errors", str(before.lost), str(after.lost), ""),
        *_averages(before, after),
    ]


def category_rows(comparison: Comparison) -> list[Row]:
    """The pass rate of each category that the tests name."""
    return [
        pass_rate(category, before, after)
        for category, (before, after) in comparison.categories.items()
    ]


def pass_rate(figure: str, before: Side, after: Side) -> Row:
    """A row of passed samples of all, as a share too."""
    change = ""
    if before.samples and after.samples:
        change = points(after.passes / after.samples - before.passes / before.samples)
    return Row(figure, _passes(before), _passes(after), change)


def _averages(before: Side, after: Side) -> Iterator[Row]:
    figures: tuple[tuple[str, Callable[[float], str], float | None, float | None], ...] = (
        ("Input tokens a sample", "{:,.0f}".format, *_each(before, after, "input_tokens")),
        ("Output tokens a sample", "{:,.0f}".format, *_each(before, after, "output_tokens")),
        (COST, _of_a_thousand, *_each(before, after, "cost_usd")),
        ("Latency, median", seconds, before.latency_p50, after.latency_p50),
        ("Latency, p95", seconds, before.latency_p95, after.latency_p95),
    )
    for figure, form, old, new in figures:
        change = increase(old, new)
        if form is seconds and abs((old or 0.0) - (new or 0.0)) < LATENCY_FLOOR:
            change = None
        pin, candidate = to_one_length(
            ["unknown" if each is None else form(each) for each in (old, new)]
        )
        yield Row(figure, pin, candidate, "" if change is None else f"{change:+.0%}")


def _of_a_thousand(cost: float) -> str:
    return dollars(1000 * cost)


def seconds(time: float) -> str:
    """A time as a person reads it: `1.40 s`, `7 ms`."""
    return f"{time:.2f} s" if time >= 0.1 else f"{1000 * time:.0f} ms"


def _each(before: Side, after: Side, sum_of: str) -> tuple[float | None, float | None]:
    return before.per_sample(getattr(before, sum_of)), after.per_sample(getattr(after, sum_of))


def _passes(side: Side) -> str:
    if not side.samples:
        return "none"
    return f"{side.passes:,} of {side.samples:,} ({side.passes / side.samples:.1%})"
