"""Which of several texts shares most words with another.

Samples of a case repeat each other's sentences. So each sentence is cut into words once, whichever
text it stands in, and the words of a text are bits of a few numbers, by which two texts are held
against each other at once: those that it says at all, those that it says at least twice, and so on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain, count

from pytest_modelpin.drift.invariants.sample_text import SampleText
from pytest_modelpin.drift.once import once

_MOST_WORDS = 2000  # of a text whose words are bits
_MOST_TIMES = 40  # that it says one of them


class _Said:
    """The words of a text in lower case."""

    def __init__(self, text: SampleText, planes: Sequence[int] | None, number: int) -> None:
        self._text = text
        self.planes = planes
        """The words that it says at all, at least twice …; None where these are too many."""
        self.number = number

    @once
    def counts(self) -> Counter[str]:
        """How often it says each."""
        return Counter(self._text.lowered.split())

    def shared(self, other: _Said) -> float:
        """0 to 1: the share of all words, in whatever order, that both texts have."""
        if self.planes is None or other.planes is None:
            both = (self.counts & other.counts).total()
        else:
            levels = zip(self.planes, other.planes, strict=False)
            both = sum([(mine & theirs).bit_count() for mine, theirs in levels])
        return 2 * both / max(self.number + other.number, 1)


class _Bits(dict[str, int]):
    """A bit of its own for each word, from when it is first asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = count()

    def __missing__(self, word: str) -> int:
        # By a counter, as no two words of texts that two threads read may have one bit.
        return self.setdefault(word, 1 << next(self._numbers))


class Overlap:
    """The words of several texts."""

    def __init__(self) -> None:
        self._bits = _Bits()
        self._sentences: dict[str, tuple[Sequence[int], int]] = {}
        self._texts: dict[SampleText, _Said] = {}

    def likest(
        self, texts: Iterable[SampleText], other: SampleText, least: float = 0.0
    ) -> SampleText | None:
        """The first text that shares most words with the other; None where none shares `least`,
        which is 0 to 1: a share of the words of both.
        """
        theirs = self._said(other)
        best, most = None, least
        for text in texts:
            shared = self._said(text).shared(theirs)
            if shared > most or (best is None and shared == most):
                best, most = text, shared
        return best

    def _said(self, text: SampleText) -> _Said:
        known = self._texts.get(text)
        if known is None:
            known = self._texts[text] = self._read(text)
        return known

    def _read(self, text: SampleText) -> _Said:
        *closed, last = text.lowered.split(_STOP)
        told = [*[self._sentence(f"{each}.") for each in closed], self._sentence(last)]
        number = sum([each for _, each in told])
        if number > _MOST_WORDS:
            return _Said(text, None, number)
        return _Said(text, _counted(chain.from_iterable([planes for planes, _ in told])), number)

    def _sentence(self, sentence: str) -> tuple[Sequence[int], int]:
        """The words of a sentence as bits, and how many they are."""
        known = self._sentences.get(sentence)
        if known is None:
            words = sentence.split()
            bits = [*map(self._bits.__getitem__, words[:_MOST_WORDS])]
            once_each = len(set(words)) == len(bits)  # as in most sentences
            planes = [sum(bits)] if once_each else _counted(bits) or bits
            known = self._sentences[sentence] = (planes, len(words))
        return known


def _counted(found: Iterable[int]) -> Sequence[int] | None:
    """Words that are said at all, at least twice and so on; None where one is said too often."""
    planes: list[int] = []
    for words in found:
        for level, known in enumerate(planes):
            planes[level] |= words
            words &= known
            if not words:
                break
        else:
            planes.append(words)
            if len(planes) > _MOST_TIMES:
                return None
    return planes


_STOP = ". "


@lru_cache(maxsize=8)  # the divisions of a case's samples are all of the same texts
def overlap(texts: frozenset[SampleText]) -> Overlap:
    """The words of these texts; the same object for the same ones, so that none is read twice."""
    return Overlap()
