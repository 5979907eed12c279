"""Ties of a statement, cause to effect or exception to rule, in the samples of either side.

Beside one sample a tie may be turned by chance of wording. So it counts where it is turned beside
at least half of the pin's samples, and is turned between no two of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from pytest_modelpin.drift.drift import Break
from pytest_modelpin.drift.invariants.said import Said
from pytest_modelpin.drift.severity import drift_of
from pytest_modelpin.drift.text.anchors import anchor_changed
from pytest_modelpin.drift.text.roles import cause_turned, parties_turned, way_turned
from pytest_modelpin.drift.text.scopes import base_changed, exception_turned
from pytest_modelpin.drift.text.sentences import Sentence
from pytest_modelpin.drift.text.ties import TIES, Between

_HELD: Sequence[Between] = (
    cause_turned, way_turned, parties_turned, exception_turned, base_changed, anchor_changed,
)  # fmt: skip
"""Those of which no other invariant of a case says anything."""

_FIRST = 2  # samples of the pin that are looked at first: what shows beside neither shows nowhere
_FEWEST = 2  # samples of the pin beside which it has to show
_MOST_SENTENCES = 12  # of a sample; in a longer one words of any tie meet by chance


class Ties:
    """What the pin's samples tie together, and a sample of the candidate's the other way round."""

    def __init__(self, pins: Sequence[Said]) -> None:
        self._pins = [pin for pin in pins if len(pin.parts) <= _MOST_SENTENCES]

    def breaks(self, candidate: Said, where: str) -> Iterable[Break]:
        """At most one break of each tie."""
        if len(self._pins) < _FEWEST or len(candidate.parts) > _MOST_SENTENCES:
            return
        for between in _HELD:
            if (found := self._turned(between, candidate)) is not None:
                one, other = found
                drift = drift_of(TIES[between], where, one.text, other.text, "review")
                yield Break(("tie", between.__name__), drift)

    def _turned(self, between: Between, candidate: Said) -> tuple[Sentence, Sentence] | None:
        """The tie as it shows beside one of the first samples and half of all; None in noise."""
        first = (between(pin.parts, candidate.parts) for pin in self._pins[:_FIRST])
        found = next(filter(None, first), None)
        if found is None:
            return None
        shown = sum(between(pin.parts, candidate.parts) is not None for pin in self._pins)
        if shown < _FEWEST or 2 * shown < len(self._pins) or between in self._own:
            return None
        return found

    @cached_property
    def _own(self) -> frozenset[Between]:
        """Ties that are turned between samples of the pin's own: a matter of wording here."""
        return frozenset(
            between
            for between in _HELD
            if any(
                between(one.parts, other.parts) is not None
                for one in self._pins
                for other in self._pins
                if one is not other
            )
        )
