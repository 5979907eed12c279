"""What `doctor` says of one thing that it looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["fine", "note", "amiss"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table."""

    state: State
    about: str
    said: str
    cure: str = ""
    """What to do, as a sentence; empty where there is nothing to do."""
