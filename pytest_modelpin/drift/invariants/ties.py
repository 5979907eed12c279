"""Ties of a statement, cause to effect or exception to rule, in the samples of either side.

Beside one sample a tie may be turned by chance of wording. So it counts where it is turned beside
at least half of the pin's samples, and is turned between no two of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from functools import lru_cache

from pytest_modelpin.drift.drift import Break
from pytest_modelpin.drift.invariants.sample_text import SampleText
from pytest_modelpin.drift.once import once
from pytest_modelpin.drift.severity import drift_of
from pytest_modelpin.drift.text.roles import (
    actions,
    cause_turned,
    causes,
    parties_turned,
    way_turned,
    ways,
)
from pytest_modelpin.drift.text.scopes import (
    base_changed,
    counted_by,
    excepted,
    exception_turned,
)
from pytest_modelpin.drift.text.sentences import Sentence
from pytest_modelpin.drift.text.ties import TIES, Between, anchor_changed, anchors

_HELD: Mapping[Between, Callable[[str], Sized]] = {
    cause_turned: causes, way_turned: ways, parties_turned: actions, exception_turned: excepted,
    base_changed: counted_by, anchor_changed: anchors,
}  # fmt: skip
"""Those of which no other invariant of a case says anything, with what a sentence says of each."""

_FIRST = 2  # samples of the pin that are looked at first: what shows beside neither shows nowhere
_FEWEST = 2  # samples of the pin beside which it has to show
_MOST_SENTENCES = 12  # of a sample; in a longer one words of any tie meet by chance


class Ties:
    """What the pin's samples tie together, and a sample of the candidate's the other way round."""

    def __init__(self, pins: Sequence[SampleText]) -> None:
        self._pins = [pin for pin in pins if len(pin.parts) <= _MOST_SENTENCES]

    def breaks(self, candidate: SampleText, where: str) -> Iterable[Break]:
        """At most one break of each tie."""
        if len(self._pins) < _FEWEST or len(candidate.parts) > _MOST_SENTENCES:
            return
        tied = _tied(candidate)
        for between in _HELD:
            if between not in tied and not (between is exception_turned and self._except):
                continue  # most texts tie nothing, and then no other is looked at
            if (found := self._turned(between, candidate)) is not None:
                one, other = found
                drift = drift_of(TIES[between], where, one.text, other.text, "review")
                yield Break(("tie", between.__name__), drift)

    def _turned(self, between: Between, candidate: SampleText) -> tuple[Sentence, Sentence] | None:
        """The tie as it shows beside one of the first samples and half of all; None in noise."""
        first = (_turned(between, pin, candidate) for pin in self._pins[:_FIRST])
        found = next(filter(None, first), None)
        if found is None:
            return None
        shown = sum(_turned(between, pin, candidate) is not None for pin in self._pins)
        if shown < _FEWEST or 2 * shown < len(self._pins) or between in self._own:
            return None
        return found

    @once
    def _except(self) -> bool:
        """Whether any of the pin's samples makes an exception."""
        return any(exception_turned in _tied(pin) for pin in self._pins)

    @once
    def _own(self) -> frozenset[Between]:
        """Ties that are turned between samples of the pin's own: a matter of wording here."""
        return frozenset(
            between
            for between in _HELD
            if any(
                _turned(between, one, other) is not None
                for one in self._pins
                for other in self._pins
                if one is not other
            )
        )


def _turned(
    between: Between, one: SampleText, other: SampleText
) -> tuple[Sentence, Sentence] | None:
    """What `between` finds, which is asked only of texts that may have such a tie.

    Nothing is turned that one of two texts doesn't tie, but an exception, which it may include.
    Most texts tie nothing: asking all six of any two was a tenth of all time.
    """
    tied, tied_after = between in _tied(one), between in _tied(other)
    if (tied and tied_after) or (between is exception_turned and (tied or tied_after)):
        return between(one.parts, other.parts)
    return None


@lru_cache(maxsize=4096)
def _tied(text: SampleText) -> frozenset[Between]:
    """The ties of which a text says something."""
    return frozenset().union(*(_tied_by(part.text) for part in text.parts))


@lru_cache(maxsize=16384)
def _tied_by(sentence: str) -> frozenset[Between]:
    return frozenset(between for between, said in _HELD.items() if said(sentence))
