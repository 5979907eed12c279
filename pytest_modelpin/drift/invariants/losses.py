"""Whether the candidate's samples leave out something that the pin's say: one scored decision.

Every sample words a statement anew, so words come and go. What tells a loss from a rewording is how
much goes at once, in one sentence of each of the pin's samples, while the rest is still there, the
text gets shorter and nothing new is said instead. None of these says enough by itself; they are
weighed, with weights that `benchmarks/losses.py` fits to cases of which it is known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from math import fsum, log, sqrt
from typing import NamedTuple

from pytest_modelpin.drift.drift import Break, drift_of
from pytest_modelpin.drift.invariants.sample_text import SampleText, words_of_any
from pytest_modelpin.drift.invariants.ties import told_by_clauses
from pytest_modelpin.drift.once import once
from pytest_modelpin.drift.text.sentences import Sentence
from pytest_modelpin.drift.text.tokens import CJK, ROOT_LENGTH


class Traits(NamedTuple):
    """What tells a loss, of the different texts of both sides."""

    gone: float
    """Words of the sentence that lost most, each by the share of the pin's samples that have it;
    the mean of the pin's samples."""
    length: float
    """How much longer the candidate's are than the pin's, beside how much lengths vary within a
    side; of the logarithms."""
    covered: float
    """Share of the words of the least covered clause that some sample of the candidate's has; the
    mean of the pin's samples."""
    new: float
    """Words that no sample of the pin's has, each by the square of the share of the candidate's."""
    balance: float
    """Share of the pin's words that the candidate's have, less the share the other way round."""
    few: float
    """One by the number of the pin's texts, of which one shows nothing of what may vary."""
    size: float
    """The logarithm of how many different words the pin's have on average: among many, more are
    missing by chance."""


class _Lost(NamedTuple):
    """What one sentence lost."""

    words: frozenset[str]
    weight: float
    """All of them together, each by the share of the pin's samples that have it."""


_HALF = 0.5  # of the pin's samples, which have some word that is gone where anything is lost
_ALIKE = 0.03  # to which lengths are told, as a share

# Origin: `python benchmarks/losses.py`, on four sets that strangers wrote, on generated
# cases and on real answers divided at random.
WEIGHTS = Traits(
    gone=0.92,
    length=-0.69,
    covered=-9.44,
    new=-0.87,
    balance=4.74,
    few=-3.33,
    size=-0.68,
)
START = 5.66
LEAST = 0.89
"""The score from which something is called lost: three in two hundred reworded cases reach it."""


def score(traits: Traits, weights: Traits = WEIGHTS, start: float = START) -> float:
    """The logarithm of the odds that something was lost."""
    return start + sum(weight * trait for weight, trait in zip(weights, traits, strict=True))


