"""What a detector of drift is: the one interface behind which every kind is found."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Protocol

from pytest_modelpin.drift.context import Context
from pytest_modelpin.drift.drift import Drift, DriftKind

if TYPE_CHECKING:
    from pytest_modelpin.drift.pair import Pair


class Detector(Protocol):
    """Finds drifts of some kinds between two answers.

    It keeps no state and asks no other detector. What several of them need, such as which sentence
    became which, the pair reads once.
    """

    @property
    def kinds(self) -> Collection[DriftKind]:
        """Every kind that it may find."""

    def detect(self, pair: Pair, context: Context) -> Iterable[Drift]:
        """What it finds; none where the answers do not differ in its respect. Never raises."""
