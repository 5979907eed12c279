"""A run: every case of one pytest session under one selection of models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_modelpin.results.case import Case

SCHEMA = 1
"""Version of the run report's JSON. A reader refuses any other and says so."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run selected for one logical model, and which versions served it."""

    name: str
    production: str
    """The pin in models.yml."""
    which: str
    """production, candidate, fallback, canary, previous, or id."""
    id: str
    """The id that was sent."""
    record: str
    """none, new or all."""
    served: tuple[str, ...] = ()
    """The versions that answered, sorted; empty where the wire named none."""
    echoes: bool = False
    """True where the wire only echoes the id asked for, so that `served` proves nothing."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one pytest session found; all that passes from pytest to the command line."""

    selection: Mapping[str, Asked]
    """By logical name."""
    cases: tuple[Case, ...]
    """Sorted by id; only those that called a model or used `model_snapshot`."""
    started: str = ""
    """ISO 8601, UTC."""
    seconds: float = 0.0
    samples: int = 1
    deselected: int = 0
    """Tests that pytest collected and did not run (-k, -m, --deselect, -x, --lf)."""
    left_out: tuple[str, ...] = ()
    """Their node ids, sorted, so that parts run on several machines can be merged."""
    fingerprint: str = ""
    """Of the prompts and the tests: it changes where either does."""
    unseen: tuple[str, ...] = ()
    """Sentences: what asked a model unseen while no test ran, for which no case is left out."""
    notes: tuple[str, ...] = ()
    """Sentences for the user: what was odd about this run."""
    schema: int = field(default=SCHEMA)
