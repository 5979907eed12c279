"""Words that part all samples of a side from all of the other, more than chance does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from math import comb

from pytest_modelpin.drift.drift import Break, drift_of
from pytest_modelpin.drift.invariants.sample_text import SampleText, figures_held
from pytest_modelpin.drift.once import once
from pytest_modelpin.drift.text.sentences import Sentence
from pytest_modelpin.drift.text.tokens import CJK, ROOT_LENGTH, meaning, worded

_MOST = 2 / 3  # of the pin's samples
_SHORTER = 0.95  # of the pin's length, from which something may have been left out
_MUCH_SHORTER = 0.85
STRONG = 50
"""Ways of dividing the samples into those of the pin and those of the candidate, of which one is
what was seen, from which one word that parts them says something: with 5 and 3 samples there are
56, with 3 and 3 only 20."""
FEWEST_WAYS = 10
"""Ways of dividing the texts as they are divided, from which a single word tells anything."""
_BEYOND_CHANCE = 2  # words that part the two sides more than they part any other two
_FEWEST_DIVISIONS = 20  # of three and three samples; of fewer, chance makes too much
_SHORT = 15  # words of an answer that states one or two things


class Division:
    """The samples of either side, and the words that divide them."""

    def __init__(self, pins: Sequence[SampleText], candidates: Sequence[SampleText]) -> None:
        self.pins = pins
        self.candidates = candidates

    def breaks(self, candidate: SampleText, where: str) -> Iterable[Break]:
        """A statement that the candidate's samples no longer make; in short answers, another."""
        lost = self._dropped if len(self.pins) > 1 else None
        if lost is not None and not figures_held(lost.text, candidate):
            yield Break(("dropped", lost.key), drift_of("content", where, lost.text, None))
        gone, new = self._exchanged
        if gone and new:
            one = next(e for e in self.pins[0].parts if e.words & gone)
            other = next(e for e in candidate.parts if e.words & new)
            yield Break(("exchanged",), drift_of("content", where, one.text, other.text))

    @once
    def _dropped(self) -> Sentence | None:
        """A sentence of the pin's of which the candidate's samples have lost what it is about.

        Every sample words it anew, and leaves words out. So words count that none of the
        candidate's has, while these are a little shorter than the pin's: two that all of the pin's
        have, in one sentence of each. One says enough where samples are many, or where each of the
        candidate's is shorter than any of the pin's; then most of the pin's may have it.
        """
        ways = comb(len(self.pins) + len(self.candidates), len(self.pins))
        least = 1 if ways >= STRONG else 2
        if self._length <= _SHORTER and (found := self._losing(len(self.pins), least)):
            return found
        mine, theirs = ([len(e.text) for e in side] for side in (self.pins, self.candidates))
        shorter = max(theirs) < min(mine) and self._length <= _MUCH_SHORTER
        if not shorter:
            return None
        return self._losing(_MOST * len(self.pins), 2 if ways < FEWEST_WAYS else 1)

    @once
    def _length(self) -> float:
        """How long the candidate's samples are on average; 1 is as long as the pin's."""
        mine, theirs = ([len(e.text) for e in side] for side in (self.pins, self.candidates))
        return sum(theirs) * len(mine) / max(sum(mine) * len(theirs), 1)

    def _losing(self, holders: float, least: int) -> Sentence | None:
        """A sentence with at least so many words that as many of the pin's samples have and none of
        the candidate's; None where not as many of the pin's samples have such a sentence.
        """
        held = Counter(word for pin in self.pins for word in pin.words)
        now = frozenset().union(*(each.words for each in self.candidates))
        gone = {word for word, count in held.items() if count >= holders and word not in now}
        if not gone:
            return None
        said = " ".join(each.lowered for each in self.candidates)
        gone -= {  # a word is the same in its inflections and compounds, which begin alike
            meaning(word)
            for pin in self.pins
            for part in pin.parts
            for word in worded(part.text)
            if len(word) >= ROOT_LENGTH and word[:ROOT_LENGTH] in said and meaning(word) in gone
        }
        found = [
            max(pin.parts, key=lambda each: _weight(each.words & gone))
            for pin in self.pins
            if pin.parts
        ]
        telling = [each for each in found if _weight(each.words & gone) >= least]
        return telling[0] if len(telling) >= max(holders, 1) else None

    @once
    def _exchanged(self) -> tuple[frozenset[str], frozenset[str]]:
        """Words of any sort that all of the pin's samples have, and others that all of the
        candidate's have in their stead: in short answers, which have few words to vary.
        """
        mine, theirs = ([each.words for each in side] for side in (self.pins, self.candidates))
        gone = frozenset.intersection(*mine).difference(*theirs)
        new = frozenset.intersection(*theirs).difference(*mine)
        everyone = [*mine, *theirs]
        few = comb(len(everyone), len(mine)) < _FEWEST_DIVISIONS
        if few or not gone or not new or max(map(len, everyone)) > _SHORT:
            return frozenset(), frozenset()
        divisions: Counter[frozenset[int]] = Counter()
        for word in frozenset().union(*everyone) - gone - new:
            holders = frozenset(n for n, words in enumerate(everyone) if word in words)
            if len(holders) in (len(mine), len(theirs)):
                divisions[
                    holders if 0 in holders else frozenset(range(len(everyone))) - holders
                ] += 1
        enough = len(gone) + len(new) >= max(divisions.values(), default=0) + _BEYOND_CHANCE
        return (gone, new) if enough else (frozenset(), frozenset())


def _weight(words: Collection[str]) -> float:
    """How many words these are; a pair of Chinese or Japanese characters is half a word."""
    return sum(0.5 if CJK.match(word) else 1 for word in words)
