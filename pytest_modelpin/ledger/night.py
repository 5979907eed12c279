"""One night: what the nightly found for one logical model on one UTC day; a line of the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_modelpin.gate.verdict import Colour

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Night:
    """One line of `<name>.jsonl`."""

    day: str
    """UTC, YYYY-MM-DD."""
    name: str
    pin: str
    asked: str
    """The candidate id that was sent."""
    served: str | None
    """The one version that answered; None where unknown or not the same throughout."""
    fingerprint: str
    """Of prompts, tests and judge."""
    colour: Colour
    reasons: tuple[str, ...] = ()
    cases: Mapping[str, tuple[int, int, int, int]] = field(default_factory=dict)
    """By case id: production passes, production samples, candidate passes, candidate samples."""
    lost: int = 0
    drifted: Mapping[str, int] = field(default_factory=dict)
    """By drift kind: how many cases."""
    estimate: float | None = None
    lower_bound: float | None = None
    cost_usd: float | None = None
    seconds: float = 0.0
    run_url: str | None = None
    at: str = ""
    """ISO 8601, UTC: the instant, so that of two runs on one day the later one counts."""
    schema: int = SCHEMA
    usable: bool | None = None
    """Whether its counts are evidence, also where it is inconclusive; None in nights of before,
    of which the green ones are."""
    fresh: Mapping[str, tuple[int, int, int, int]] = field(default_factory=dict)
    """Counts of the cases that this night flagged, on fresh samples of both sides."""
    live: tuple[str, ...] = ()
    """Cases of which production was asked anew, instead of replayed."""
    open: tuple[str, ...] = ()
    """Cases that it left open or confirmed, which the next night asks first."""
    held: tuple[str, ...] = ()
    """Cases with a confirmed change that holds a bump until a person accepts it."""
    latency: float | None = None
    """Seconds, the median of the candidate's replies."""
    tokens: float | None = None
    """Of output, a sample of the candidate's."""


@dataclass(frozen=True, slots=True)
class Streak:
    """The straight green nights of one candidate version, up to now."""

    name: str
    served: str | None
    fingerprint: str
    nights: tuple[Night, ...] = ()
    """The green ones that count, oldest first, on distinct days."""
    ended_by: str | None = None
    """Why an earlier streak ended, as a sentence; None where nothing ended."""

    @property
    def length(self) -> int:
        """How many straight green nights."""
        return len(self.nights)
