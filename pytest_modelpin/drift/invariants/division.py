"""Nouns and names that part all samples of a side from all of the other, more than chance does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import comb

from pytest_modelpin.drift.drift import Break, drift_of
from pytest_modelpin.drift.invariants.sample_text import SampleText, Statement, figures_held
from pytest_modelpin.drift.lexicon.opposites import CONTRARY, NEGATORS, POLAR, SCALE
from pytest_modelpin.drift.once import once
from pytest_modelpin.drift.text.quantity_amounts import NUMBER_WORDS
from pytest_modelpin.drift.text.sentences import sentence_words
from pytest_modelpin.drift.text.tokens import CJK, empty, is_verb, meaning, worded

START = 5  # letters that are the same in a word's inflections and compounds
_LEAST_PREFIXED = 4  # letters of a stem
_LONGEST_PREFIX = 3  # letters; a longer one makes a compound, which may mean the same
_LEAST_NEW = 2  # new words of a sentence that says something which the pin's samples don't
_BEYOND_CHANCE = 2  # words that part the two sides more than they part any other two
_FEWEST_DIVISIONS = 20  # of three and three samples; of fewer, chance makes too much
_SHORT = 15  # words of an answer that states one or two things
_WHO = ("er", "ers", "or", "ors")  # endings of who does what a verb says


class Division:
    """The samples of either side, and the words that divide them."""

    def __init__(self, pins: Sequence[SampleText], candidates: Sequence[SampleText]) -> None:
        self.pins = pins
        self.candidates = candidates

    def breaks(self, candidate: SampleText, where: str) -> Iterable[Break]:
        """Nouns and names that part the two sides as they part no other two halves of the samples.

        If the candidate were the pin, any division of the samples would do it as often as this one.
        So the words of those other divisions say how much of it is chance, and so do words that
        come and go with the wording.
        """
        for before, after in self._prefixed:
            one, other = _first_with(before, self.pins[0]), _first_with(after, candidate)
            if one and other:
                yield Break(("prefixed", before), drift_of("content", where, one.text, other.text))
        yield from self._exchanged(candidate, where)
        gone, new, most, loose = self._divided
        alone = len(gone) > most and loose <= 2 * len(gone) + 1
        # As many words as chance parts, but the candidate says less as well.
        if gone and not new and (alone or (len(gone) >= most and self._fewer)):
            lost = _first_with(gone[0], self.pins[0])
            if lost is not None and not figures_held(_clause(gone, lost), candidate):
                yield Break(("gone", *gone), drift_of("content", where, lost.text, None))
        elif len(new) >= _LEAST_NEW and len(gone) < len(new) and len(gone) + len(new) > most:
            told = [_holding(new, each) for each in self.candidates]
            mine = _holding(new, candidate)
            known = self.pins[0]
            if mine and all(each and not figures_held(_clause(new, each), known) for each in told):
                yield Break(("new", *new), drift_of("content", where, None, mine.text))

    def _exchanged(self, candidate: SampleText, where: str) -> Iterable[Break]:
        """Words of any sort that all of the pin's samples have, and others that all of the
        candidate's have in their stead: in short answers, which have few words to vary.
        """
        gone, new = self._replaced
        if gone and new:
            one = next(e for e in self.pins[0].statements if e.words & gone)
            other = next(e for e in candidate.statements if e.words & new)
            yield Break(("exchanged",), drift_of("content", where, one.text, other.text))

    @once
    def _replaced(self) -> tuple[frozenset[str], frozenset[str]]:
        mine, theirs = ([each.words for each in side] for side in (self.pins, self.candidates))
        gone = frozenset.intersection(*mine).difference(*theirs)
        new = frozenset.intersection(*theirs).difference(*mine)
        everyone = [*mine, *theirs]
        few = comb(len(everyone), len(mine)) < _FEWEST_DIVISIONS
        if few or not gone or not new or max(map(len, everyone)) > _SHORT:
            return frozenset(), frozenset()
        divisions: dict[frozenset[int], int] = {}
        for word in frozenset().union(*everyone) - gone - new:
            holders = frozenset(n for n, words in enumerate(everyone) if word in words)
            if len(holders) in (len(mine), len(theirs)):
                side = holders if 0 in holders else frozenset(range(len(everyone))) - holders
                divisions[side] = divisions.get(side, 0) + 1
        most = max(divisions.values(), default=0)
        enough = len(gone) + len(new) >= most + _BEYOND_CHANCE
        return (gone, new) if enough else (frozenset(), frozenset())

    @once
    def _prefixed(self) -> Sequence[tuple[str, str]]:
        """Words of all of the pin's samples and none of the candidate's, of which all of these have
        one that a short prefix makes another word: Mieter, Vermieter.
        """
        mine, theirs = ([_nouns(each) for each in side] for side in (self.pins, self.candidates))
        gone = frozenset.intersection(*mine).difference(*theirs)
        new = frozenset.intersection(*theirs).difference(*mine) if gone else ()
        return [
            (before, after)
            for before in sorted(gone)
            for after in sorted(new)
            if len(before) >= _LEAST_PREFIXED
            and after.endswith(before)
            and len(after) - len(before) <= _LONGEST_PREFIX
        ]

    @once
    def _fewer(self) -> bool:
        """Whether the candidate's samples have, on average, a word fewer than the pin's."""
        mine, theirs = ([_size(each) for each in side] for side in (self.pins, self.candidates))
        return sum(theirs) / len(theirs) <= sum(mine) / len(mine) - 1

    @once
    def _divided(self) -> tuple[Sequence[str], Sequence[str], int, int]:
        """Words of all of the pin's samples alone, of all of the candidate's alone, how many any
        other division of the samples has at most, and how many several but not most samples have.
        """
        mine = [_nouns(pin) for pin in self.pins]
        theirs = [_nouns(each) for each in self.candidates]
        gone = frozenset.intersection(*mine).difference(*theirs)
        new = frozenset.intersection(*theirs).difference(*mine)
        if not gone and not new:
            return (), (), 0, 0
        places: dict[str, set[int]] = {}
        for place, words in enumerate((*mine, *theirs)):
            for word in words:
                places.setdefault(word, set()).add(place)
        everyone = len(mine) + len(theirs)
        divisions: dict[frozenset[int], int] = {}
        loose = 0
        for word, holders in places.items():
            if len(holders) in (len(mine), len(theirs)) and word not in gone and word not in new:
                side = frozenset(holders if 0 in holders else set(range(everyone)) - holders)
                divisions[side] = divisions.get(side, 0) + 1
            loose += 1 < len(holders) < everyone - 1 and 2 * len(holders) != everyone
        most = max(divisions.values(), default=0)
        known = " ".join(each.lowered for each in self.pins)
        now = " ".join(each.lowered for each in self.candidates)
        return (
            sorted(word for word in gone if word[:START] not in now),
            sorted(word for word in new if word[:START] not in known),
            most,
            loose,
        )


@lru_cache(maxsize=4096)
def spelled(text: SampleText) -> Mapping[str, Statement]:
    """The words that say anything, as they are spelled, with the first sentence that has each."""
    found: dict[str, Statement] = {}
    for each in reversed(text.statements):
        found.update(dict.fromkeys(_words_of(each.text), each))
    return found


@lru_cache(maxsize=16384)
def _words_of(sentence: str) -> Sequence[str]:
    """The same of a sentence; most stand in several samples."""
    return tuple(filter(_tells, sentence_words(sentence)))


@lru_cache(maxsize=20_000)
def _tells(word: str) -> bool:
    return word.isalpha() and not (empty(word) or word in NUMBER_WORDS or CJK.match(word))


@lru_cache(maxsize=4096)
def _nouns(text: SampleText) -> frozenset[str]:
    """The meanings of its words that name something: no verbs, figures, opposites, adverbs."""
    named = _named(text.lowered)
    return frozenset(
        filter(None, (_noun(word, named=word in named) for word in spelled(text)))
    ) | frozenset().union(*(_runs(part.text) for part in text.parts))


@lru_cache(maxsize=4096)
def _size(text: SampleText) -> int:
    """How many words it has; of Chinese and Japanese, pairs of characters."""
    characters = 0 if text.text.isascii() else sum(map(bool, map(CJK.match, text.text)))
    return len(spelled(text)) + characters // 2


_DETERMINED = re.compile(
    r"\b(?:the|an?|your|my|our|their|its|this|that|each|every|any)\s+([a-z]+)\b"
)


@lru_cache(maxsize=4096)
def _named(lowered: str) -> frozenset[str]:
    """English words that an article or its like shows to be nouns, or to stand before one."""
    return frozenset(_DETERMINED.findall(lowered))


_RUN = re.compile(r"[\u4e00-\u9fff\u30a0-\u30ff]{2,}")
"""Characters of which Chinese and Japanese nouns are made, in a row."""


def _runs(text: str) -> frozenset[str]:
    """The pairs of such characters that a text has in a row; nothing where it is in an alphabet."""
    if text.isascii():
        return frozenset()
    return frozenset(run[at : at + 2] for run in _RUN.findall(text) for at in range(len(run) - 1))


@lru_cache(maxsize=20_000)
def _noun(word: str, *, named: bool = False) -> str:
    """The meaning of a word that names something; empty for any other word.

    `named`: an article shows that it is one, even where it may also be a verb.
    """
    verb = not named and is_verb(word) and not word.endswith(_WHO)
    if len(word) <= 2 or word.endswith("ly") or verb:
        return ""
    key = meaning(word)
    return "" if key in _SCALED else key


def _holding(words: Sequence[str], text: SampleText) -> Statement | None:
    """The first sentence that has several of these words."""
    return next(
        (e for e in text.statements if len(e.words.intersection(words)) >= _LEAST_NEW), None
    )


def _first_with(word: str, text: SampleText) -> Statement | None:
    return next((each for each in text.statements if word in each.words), None)


def _clause(words: Sequence[str], statement: Statement) -> str:
    """The part of a sentence, up to the next comma, that has one of these words."""
    return next(
        (
            part
            for part in re.split(r"[,;:]\s", statement.text)
            if not {meaning(word) for word in worded(part)}.isdisjoint(words)
        ),
        statement.text,
    )


_SCALED = frozenset(map(meaning, (*CONTRARY, *POLAR, *SCALE, *NUMBER_WORDS, *NEGATORS)))
"""Words that are compared by what they are opposed to, apart."""
