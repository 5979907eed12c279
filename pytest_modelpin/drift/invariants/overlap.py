"""Which of several texts shares most words with another.

Samples of a case repeat each other's sentences. So each sentence is cut into words once, whichever
text it stands in. How often a text says each word stands side by side in one number, which is the
sum of its sentences' numbers, so that two texts are held against each other at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from itertools import count

from pytest_modelpin.drift.invariants.sample_text import SampleText

_BITS = 12  # of a word's count
_MOST_WORDS = (1 << _BITS - 1) - 1
"""Words of a text that is read so: no count reaches the last of its bits, which is for comparing;
in a longer text words are counted one by one."""


class Overlap:
    """The words of several texts."""

    def __init__(self) -> None:
        self._ones: dict[str, int] = {}
        """What each word adds to a text's number, from when it is first seen."""
        self._places = count()
        self._sentences: dict[str, tuple[int, int]] = {}
        self._texts: dict[SampleText, tuple[int, int]] = {}

    def likest(
        self, texts: Iterable[SampleText], other: SampleText, least: float = 0.0
    ) -> SampleText | None:
        """The first text that shares most words with the other; None where none shares `least`,
        which is 0 to 1: a share of the words of both.
        """
        best, most = None, least
        for text in texts:
            shared = self._shared(text, other)
            if shared > most or (best is None and shared == most):
                best, most = text, shared
        return best

    def _shared(self, one: SampleText, other: SampleText) -> float:
        """0 to 1: the share of all words, in whatever order, that both texts have."""
        (mine, number), (theirs, others) = self._said(one), self._said(other)
        if max(number, others) > _MOST_WORDS:
            both = (Counter(one.lowered.split()) & Counter(other.lowered.split())).total()
        else:
            both = _least(mine, theirs)
        return 2 * both / max(number + others, 1)

    def _said(self, text: SampleText) -> tuple[int, int]:
        """How often a text says each word, side by side, and how many words it has."""
        known = self._texts.get(text)
        if known is None:
            *closed, last = text.lowered.split(_STOP)
            told = [*[self._sentence(f"{each}.") for each in closed], self._sentence(last)]
            number = sum([words for _, words in told])
            counts = sum([each for each, _ in told]) if number <= _MOST_WORDS else 0
            known = self._texts[text] = (counts, number)
        return known

    def _sentence(self, sentence: str) -> tuple[int, int]:
        known = self._sentences.get(sentence)
        if known is None:
            words = sentence.split()
            ones = self._ones
            # By a counter, as no two words of texts that two threads read may have one place.
            told = [
                ones[word]
                if word in ones
                else ones.setdefault(word, 1 << _BITS * next(self._places))
                for word in words[:_MOST_WORDS]
            ]
            known = self._sentences[sentence] = (sum(told), len(words))
        return known


def _least(one: int, other: int) -> int:
    """The sum of all words' counts, each in the text that says it less often."""
    words = max(one.bit_length(), other.bit_length()) // _BITS + 1
    every = ((1 << _BITS * words) - 1) // _ALL  # the first bit of each count
    last = every << _BITS - 1
    as_often = (((one | last) - other) & last) >> _BITS - 1  # where the first says it as often
    lower = as_often * _MOST_WORDS
    # What is left of a number by _ALL is the sum of its counts, as 10 % 9 is 1 + 0.
    return (other & lower | one & ~lower) % _ALL


_ALL = (1 << _BITS) - 1
_STOP = ". "


@lru_cache(maxsize=8)  # the divisions of a case's samples are all of the same texts
def overlap(texts: frozenset[SampleText]) -> Overlap:
    """The words of these texts; the same object for the same ones, so that none is read twice."""
    return Overlap()
