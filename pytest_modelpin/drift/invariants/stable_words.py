"""Single words that part all samples of a side from all of the other, and what they stand beside.

Every sample words its sentences anew, so one word that is gone may be chance. It isn't where the
pin's samples have it in differently worded sentences, and the candidate's still say the rest of
such a sentence; nor where a word that both sides use changed places with another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations

from pytest_modelpin.drift.drift import Break, drift_of
from pytest_modelpin.drift.invariants.division import START, Division, spelled
from pytest_modelpin.drift.invariants.sample_text import SampleText, Statement
from pytest_modelpin.drift.lexicon.opposites import CONTRARY
from pytest_modelpin.drift.once import once
from pytest_modelpin.drift.text.tokens import empty, is_verb, meaning, worded

_LEAST_BESIDE = 3  # words of a sentence beside the one that is gone
_STILL_SAID = 0.7  # share of them that the candidate still says
_MOST_NAMES = 6  # of which any two may change places


class StableWords:
    """What single words tell; read only where the sides differ in any."""

    def __init__(self, pins: Sequence[SampleText], candidates: Sequence[SampleText]) -> None:
        self.pins = pins
        self.candidates = candidates

    def breaks(self, candidate: SampleText, where: str) -> Iterator[Break]:
        """Words left out, put in, and words that changed places, as one sample shows them."""
        left_out = list(self._left_out(candidate, where))
        yield from left_out
        yield from self._moved(candidate, where)
        if not left_out and self._parted:
            yield from self._division.breaks(candidate, where)

    @once
    def _parted(self) -> bool:
        """Whether any word parts the two sides at all."""
        mine, theirs = [pin.words for pin in self.pins], [each.words for each in self.candidates]
        gone = frozenset.intersection(*mine).difference(*theirs)
        return bool(gone or frozenset.intersection(*theirs).difference(*mine))

    @once
    def _division(self) -> Division:
        return Division(self.pins, self.candidates)

    def _left_out(self, candidate: SampleText, where: str) -> Iterable[Break]:
        together: dict[str, list[str]] = {}
        for word, holders in self._gone.items():
            together.setdefault(holders[0].key, []).append(word)
        for word, holders in self._gone.items():
            fellows = together[holders[0].key]
            if len(fellows) >= 2 or self._shorter or self._rest_is_said(word, holders, candidate):
                yield Break(
                    ("gone", holders[0].key),
                    drift_of("content", where, holders[0].text, None),
                )

    def _rest_is_said(self, word: str, holders: Sequence[Statement], candidate: SampleText) -> bool:
        """Whether all that a sentence says but this word is said nearly as it was.

        Verbs and particles are known in English only; elsewhere a capital shows a noun or name.
        """
        if self.pins[0].language not in ("en", None) and word in holders[0].text:
            return False
        for each in holders:
            beside = {w for w in each.words if not w.startswith(word) and not word.startswith(w)}
            if len(beside) >= _LEAST_BESIDE and len(beside & candidate.words) >= _STILL_SAID * len(
                beside
            ):
                return True
        return False

    @once
    def _gone(self) -> Mapping[str, Sequence[Statement]]:
        """Words of all of the pin's samples and of none of the candidate's, and their sentences.

        Only nouns and names: one verb for another is rewording. A word is the same one in its
        inflections and compounds, which begin alike or hold it.
        """
        known = frozenset().union(*(each.words for each in self.candidates))
        found: dict[str, list[Statement]] = {}
        for word in spelled(self.pins[0]):
            if meaning(word) in known or is_verb(word):
                continue
            start = word[:START] if len(word) > START else ""
            if not all(
                meaning(word) in pin.words or (start and start in pin.lowered) for pin in self.pins
            ):
                continue
            mine = [_telling(pin) for pin in self.pins]
            key = next((key for key in _keys(word) if all(key in each for each in mine)), None)
            if key is None or (start and self._held_by_another(start)):
                continue
            holders = [each[key] for each in mine]
            if len({each.key for each in holders}) > 1:
                found[word] = holders
        return found

    def _held_by_another(self, start: str) -> bool:
        """Whether a word that only the candidate uses begins with these letters, or holds them."""
        usual = frozenset.intersection(*(frozenset(spelled(pin)) for pin in self.pins))
        return any(
            start in word
            for each in self.candidates
            if start in each.lowered
            for word in spelled(each)
            if word not in usual
        )

    @once
    def _shorter(self) -> bool:
        """Whether every sample of the candidate's has fewer words than any of the pin's."""
        return max(len(spelled(each)) for each in self.candidates) < min(
            len(spelled(pin)) for pin in self.pins
        )

    def _moved(self, candidate: SampleText, where: str) -> Iterable[Break]:
        """A statement that is made of another one than the pin's samples make it of."""
        for one, other, beside, side in self._exchanged:
            if _nearer(candidate, one, other, beside) == -side:
                yield Break(
                    ("moved", frozenset((one, other))),
                    drift_of("content", where, _sentence_of(self.pins[0], beside),
                             _sentence_of(candidate, beside)),
                )  # fmt: skip
                return
        if (given := self._given_to_another) is not None:
            name, beside = given
            yield Break(
                ("given", name),
                drift_of("content", where, _clause_with(self.pins[0], beside),
                         _clause_with(candidate, beside)),
            )  # fmt: skip
            return
        if self._denied_otherwise:
            word = min(self._denied_otherwise)
            yield Break(
                ("denied otherwise",),
                drift_of("negation", where, _sentence_of(self.pins[0], word),
                         _sentence_of(candidate, word), "review"),
            )  # fmt: skip

    @once
    def _everywhere(self) -> frozenset[str]:
        """Words of every sample of both sides, once in each."""
        samples = (*self.pins, *self.candidates)
        return frozenset.intersection(*(frozenset(_places(each)) for each in samples))

    @once
    def _exchanged(self) -> Sequence[tuple[str, str, str, int]]:
        """Two names or opposites, and a word that stands nearer to one in all of the pin's samples,
        wherever in the sentence, and to the other in the candidate's.
        """
        samples = (*self.pins, *self.candidates)
        named = {name.lower() for each in samples for name in each.capitals}
        named = {name for name in named if all(name in each.lowered for each in samples)}
        if len(named) < 2 or self.pins[0].language == "de":
            named = set()  # nothing to change places with, or no names that capitals would show
        names = sorted(set(map(meaning, named)))[:_MOST_NAMES]
        contrary = _CONTRARY_BY_MEANING.keys() & self.pins[0].words
        contrary = contrary.intersection(*(each.words for each in samples))
        pairs = [*combinations(names, 2), *_opposites(contrary)]
        if not pairs:
            return ()
        found = []
        for one, other in pairs:
            for beside in sorted(self._everywhere - {one, other}):
                side = _nearer(self.pins[0], one, other, beside)
                if not side or any(
                    _nearer(pin, one, other, beside) != side for pin in self.pins[1:]
                ):
                    continue
                near = one if side > 0 else other
                if len({_places(pin)[near] < _places(pin)[beside] for pin in self.pins}) == 1:
                    continue  # always said in one order, so that another order says nothing
                now = [_nearer(each, one, other, beside) for each in self.candidates]
                if side not in now and 2 * now.count(-side) >= len(now):
                    found.append((one, other, beside, side))
        return found

    @once
    def _given_to_another(self) -> tuple[str, str] | None:
        """A name, and what is said of another one in all of the pin's samples and of this one in
        all of the candidate's: clauses that name one of the two only.
        """
        samples = (*self.pins, *self.candidates)
        named = {name.lower() for each in samples for name in each.capitals}
        named = {name for name in named if all(name in each.lowered for each in samples)}
        if len(named) < 2 or self.pins[0].language == "de":  # capitals show no names there
            return None
        clauses = [[frozenset(worded(c)) for c in _clauses_of(each)] for each in samples]
        told = frozenset.intersection(*(frozenset().union(*each) for each in clauses)) - named
        for name in sorted(named)[:_MOST_NAMES]:
            for beside in sorted(word for word in told if len(word) > 3 and not empty(word)):
                sides = [_of_name(each, name, beside, frozenset(named)) for each in clauses]
                mine, theirs = set(sides[: len(self.pins)]), set(sides[len(self.pins) :])
                if mine == {-1} and theirs == {1}:
                    return name, beside
        return None

    @once
    def _denied_otherwise(self) -> frozenset[str]:
        """Words of which one was denied by all samples of the pin's, the other of the candidate's.

        Empty unless there are both: that a single word is denied may be a matter of wording.
        """
        mine, theirs = self.pins, self.candidates
        no_longer = _shared(pin.denied for pin in mine)
        newly = _shared(each.denied for each in theirs)
        if no_longer and newly:  # else the others need not be read
            no_longer &= _shared(each.affirmed for each in theirs)
            newly &= _shared(pin.affirmed for pin in mine)
        return no_longer | newly if no_longer and newly else frozenset()


