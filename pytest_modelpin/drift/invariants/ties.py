"""Which words all samples tell together, and in which order they tell steps.

Whatever the wording, who does what stands in one clause: where all of the pin's samples tell the
baker with the bread and the hotel with the tables, and all of the candidate's the baker with the
tables and the hotel with the bread, the two changed places. Steps are told in their order, or with
a word that says otherwise: "after that", "before you stop it".
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from functools import lru_cache, reduce
from itertools import accumulate, pairwise
from operator import and_, or_

from pytest_modelpin.drift.drift import Break, drift_of
from pytest_modelpin.drift.invariants.sample_text import SampleText, words_of_all
from pytest_modelpin.drift.lexicon.connectives import (
    BEFORE_THAT,
    CLAUSE_OPENING,
    CONTRASTING,
    LATER,
    ORDERING,
    ORDERING_PAIRS,
    SOONER,
    STEP,
)
from pytest_modelpin.drift.lexicon.opposites import NEGATORS
from pytest_modelpin.drift.once import once
from pytest_modelpin.drift.text.tokens import empty, joined, meaning, worded

_MOST_WORDS = 40  # that all samples have; among more, two change places by chance
_FEWEST_WORDS = 4  # two that change places, and what each of them stands beside
_MOST_SENTENCES = 12  # of a text whose steps are held in order
_FORGIVING = 4  # samples of the pin's, of which one may say it otherwise
Rows = Sequence[int]
"""By word, the words as bits that it is told together with."""


class Ties:
    """What the texts of either side tell together, by the words that all of them have."""

    def __init__(self, pins: Sequence[SampleText], candidates: Sequence[SampleText]) -> None:
        self.pins = pins
        self.candidates = candidates
        self._shared = words_of_all(tuple(pins)) & words_of_all(tuple(candidates))
        self._words = sorted(self._shared)
        self._bits = {word: 1 << place for place, word in enumerate(self._words)}

    def breaks(self, candidate: SampleText, where: str) -> Iterator[Break]:
        """Two that changed places, and steps in another order; for review, as words may mislead."""
        if not _FEWEST_WORDS <= len(self._words) <= _MOST_WORDS:
            return
        if (swap := self._changed_places) is not None:
            one, beside, now = swap
            before, after = _telling(self.pins[0], one, beside), _telling(candidate, one, now)
            yield Break(("changed places", one), drift_of("content", where, before, after))
        if (turned := self._reordered) is not None:
            before, after = _telling(self.pins[0], *turned), _telling(candidate, *turned)
            yield Break(("reordered",), drift_of("order", where, before, after, "review"))

    @once
    def _changed_places(self) -> tuple[str, str, str] | None:
        """A word that another changed places with, what it stood beside, and what it does now.

        Of one text on either side a name has to be among the two: else it is as often wording.
        """
        names: int | None = None
        if min(len(self.pins), len(self.candidates)) == 1:
            named = {meaning(name.lower()) for name in self.pins[0].capitals}
            names = reduce(or_, (self._bits.get(name, 0) for name in named), 0)
        for finely in (False, True):
            new = self._new(finely)
            if not any(new):
                continue  # as nearly always, and before all samples are read
            mine, theirs = (
                [self._rows(each, finely, self._shared) for each in side]
                for side in (self.pins, self.candidates)
            )
            known = [reduce(or_, rows) for rows in zip(*theirs, strict=True)]
            gone = [
                _most(rows) & ~now for rows, now in zip(zip(*mine, strict=True), known, strict=True)
            ]
            for one, come in enumerate(new):
                for was in _places(gone[one]) if come else ():
                    for now in _places(come & ~(1 << was)):
                        others = gone[now] & new[was] & ~(1 << one)
                        if names is not None and not names & (1 << one):
                            others &= names
                        if others:
                            return self._words[one], self._words[was], self._words[now]
        return None

    def _new(self, finely: bool) -> Rows:
        """What all of the candidate's samples tell together, and none of the pin's."""
        rows = self._rows(self.candidates[0], finely, self._shared, self._said)
        for each in self.candidates[1:]:
            if not (left := self._having(rows)):
                return rows
            theirs = self._rows(each, finely, left, self._said)
            rows = [one & other for one, other in zip(rows, theirs, strict=True)]
        for each in self.pins:
            if not (left := self._having(rows)):
                return rows
            theirs = self._rows(each, finely, left)
            rows = [one & ~other for one, other in zip(rows, theirs, strict=True)]
        return rows

    def _having(self, rows: Rows) -> frozenset[str]:
        """The words that are told together with any."""
        return frozenset([word for word, row in zip(self._words, rows, strict=True) if row])

    @once
    def _said(self) -> frozenset[str]:
        """The sentences of the pin's samples: what they tell together is not new."""
        return frozenset([part.text for pin in self.pins for part in pin.parts])

    def _rows(
        self,
        text: SampleText,
        finely: bool,
        asked: frozenset[str],
        without: Container[str] = (),
    ) -> Rows:
        """The rows of the words asked for; those of others may lack something."""
        rows = [0] * len(self._words)
        bits = self._bits
        for part in text.parts:
            if part.text in without:
                continue
            for words in told_by_clauses(part.levelled)[finely]:
                if asked.isdisjoint(words):
                    continue
                told = [bits[word] for word in words & self._shared]
                mask = sum(told)
                for bit in told if len(told) > 1 else ():
                    rows[bit.bit_length() - 1] |= mask ^ bit
        return rows

    @once
    def _reordered(self) -> tuple[str, str] | None:
        """Two words of steps of which the pin's samples tell the first one first, and the
        candidate's last.
        """
        mine, theirs = ([_ordered(each) for each in side] for side in (self.pins, self.candidates))
        if 5 * sum(map(bool, mine)) < 3 * len(mine) or 2 * sum(map(bool, theirs)) < len(theirs):
            return None
        (pin, *pins), (candidate, *candidates) = self.pins, self.candidates
        if not _turns(_steps(pin, self._shared), _steps(candidate, self._shared)):
            return None  # as nearly always
        # By a word's place, what it may have changed its order with.
        turned = dict.fromkeys(range(len(self._words)), (-1, -1))
        for text, back in (
            (pin, False),
            (candidate, True),
            *((each, False) for each in pins),
            *((each, True) for each in candidates),
        ):
            order = _order(text, self._shared)
            turned = {
                place: both
                for place, (later, sooner) in turned.items()
                if any(both := (later & order[place][back], sooner & order[place][not back]))
            }
            if not turned:
                return None
        place, (later, sooner) = next(iter(turned.items()))
        return self._words[place], self._words[next(_places(later | sooner))]


