"""What all of the pin's samples state: turned round, or stated of something else; and what the
candidate's add.

Wording varies from sample to sample, so single words say little: a word that three samples of the
pin happen to use and three of the candidate's happen not to use is as often chance as change. A
statement is called *changed* where a word gave way to another in a sentence that some sample of the
pin says just so, or where the pin's samples say it in several ways that all have the word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import comb

from pytest_modelpin.drift.drift import Break, Drift, Severity, drift_of
from pytest_modelpin.drift.invariants.sample_text import (
    SampleText,
    words_of_all,
    words_of_any,
)
from pytest_modelpin.drift.once import once
from pytest_modelpin.drift.text.negation import contradicts
from pytest_modelpin.drift.text.sentences import Sentence
from pytest_modelpin.drift.text.similarity import likeness, related
from pytest_modelpin.drift.text.tokens import is_verb

_STRONG = 50
"""Ways of dividing the samples into those of the pin and those of the candidate, of which one is
what was seen, from which one word that parts them says something: with 5 and 3 samples there are
56, with 3 and 3 only 20."""
_ADDED = 3  # words that every sample of the candidate's has, and none of the pin's
_NEW = 0.6  # share of a sentence's words that no sample of the pin has
_SAME_TOPIC = 0.5  # Dice's coefficient from which two sentences speak of one thing
_INTACT = 0.6  # likeness of two sentences of which one is the other, edited


class Statements:
    """The statements of the pin's samples, and the words that all samples of a side share."""

    def __init__(self, pins: Sequence[SampleText], candidates: Sequence[SampleText]) -> None:
        self.pins = pins
        self.candidates = candidates
        mine, theirs = tuple(pins), tuple(candidates)
        self.shared = words_of_all(mine)
        """Words in every sample of the pin."""
        self.known = words_of_any(mine)
        """Words in any."""
        self.stable_gone = self.shared - words_of_any(theirs)
        """Words in every sample of the pin and in none of the candidate's."""
        self.stable_new = words_of_all(theirs) - self.known
        """The other way round."""
        self.keys = frozenset().union(*[pin.keys for pin in pins])
        self.strong = comb(len(pins) + len(candidates), len(pins)) >= _STRONG
        """Whether there are so many samples that even one word that parts them says something."""

    def breaks(self, candidate: SampleText, where: str) -> Iterable[Break]:
        """What of the pin's statements a sample of the candidate's breaks."""
        yield from self._turned(candidate, where)
        yield from self._changed(candidate, where)
        told_more = len(self.stable_new) - len(self.stable_gone) >= _ADDED and len(self.pins) > 1
        for each in candidate.parts if told_more else ():
            added = each.words & self.stable_new
            if len(added) >= _ADDED and len(each.words - self.known) >= _NEW * len(each.words):
                yield Break(("added", added), drift_of("content", where, None, each.text))

    @once
    def _by_chance(self) -> bool:
        """Whether other divisions of few samples part as many words as this one does."""
        if self.strong:
            return False
        samples = (*self.pins, *self.candidates)
        holders: dict[str, set[int]] = {}
        for place, each in enumerate(samples):
            for word in each.words:
                holders.setdefault(word, set()).add(place)
        divisions: dict[frozenset[int], int] = {}
        for places in holders.values():
            if len(places) in (len(self.pins), len(self.candidates)):
                rest = frozenset(range(len(samples))) - places
                side = frozenset(places) if 0 in places else rest
                divisions[side] = divisions.get(side, 0) + 1
        ours = divisions.pop(frozenset(range(len(self.pins))), 0)
        return ours < max(divisions.values(), default=0)

    def _changed(self, candidate: SampleText, where: str) -> Iterable[Break]:
        """Statements in which a word that all samples have gave way to one that none has."""
        if not self.stable_gone or not self.stable_new or self._by_chance:
            return
        if len(self.candidates) == 1:
            return  # the words of one text are new by chance
        for each in candidate.parts:
            new = each.words & self.stable_new
            if not new or each.key in self.keys:
                continue
            holding = [
                other
                for pin in self.pins
                for other in pin.parts
                if other.words & self.stable_gone and _in_place(other, each)
            ]
            if not holding:
                continue
            gone = frozenset.intersection(*(c.words for c in holding)) & self.stable_gone
            if not gone or related(sorted(gone), sorted(new)):
                continue
            if all(map(is_verb, gone)) and all(map(is_verb, new)):
                continue  # one verb for another is rewording
            nearest = max(holding, key=lambda c: likeness(c.text, each.text))
            ways = len({c.key for c in holding})
            if ways == 1 and likeness(nearest.text, each.text) < _INTACT:
                continue
            yield Break(("word", gone), drift_of("content", where, nearest.text, each.text))

    def _turned(self, candidate: SampleText, where: str) -> Iterable[Break]:
        """Statements that say the opposite of what all samples of the pin say.

        Words that deny come and go with the wording. So the pin's samples have to agree, and
        one of them has to be the candidate's sentence but for the denial.
        """
        for each in candidate.parts:
            if each not in self._opposed:
                self._opposed[each] = self._opposite(each)
            opposite = self._opposed[each]
            if opposite is not None:
                nearest, severity = opposite
                yield Break(
                    ("negation", nearest.words & self.shared),
                    Drift("negation", severity, where, nearest.text, each.text),
                )

    def _opposite(self, statement: Sentence) -> tuple[Sentence, Severity] | None:
        """What of the pin's samples a statement turns round, and how grave that is."""
        if statement.key in self.keys:
            return None
        sides = [pin.parts for pin in self.pins] if statement.denies else self._denying
        if 2 * sum(map(bool, sides)) <= len(self.pins):
            return None
        counterparts = [best for side in sides if (best := _closest(statement, side)) is not None]
        if 2 * len(counterparts) <= len(self.pins) or self._disagree(counterparts):
            return None
        if not all(contradicts(c.text, statement.text) for c in counterparts):
            return None
        nearest = max(counterparts, key=lambda c: likeness(c.text, statement.text))
        intact = likeness(nearest.text, statement.text) >= _INTACT
        if not intact and len({c.key for c in counterparts}) == 1:
            return None
        return nearest, "regression" if intact else "review"

    @once
    def _opposed(self) -> dict[Sentence, tuple[Sentence, Severity] | None]:
        """What was found of the candidate's statements, of which several samples make the same."""
        return {}

    @once
    def _denying(self) -> Sequence[Sequence[Sentence]]:
        """The statements of each of the pin's samples that deny anything."""
        return [[each for each in pin.parts if each.denies] for pin in self.pins]

    def _disagree(self, counterparts: Sequence[Sentence]) -> bool:
        return any(contradicts(counterparts[0].text, other.text) for other in counterparts[1:])


def _closest(statement: Sentence, others: Sequence[Sentence]) -> Sentence | None:
    """The sentence that speaks of the same thing, if any does."""
    best, score = None, _SAME_TOPIC
    mine = statement.words
    for other in others:
        shared = len(mine & other.words)
        if shared and 2 * shared / (len(mine) + len(other.words)) >= score:
            best, score = other, 2 * shared / (len(mine) + len(other.words))
    return best


def _in_place(one: Sentence, other: Sentence) -> bool:
    """Whether two sentences speak of one thing, or have a word in the same neighbourhood."""
    shared = len(one.words & other.words)
    return 2 * shared >= _SAME_TOPIC * (len(one.words) + len(other.words)) or (
        likeness(one.text, other.text) >= _INTACT
    )
