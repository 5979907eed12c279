"""Two runs of the same suite, side by side: per case what drifted, and the suite's figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_modelpin.compare.drift import Drift
from pytest_modelpin.run.run import Asked


@dataclass(frozen=True, slots=True)
class Side:
    """One side's figures: of a case, a category or the whole suite."""

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


@dataclass(frozen=True, slots=True)
class CaseComparison:
    """One case on both sides."""

    id: str
    production: Side
    candidate: Side
    drifts: tuple[Drift, ...] = ()
    critical: bool = False
    category: str | None = None
    broken: bool = False
    """The structure of the answer, or the test's own assert, failed for the candidate only."""
    message: str = ""
    """The candidate's first failure, redacted; empty where none failed."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All cases of one logical model, production against candidate."""

    name: str
    production: Asked
    candidate: Asked
    cases: tuple[CaseComparison, ...]
    """Cases that both runs hold and that called this logical model, sorted by id."""
    suite_production: Side = field(default_factory=Side)
    suite_candidate: Side = field(default_factory=Side)
    categories: Mapping[str, tuple[Side, Side]] = field(default_factory=dict)
    """Production's and the candidate's figures by category."""
    only_production: tuple[str, ...] = ()
    """Case ids that only the production run holds."""
    only_candidate: tuple[str, ...] = ()
    stale: int = 0
    """Candidate replies that were replayed instead of fetched."""
    called: int = 0
    """Cases in which the candidate answered at least once."""
    deselected: int = 0
    fingerprint: str = ""
    notes: tuple[str, ...] = ()
