"""The verdict on one night, and whether a bump is due: DESIGN of the gate in docs/verdict.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Colour = Literal["green", "red", "inconclusive"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a night says."""

    colour: Colour
    bump_due: bool = False
    reasons: tuple[str, ...] = ()
    """Sentences for the user, the deciding one first."""
    estimate: float | None = None
    """Mean paired difference of case pass rates over the streak, candidate minus production."""
    lower_bound: float | None = None
    """Of that difference: one-sided, at the confidence that this look may spend."""
    more_samples: int | None = None
    """How many more samples (cases × samples) would decide; None where decided or unknowable."""
    flagged: tuple[str, ...] = ()
    """Case ids that are worse at the flagging level and want a confirmation."""
