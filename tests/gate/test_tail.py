"""The test of the tail beside what dealing the passes out anew shows."""

from __future__ import annotations

import random

import pytest

from pytest_modelpin.gate.evidence import gather
from pytest_modelpin.gate.tail import tail_is_worse

Counts = tuple[int, int, int, int]
Suite = dict[Counts, int]
"""Counts of production and candidate, and how many cases have them."""


def is_worse(suite: Suite) -> bool:
    night = {f"{counts}{n}": counts for counts, cases in suite.items() for n in range(cases)}
    return tail_is_worse(gather([night]).cases.values())


def dealt_anew(suite: Suite) -> float:
    """How often dealing out each case's passes gives as bad a worst fifth, by 600 draws."""
    cases = [counts for counts, times in suite.items() for _ in range(times)]
    draw = random.Random(1)

    def worst(differences: list[float]) -> float:
        return sum(sorted(differences)[: len(cases) // 5])

    seen = worst([cp / cn - pp / pn for pp, pn, cp, cn in cases])
    hits = 0
    for _ in range(600):
        differences = []
        for pp, pn, cp, cn in cases:
            passes = pp + cp
            own = sum(place < passes for place in draw.sample(range(pn + cn), cn))
            differences.append(own / cn - (passes - own) / pn)
        hits += worst(differences) <= seen + 1e-9
    return hits / 600


@pytest.mark.parametrize(
    "suite",
    [
        {(5, 5, 3, 9): 4, (5, 5, 9, 9): 16},
        {(5, 5, 2, 9): 2, (5, 5, 9, 9): 8},
        {(5, 5, 2, 6): 4, (4, 5, 5, 6): 16},
    ],
)
def test_a_fifth_that_does_far_worse_is_worse(suite: Suite) -> None:
    assert dealt_anew(suite) < 0.02
    assert is_worse(suite)


@pytest.mark.parametrize(
    "suite",
    [
        {(3, 3, 4, 6): 1, (3, 3, 6, 6): 10, (3, 3, 5, 6): 1},
        {(5, 5, 4, 6): 1, (5, 5, 6, 6): 29},
        {(5, 5, 2, 3): 5, (4, 5, 2, 3): 1, (5, 5, 3, 3): 11, (4, 5, 3, 3): 3},
        {(3, 3, 2, 3): 4, (3, 3, 3, 3): 6},
        {(3, 3, 8, 9): 1, (3, 3, 9, 9): 29},
        {(5, 5, 6, 9): 1, (5, 5, 9, 9): 29},
        {(3, 3, 5, 6): 2, (3, 3, 4, 6): 2, (3, 3, 6, 6): 6},
    ],
)
def test_what_chance_deals_as_well_is_not(suite: Suite) -> None:
    assert dealt_anew(suite) > 0.10
    assert not is_worse(suite)


def test_a_fifth_of_fewer_than_ten_cases_is_no_tail() -> None:
    assert is_worse({(5, 5, 2, 9): 2, (5, 5, 9, 9): 8})
    assert not is_worse({(5, 5, 2, 9): 2, (5, 5, 9, 9): 7})