class Losses:
    """The samples of either side, and what the candidate's leave out."""

    def __init__(self, pins: Sequence[SampleText], candidates: Sequence[SampleText]) -> None:
        self.pins = pins
        self.candidates = candidates

    def breaks(self, where: str) -> Iterable[Break]:
        """The statement that all of the candidate's samples leave out, if any."""
        if self._lost is not None:
            told = frozenset(self._gone.keys() & self._lost.words)
            yield Break(("lost", told), drift_of("content", where, self._lost.text, None))

    @once
    def _lost(self) -> Sentence | None:
        """The sentence that lost most, of the first of the pin's texts."""
        if max(self._gone.values(), default=0) < _HALF:
            return None  # as of most cases, before more is read
        if self._rough is None or score(self._rough) < LEAST:
            return None
        if (traits := self.traits) is None or score(traits) < LEAST:
            return None
        return max(self.pins[0].parts, key=lambda part: self._by_sentence[part].weight)

    @once
    def traits(self) -> Traits | None:
        """What tells a loss; None where a side says nothing, or all of the pin's a word each."""
        covered = _mean(map(self._covered, self.pins))
        return None if self._rough is None else self._rough._replace(covered=covered)

    @once
    def _rough(self) -> Traits | None:
        """The same with the least that may be covered of a clause."""
        if not all(each.words for each in (*self.pins, *self.candidates)):
            return None
        if max(len(pin.words) for pin in self.pins) == 1:
            return None
        new = _only(self.candidates, self.pins)
        of = self._by_sentence
        most = [max([len(of[part].words) for part in pin.parts]) for pin in self.pins]
        return Traits(
            gone=_mean(max([of[part].weight for part in pin.parts]) for pin in self.pins),
            length=self._longer,
            covered=_mean(0.5 / (lost + 1) if lost > 1 else 1 - 0.5 * lost for lost in most),
            new=fsum([share * share for share in new.values()]),
            balance=_known(self.pins, self._gone) - _known(self.candidates, new),
            few=1 / len(self.pins),
            size=log(_mean(_weights(pin.words) or 1 for pin in self.pins)),
        )

    @once
    def _longer(self) -> float:
        sides = [[each.size for each in side] for side in (self.pins, self.candidates)]
        pin, candidate = middles = list(map(_mean, sides))
        within = [
            (each - middle) ** 2
            for side, middle in zip(sides, middles, strict=True)
            for each in side
        ]
        return (candidate - pin) / (sqrt(_mean(within)) + _ALIKE)

    @once
    def _gone(self) -> Mapping[str, float]:
        return _only(self.pins, self.candidates)

    @once
    def _by_sentence(self) -> Mapping[Sentence, _Lost]:
        """What each of the pin's sentences lost, of which several samples have the same."""
        gone = self._gone
        known = frozenset(gone)
        found: dict[Sentence, _Lost] = {}
        for part in chain.from_iterable([pin.parts for pin in self.pins]):
            if part not in found:
                words = part.words & known
                # Rounded once: a set has no order, and sums that differ by it may name another one.
                found[part] = _Lost(words, fsum([gone[word] for word in words]))
        return found

    def _covered(self, pin: SampleText) -> float:
        least = 1.0
        for part in pin.parts:
            gone = self._by_sentence[part].words
            if not gone:
                continue
            clauses = [part.words & clause for clause in told_by_clauses(part.levelled)[1]]
            for words in clauses if any(clauses) else [part.words]:  # Chinese tells none apart
                lost = words & gone
                if lost and (told := _weights(words)) > 1:
                    # Few words say little.
                    least = min(least, (told - _weights(lost) + 0.5) / (told + 1))
        return least


def _only(mine: Sequence[SampleText], theirs: Sequence[SampleText]) -> Mapping[str, float]:
    """Words that some samples of one side have and none of the other, by the share of that side.

    A word is the same in its inflections and compounds, which begin alike.
    """
    known = words_of_any(tuple(theirs))
    held = Counter(chain.from_iterable([each.words - known for each in mine]))
    only: Collection[str] = held.keys()
    if only:
        said = " ".join([each.lowered for each in theirs])
        only = {w for w in only if len(w) < ROOT_LENGTH or w[:ROOT_LENGTH] not in said}
    return {word: held[word] * _weight(word) / len(mine) for word in only}


def _known(texts: Sequence[SampleText], only: Collection[str]) -> float:
    """The share of a side's words that the other one has, too."""
    return _mean(
        1 - _weights(each.words.intersection(only)) / (_weights(each.words) or 1) for each in texts
    )


def _mean(values: Iterable[float]) -> float:
    told = list(values)
    return sum(told) / len(told)


@lru_cache(maxsize=4096)  # of a text's words, which are asked for with either side's
def _weights(words: frozenset[str]) -> float:
    told = max(words, default="")
    return len(words) if told < _FIRST_PAIR else sum(map(_weight, words))


def _weight(word: str) -> float:
    """How much of a word it is: a pair of Chinese or Japanese characters is less than one, and one
    with a Japanese ending in it none.
    """
    if word < _FIRST_PAIR or not CJK.match(word):
        return 1.0
    return 0.0 if _ENDING.search(word) else 0.75


_FIRST_PAIR = "\u3040"
_ENDING = re.compile(r"[\u3040-\u309f]")
