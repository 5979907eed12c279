"""What the gate says of a night: its colour, whether a bump is due, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pytest_modelpin.errors import ExitCode

Colour = Literal["green", "red", "inconclusive"]

EXIT_CODES: Mapping[Colour, ExitCode] = {
    "green": ExitCode.FINE,
    "red": ExitCode.FOUND,
    "inconclusive": ExitCode.INCONCLUSIVE,
}
"""How a command ends that gives a verdict."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a night says."""

    colour: Colour
    bump_due: bool = False
    reasons: tuple[str, ...] = ()
    """Sentences for the user, the deciding one first."""
    estimate: float | None = None
    """Mean paired difference of case pass rates over the version's nights, candidate minus
    production."""
    lower_bound: float | None = None
    """Of that difference: one-sided, at the confidence that this look may spend."""
    more_samples: int | None = None
    """How many more samples (cases × samples) would decide; None where decided or unknowable."""
    flagged: tuple[str, ...] = ()
    """Case ids that are worse at the flagging level and want a confirmation."""
    confirmed: bool = False
    """Of a red one: whether fresh samples of both sides confirmed that something got worse. Without
    them a limit turns a night red, such as that of the cost."""


def points(difference: float) -> str:
    """A difference of pass rates as a person reads it: `-1.5 pp`, `+0.0 pp`."""
    rounded = round(100 * difference, 1)
    return f"{rounded + 0.0:+.1f} pp"


def some(names: tuple[str, ...], most: int = 5) -> str:
    """The first few names, and how many more there are."""
    shown = ", ".join(map(str, names[:most]))
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
