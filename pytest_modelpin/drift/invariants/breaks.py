"""An invariant that one of the candidate's samples breaks."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from pytest_modelpin.drift.drift import Drift


class Break(NamedTuple):
    """What one sample breaks; samples that break the same have equal keys."""

    key: tuple[Hashable, ...]
    drift: Drift
