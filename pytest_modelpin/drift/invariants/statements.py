"""What all of the pin's samples state: lost, turned round, or stated of something else.

Wording varies from sample to sample, so single words say little: a word that three samples of the
pin happen to use and three of the candidate's happen not to use is as often chance as change. A
statement is called *lost* where most of the words that all of the pin's samples use for it, and
for nothing else, are gone, and the candidate says nothing new that could stand for it. It is called
*changed* where a word gave way to another in a sentence that some sample of the pin says just so,
or where the pin's samples say it in several ways that all have the word.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from math import comb

from pytest_modelpin.drift.drift import Break, Drift, Severity, drift_of
from pytest_modelpin.drift.invariants.division import STRONG
from pytest_modelpin.drift.invariants.sample_text import SampleText, figures_held
from pytest_modelpin.drift.once import once
from pytest_modelpin.drift.text.negation import contradicts
from pytest_modelpin.drift.text.sentences import Sentence
from pytest_modelpin.drift.text.similarity import likeness, related
from pytest_modelpin.drift.text.tokens import is_verb

_LOST = 0.99  # share of a statement's own words that are gone
_SHORTER = 0.9  # of the only text of the pin's, from which something may have been left out
_ADDED = 3  # words that every sample of the candidate's has, and none of the pin's
_NEW = 0.6  # share of a sentence's words that no sample of the pin has
_SAME_TOPIC = 0.5  # Dice's coefficient from which two sentences speak of one thing
_INTACT = 0.6  # likeness of two sentences of which one is the other, edited


class Statements:
    """The statements of the pin's samples, and the words that all samples of a side share."""

    def __init__(self, pins: Sequence[SampleText], candidates: Sequence[SampleText]) -> None:
        self.pins = pins
        self.candidates = candidates
        self.shared = frozenset.intersection(*(pin.words for pin in pins))
        """Words in every sample of the pin."""
        self.known = frozenset().union(*(pin.words for pin in pins))
        """Words in any."""
        self.stable_gone = self.shared - frozenset().union(*(each.words for each in candidates))
        """Words in every sample of the pin and in none of the candidate's."""
        self.stable_new = frozenset.intersection(*(each.words for each in candidates)) - self.known
        """The other way round."""
        self.keys = frozenset(each.key for pin in pins for each in pin.parts)
        self.strong = comb(len(pins) + len(candidates), len(pins)) >= STRONG
        """Whether there are so many samples that even one word that parts them says something."""
        self.fewer = max(len(each.parts) for each in candidates) < min(
            len(pin.parts) for pin in pins
        )
        """Whether every sample of the candidate makes fewer statements than any of the pin's."""

    @once
    def _own(self) -> frozenset[str]:
        """Shared words that one statement alone has."""
        return self.shared.intersection(*(pin.only for pin in self.pins))

    def breaks(self, candidate: SampleText, where: str) -> Iterable[Break]:
        """What of the pin's statements a sample of the candidate's breaks."""
        turned = list(self._turned(candidate, where))
        yield from turned
        changed = list(self._changed(candidate, where))
        yield from changed
        if self.shared <= candidate.words and candidate.words <= self.known:
            return
        explained = {each.drift.before for each in (*turned, *changed)}
        yield from self._lost(candidate, where, explained)

    def _lost(
        self, candidate: SampleText, where: str, explained: Container[object]
    ) -> Iterable[Break]:
        """Statements that are gone, beyond those that a new sentence may stand for."""
        uncovered: list[tuple[float, Sentence, frozenset[str]]] = []
        missing = self.shared - candidate.words
        if len(self.pins) == 1 and _length(candidate) > _SHORTER * _length(self.pins[0]):
            return  # of one text nobody has seen how else it may be said
        least = 1 if self.fewer else 2
        for each in self.pins[0].parts if missing else ():
            if len(each.words & missing) < least:
                continue  # most statements, and then no word's own one has to be known
            own = each.words & self._own
            gone = own & missing
            if len(gone) < least or len(gone) < _LOST * len(own):
                continue
            if each.text in explained or figures_held(each.text, candidate):
                continue
            uncovered.append((len(gone) / len(own), each, gone))
        orphans = [
            each
            for each in candidate.parts
            if len(each.words) >= 2
            and len(each.words - self.known) >= _NEW * len(each.words)
            and not any(figures_held(each.text, pin) for pin in self.pins)
        ]
        surplus = len(uncovered) - len(orphans)
        uncovered.sort(key=lambda found: (-found[0], -len(found[2])))
        for _, each, gone in uncovered[: max(surplus, 0)]:
            yield Break(("lost", frozenset(gone)), drift_of("content", where, each.text, None))
        for statement in orphans[: max(-surplus, 0)]:
            if len(added := statement.words & self.stable_new) >= _ADDED:
                yield Break(("added", added), drift_of("content", where, None, statement.text))

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


def _length(text: SampleText) -> int:
    """The characters of all that it states."""
    return sum(len(each.text) for each in text.parts)


def _in_place(one: Sentence, other: Sentence) -> bool:
    """Whether two sentences speak of one thing, or have a word in the same neighbourhood."""
    shared = len(one.words & other.words)
    return 2 * shared >= _SAME_TOPIC * (len(one.words) + len(other.words)) or (
        likeness(one.text, other.text) >= _INTACT
    )
