"""Nouns and names that part all samples of a side from all of the other, more than chance does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache

from pytest_modelpin.drift.drift import Break
from pytest_modelpin.drift.invariants.said import Said, Statement, figures_held
from pytest_modelpin.drift.lexicon.opposites import CONTRARY, NEGATORS, POLAR, SCALE
from pytest_modelpin.drift.lexicon.verbs import is_verb
from pytest_modelpin.drift.severity import drift_of
from pytest_modelpin.drift.text.quantity_amounts import NUMBER_WORDS
from pytest_modelpin.drift.text.sentences import told
from pytest_modelpin.drift.text.tokens import CJK, empty, meaning, worded

START = 5  # letters that are the same in a word's inflections and compounds
_LEAST_NEW = 2  # new words of a sentence that says something which the pin's samples don't
_WHO = ("er", "ers", "or", "ors")  # endings of who does what a verb says


class Division:
    """The samples of either side, and the words that divide them."""

    def __init__(self, pins: Sequence[Said], candidates: Sequence[Said]) -> None:
        self.pins = pins
        self.candidates = candidates

    def breaks(self, candidate: Said, where: str) -> Iterable[Break]:
        """Nouns and names that part the two sides as they part no other two halves of the samples.

        If the candidate were the pin, any division of the samples would do it as often as this one.
        So the words of those other divisions say how much of it is chance, and so do words that
        come and go with the wording.
        """
        gone, new, most, loose = self._divided
        if gone and not new and len(gone) > most and loose <= 2 * len(gone) + 1:
            lost = next(each for each in self.pins[0].statements if gone[0] in each.words)
            if not figures_held(_clause(gone, lost), candidate):
                yield Break(("gone", *gone), drift_of("content", where, lost.text, None))
        elif len(new) >= _LEAST_NEW and len(gone) < len(new) and len(gone) + len(new) > most:
            told = [_holding(new, each) for each in self.candidates]
            mine = _holding(new, candidate)
            known = self.pins[0]
            if mine and all(each and not figures_held(_clause(new, each), known) for each in told):
                yield Break(("new", *new), drift_of("content", where, None, mine.text))

    @cached_property
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
def spelled(text: Said) -> Mapping[str, Statement]:
    """The words that say anything, as they are spelled, with the first sentence that has each."""
    found: dict[str, Statement] = {}
    for each in reversed(text.statements):
        found.update(dict.fromkeys(_words_of(each.text), each))
    return found


@lru_cache(maxsize=16384)
def _words_of(sentence: str) -> Sequence[str]:
    """The same of a sentence; most stand in several samples."""
    return tuple(filter(_tells, told(sentence)))


@lru_cache(maxsize=20_000)
def _tells(word: str) -> bool:
    return word.isalpha() and not (empty(word) or word in NUMBER_WORDS or CJK.match(word))


@lru_cache(maxsize=4096)
def _nouns(text: Said) -> frozenset[str]:
    """The meanings of its words that name something: no verbs, figures, opposites, adverbs."""
    return frozenset(filter(None, map(_noun, spelled(text))))


@lru_cache(maxsize=20_000)
def _noun(word: str) -> str:
    """The meaning of a word that names something; empty for any other word."""
    if len(word) <= 2 or word.endswith("ly") or (is_verb(word) and not word.endswith(_WHO)):
        return ""
    key = meaning(word)
    return "" if key in _SCALED else key


def _holding(words: Sequence[str], text: Said) -> Statement | None:
    """The first sentence that has several of these words."""
    return next(
        (e for e in text.statements if len(e.words.intersection(words)) >= _LEAST_NEW), None
    )


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
