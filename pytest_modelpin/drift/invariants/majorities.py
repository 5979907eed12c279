"""What nearly all samples of the pin say in words of few kinds, and most of the candidate's say
otherwise: how far something obliges, what an amount is counted by, what is the cause of what.

Any single sample may say such a thing in words that nobody lists. So it is counted: a value that
nearly all of the pin's samples give and none of the candidate's, beside another one that most of
the candidate's give and none of the pin's. Of equal models' five and three samples no more than one
division in 56 looks like that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from functools import lru_cache
from typing import TypeVar

from pytest_modelpin.drift.drift import Break, drift_of
from pytest_modelpin.drift.invariants.sample_text import SampleText
from pytest_modelpin.drift.once import once
from pytest_modelpin.drift.text.roles import Tie, causes
from pytest_modelpin.drift.text.scopes import counted_by
from pytest_modelpin.drift.text.similarity import related
from pytest_modelpin.drift.text.ties import obligations

_Read = TypeVar("_Read", bound=Sized)
Given = Mapping[object, str]
"""The values that a sample gives, each with the first sentence that does."""

_NEARLY_ALL = 0.8  # of the pin's samples
_MOST = 2 / 3  # of the candidate's
_FEWEST = 3  # samples of either side
_SAID = 0.6  # of the pin's samples, that say of two things which is the cause
_MOST_WORDS = 40  # of a sample's causes and effects
_MOST_SENTENCES = 12  # of a sample; in a longer one words of any cause and effect meet by chance


class Majorities:
    """The values that the samples of either side give."""

    def __init__(self, pins: Sequence[SampleText], candidates: Sequence[SampleText]) -> None:
        self.pins = pins
        self.candidates = candidates

    def breaks(self, candidate: SampleText, where: str) -> Iterator[Break]:
        """Values of the pin's samples in whose stead this sample gives another one."""
        for name, read in _READ.items():
            usual, new = self._parted[name]
            mine = _given(candidate, read)
            after = next((mine[value] for value in sorted(new, key=str) if value in mine), None)
            if after is not None:
                before = next(given for pin in self.pins for value in usual
                              if (given := _given(pin, read).get(value)))  # fmt: skip
                yield Break(("majority", name), drift_of("content", where, before, after))
        for cause, effect in self._turned[:1]:
            told = _causes(candidate).get((effect, cause))
            if told is not None:
                before = next(given for pin in self.pins
                              if (given := _causes(pin).get((cause, effect))))  # fmt: skip
                yield Break(("cause", cause), drift_of("content", where, before, told))

    @once
    def _parted(self) -> Mapping[str, tuple[frozenset[object], frozenset[object]]]:
        """By what is read, the values that nearly all of the pin's samples give alone, and those
        of which most of the candidate's give one; both empty where there aren't both.
        """
        return {name: self._parted_by(read) for name, read in _READ.items()}

    def _parted_by(
        self, read: Callable[[str], Iterable[object]]
    ) -> tuple[frozenset[object], frozenset[object]]:
        nothing: tuple[frozenset[object], frozenset[object]] = (frozenset(), frozenset())
        if min(len(self.pins), len(self.candidates)) < _FEWEST:
            return nothing
        mine = _given_by(_NEARLY_ALL, self.pins, lambda pin: _given(pin, read))
        if mine is None:
            return nothing  # as in most cases, and then the others need not be read
        theirs = [_given(each, read) for each in self.candidates]
        now = frozenset[object]().union(*theirs)
        known = frozenset[object]().union(*mine)
        usual = frozenset(
            value
            for value in known - now
            if sum(value in each for each in mine) >= _NEARLY_ALL * len(mine)
        )
        new = frozenset(
            value
            for value in now - known
            if not any(related([str(value)], [str(other)]) for other in usual)
        )
        if not usual or sum(not new.isdisjoint(each) for each in theirs) < _MOST * len(theirs):
            return nothing
        return usual, new

    @once
    def _turned(self) -> Sequence[tuple[str, str]]:
        """Cause and effect of the pin's samples which most of the candidate's turn round.

        All samples that say of the two which is the cause have to agree with their side.
        """
        if min(len(self.pins), len(self.candidates)) < _FEWEST:
            return ()
        mine = _given_by(_SAID, self.pins, _causes)
        if mine is None:
            return ()
        theirs = [_causes(each) for each in self.candidates]
        found = []
        turned_round = {(cause, effect) for each in theirs for effect, cause in each}
        for cause, effect in sorted(turned_round & frozenset().union(*mine)):
            turned = (effect, cause)
            if any(turned in each for each in mine) or any((cause, effect) in e for e in theirs):
                continue
            said = sum((cause, effect) in each for each in mine)
            now = sum(turned in each for each in theirs)
            if said >= _SAID * len(mine) and now >= _MOST * len(theirs):
                found.append((cause, effect))
        return found


_READ: Mapping[str, Callable[[str], Iterable[object]]] = {
    "obligation": obligations,
    "base": counted_by,
}
"""What a sentence gives values of."""


def _given_by(
    share: float, samples: Sequence[SampleText], read: Callable[[SampleText], _Read]
) -> list[_Read] | None:
    """What is read of each sample; None as soon as fewer than this share of them give anything."""
    found: list[_Read] = []
    missing = 0
    for each in samples:
        found.append(read(each))
        missing += not found[-1]
        if len(samples) - missing < share * len(samples):
            return None
    return found


@lru_cache(maxsize=8192)
def _given(text: SampleText, read: Callable[[str], Iterable[object]]) -> Given:
    found: dict[object, str] = {}
    for part in text.parts:
        for value in read(part.text):
            found.setdefault(value, part.text)
    return found


@lru_cache(maxsize=4096)
def _causes(text: SampleText) -> Mapping[tuple[str, str], str]:
    """Words of a cause and of its effect, also where another effect stands between the two."""
    if len(text.parts) > _MOST_SENTENCES:
        return {}
    ties = [(part.text, tie) for part in text.parts for tie in causes(part.text)]
    links = [
        (sentence, Tie(tie.one - other.other, other.other - tie.one))
        for sentence, tie in ties
        for _, other in ties
        if tie is not other and tie.other & other.one
    ]
    found: dict[tuple[str, str], str] = {}
    for sentence, tie in (*ties, *links):
        for cause in sorted(tie.one)[:_MOST_WORDS]:
            for effect in sorted(tie.other)[:_MOST_WORDS]:
                found.setdefault((cause, effect), sentence)
    return found