@lru_cache(maxsize=64)  # of samples that are divided otherwise, whose shared words are the same
def _order(text: SampleText, shared: frozenset[str]) -> Sequence[tuple[int, int]]:
    """By word, as bits, the words that a text tells only after it and only before it."""
    words = sorted(shared)
    steps = _steps(text, shared)
    count = 1 + max((last for _, last in steps.values()), default=0)
    begins, ends = [0] * count, [0] * count
    for place, word in enumerate(words):
        if word in steps:
            first, last = steps[word]
            begins[first] |= 1 << place
            ends[last] |= 1 << place
    before = [*accumulate(ends, or_, initial=0)]
    after = [*accumulate(reversed(begins), or_, initial=0)][::-1]
    spans = [steps.get(word, (0, count - 1)) for word in words]
    return [(after[last + 1], before[first]) for first, last in spans]


@lru_cache(maxsize=64)  # of samples that are divided otherwise, whose shared words are the same
def _steps(text: SampleText, shared: frozenset[str]) -> Mapping[str, tuple[int, int]]:
    """By word, the first and the last step that it is told of, in the order of what is done."""
    told: list[frozenset[str]] = []
    for part in text.parts:
        steps, sooner = _steps_of(part.levelled)
        told = [*steps, *told] if sooner else [*told, *steps]
    found: dict[str, tuple[int, int]] = {}
    for place, step in enumerate(told):
        for word in step & shared:
            found[word] = (found[word][0] if word in found else place, place)
    return found


