from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_modelpin.compare.comparison import CaseComparison, Comparison, Side
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.results.run import Asked

Compared = Callable[..., Comparison]


def _side(passes: int, samples: int = 3) -> Side:
    return Side(
        passes=passes,
        samples=samples,
        input_tokens=900,
        output_tokens=300,
        cost_usd=0.0036,
        latency_p50=1.25,
        latency_p95=2.5,
    )


@pytest.fixture
def case() -> Callable[..., CaseComparison]:
    """A case with these drifts, by default passed on both sides."""

    def make(id: str, *drifts: Drift, passes: int = 3, **more: object) -> CaseComparison:
        return CaseComparison(id, _side(3), _side(passes), drifts=drifts, **more)  # type: ignore[arg-type]

    return make


@pytest.fixture
def compared() -> Compared:
    """A comparison of these cases."""

    def make(*cases: CaseComparison, **more: object) -> Comparison:
        figures = {
            "suite_production": Side(297, 300, 0, 90_000, 30_000, 0.36, 1.25, 2.5),
            "suite_candidate": Side(290, 300, 2, 90_000, 36_000, None, 1.0, 2.0),
            "categories": {"billing": (_side(3), _side(2))},
        }
        return Comparison(
            name="claude",
            production=Asked("claude", "claude-a", "production", "claude-a", "none"),
            candidate=Asked("claude", "claude-a", "candidate", "claude-b", "all", ("claude-b-1",)),
            cases=cases,
            **{**figures, **more},  # type: ignore[arg-type]
        )

    return make