_PARTED = re.compile(r"[;:.!?]\s|,\s|\s(?:and|while|whereas|but|und|et|mais|y|e)\s")


@lru_cache(maxsize=4096)
def _clauses_of(text: SampleText) -> Sequence[str]:
    return tuple([clause for part in text.parts for clause in _PARTED.split(part.text) if clause])


def _of_name(
    clauses: Sequence[frozenset[str]], name: str, beside: str, named: frozenset[str]
) -> int:
    """1 where a word stands in a clause with a name, -1 where it only does with others; else 0."""
    holding = [clause for clause in clauses if beside in clause]
    if len(holding) != 1 or named.isdisjoint(holding[0]):
        return 0
    return 1 if name in holding[0] else -1


def _clause_with(text: SampleText, word: str) -> str:
    return next((part.text for part in text.parts if word in worded(part.text)), text.text)


@lru_cache(maxsize=4096)
def _telling(text: SampleText) -> Mapping[str, Statement]:
    """The same by their keys."""
    found: dict[str, Statement] = {}
    for word, each in spelled(text).items():
        for key in _keys(word):
            found.setdefault(key, each)
    return found


def _keys(word: str) -> Sequence[str]:
    """What a word shares with its synonyms, and with its inflections."""
    return (meaning(word), f"{word[:START]}-") if len(word) > START else (meaning(word),)