def _turns(mine: Mapping[str, tuple[int, int]], theirs: Mapping[str, tuple[int, int]]) -> bool:
    """Whether there are two words of which the one text tells one only before the other, and the
    other text only after it.
    """
    both = mine.keys() & theirs.keys()
    ended = sorted(both, key=lambda word: mine[word][1])
    done, latest = 0, -1  # words that this text has told so far, and where the other first does
    for word in sorted(both, key=lambda word: mine[word][0]):
        while mine[ended[done]][1] < mine[word][0]:
            latest = max(latest, theirs[ended[done]][0])
            done += 1
        if theirs[word][1] < latest:
            return True
    return False


def _most(rows: Rows) -> int:
    """What all have; all but one, where there are many."""
    if len(rows) < _FORGIVING:
        return reduce(and_, rows)
    return reduce(
        or_, (reduce(and_, (*rows[:left], *rows[left + 1 :])) for left in range(len(rows)))
    )


def _places(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


_MARK = re.compile(r"([,;()–—])")


@lru_cache(maxsize=8192)
def told_by_clauses(sentence: str) -> tuple[Sequence[frozenset[str]], Sequence[frozenset[str]]]:
    """What each part of a sentence tells: cut where it contrasts two, and cut into its clauses."""
    contrasted: list[list[str]] = [[]]
    clauses: list[list[str]] = [[]]
    for place, piece in enumerate(_MARK.split(sentence)):
        if place % 2:  # a mark
            clauses.append([])
            if piece != ",":
                contrasted.append([])
            continue
        for word in worded(piece):
            for parts, cutting in ((contrasted, CONTRASTING), (clauses, CLAUSE_OPENING)):
                if word in cutting:
                    parts.append([])
                else:
                    parts[-1].append(word)
    return list(map(_told, filter(None, contrasted))), list(map(_told, filter(None, clauses)))


def _told(words: Sequence[str]) -> frozenset[str]:
    told = joined(tuple(words))
    return frozenset([meaning(word) for word in told if word not in NEGATORS and not empty(word)])


@lru_cache(maxsize=4096)
def _ordered(text: SampleText) -> bool:
    """Whether a text says of steps that they follow each other."""
    if len(text.parts) > _MOST_SENTENCES:
        return False
    return text.layout.steps > 1 or any(_tells_order(part.levelled) for part in text.parts)


@lru_cache(maxsize=8192)
def _tells_order(sentence: str) -> bool:
    words = worded(sentence)
    return not (ORDERING.isdisjoint(words) and ORDERING_PAIRS.isdisjoint(pairwise(words)))


@lru_cache(maxsize=8192)
def _steps_of(sentence: str) -> tuple[Sequence[frozenset[str]], bool]:
    """What each step of a sentence tells, in the order of what is done, and whether all of it is
    done before what was told so far.
    """
    steps: list[str] = []
    held: list[str] = []
    for step in filter(str.strip, STEP.split(sentence)):
        if SOONER.match(step) and steps:
            steps.insert(-1, step)
        elif LATER.match(step) and not steps:
            held.append(step)
        else:
            steps += [step, *held]
            held = []
    told = [_told(worded(step)) for step in (*steps, *held)]
    return told, BEFORE_THAT.search(sentence) is not None


def _telling(text: SampleText, one: str, other: str) -> str:
    """The first sentence that has both words; else the first that has one."""
    held = [each for each in text.parts if one in each.words or other in each.words]
    both = [each for each in held if one in each.words and other in each.words]
    return (both or held)[0].text if held else text.text
