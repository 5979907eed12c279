"""What a night learned after its candidate had run, kept in that run's report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class NightOutcome:
    """How a run came out beside the pin's, and the samples that were asked for it afterwards.

    Without them the two reports would say less than the night that they are of.
    """

    beside: str
    """When the pin's run began that this one was compared with."""
    day: str
    """UTC, YYYY-MM-DD."""
    colour: str
    """green, red or inconclusive: the earlier nights of the version count in it, too."""
    reasons: tuple[str, ...] = ()
    fresh: Mapping[str, tuple[int, int, int, int]] = field(default_factory=dict)
    """By case: passes and samples of both sides, asked anew to confirm what looked changed."""
    live: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """By case: passes and samples of the pin, where it was asked live beside the candidate."""
    accepted: tuple[str, ...] = ()
    """Cases whose changes a person had accepted; `*` stands for all."""


def outcome_as_json(outcome: NightOutcome) -> dict[str, Any]:
    """The outcome as JSON values."""
    return {
        "beside": outcome.beside,
        "day": outcome.day,
        "colour": outcome.colour,
        "reasons": list(outcome.reasons),
        "fresh": {case: list(counts) for case, counts in outcome.fresh.items()},
        "live": {case: list(counts) for case, counts in outcome.live.items()},
        "accepted": list(outcome.accepted),
    }


def outcome_from_json(data: Mapping[str, Any]) -> NightOutcome:
    """The outcome that `outcome_as_json` gave. Raises KeyError or TypeError where it is none."""
    return NightOutcome(
        beside=data["beside"],
        day=data["day"],
        colour=data["colour"],
        reasons=tuple(data["reasons"]),
        fresh={case: (a, b, c, d) for case, (a, b, c, d) in data["fresh"].items()},
        live={case: (passes, samples) for case, (passes, samples) in data["live"].items()},
        accepted=tuple(data["accepted"]),
    )