@lru_cache(maxsize=16384)
def _keys_of(sentence: str) -> Sequence[Sequence[str]]:
    """The keys of its words, one by one; none for words that say nothing."""
    return tuple([() if empty(word) else _keys(word) for word in worded(sentence)])


@lru_cache(maxsize=4096)
def _places(text: SampleText) -> Mapping[str, int]:
    """Where each word stands that the text has only once, counted in words."""
    found: dict[str, int] = {}
    several: set[str] = set()
    place = 0
    for each in text.statements:
        for keys in _keys_of(each.text):
            place += 1
            for key in keys:
                if key in found:
                    several.add(key)
                found[key] = place
        place += 1000  # another sentence
    return {word: at for word, at in found.items() if word not in several}


def _nearer(text: SampleText, one: str, other: str, beside: str) -> int:
    """1 where a word stands nearer to the first of two in its sentence, -1 to the other; else 0."""
    places = _places(text)
    if not {one, other, beside} <= places.keys():
        return 0
    first, second = (abs(places[word] - places[beside]) for word in (one, other))
    return 0 if min(first, second) >= 500 else (second > first) - (first > second)


def _opposites(words: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Of these words those that are opposites."""
    known = sorted((word, _CONTRARY_BY_MEANING[word]) for word in words)
    for (one, (group, sign)), (other, (group_after, sign_after)) in combinations(known, 2):
        if group == group_after and sign != sign_after:
            yield one, other


_CONTRARY_BY_MEANING = {meaning(word): sign for word, sign in CONTRARY.items()}


def _shared(samples: Iterable[frozenset[str]]) -> frozenset[str]:
    """The words of every sample."""
    return frozenset.intersection(*samples)


def _sentence_of(text: SampleText, word: str) -> str:
    found = _telling(text).get(word)
    return text.text if found is None else found.text
