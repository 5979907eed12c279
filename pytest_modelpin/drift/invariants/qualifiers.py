"""Words of closed classes that say how much of a statement is meant: all, only, must, not, before.

Whatever the wording, a sample that says "all shops" has a word of the first step of a scale, and
one that says "some shops" a word of another. So these words are compared by what they stand for,
over the whole text: the step that all of the pin's samples use, and none of the candidate's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, TypeVar

from pytest_modelpin.drift.drift import Break, drift_of
from pytest_modelpin.drift.figures.quantity_amounts import NUMBER_WORDS
from pytest_modelpin.drift.invariants.sample_text import SampleText, figures_held
from pytest_modelpin.drift.lexicon.irregular import INFLECTED
from pytest_modelpin.drift.lexicon.opposites import (
    CONTRARY,
    LIMITING,
    NEGATORS,
    QUANTIFIERS,
    SCALE,
)
from pytest_modelpin.drift.once import once
from pytest_modelpin.drift.text.sentences import words_of
from pytest_modelpin.drift.text.tokens import empty, meaning, worded

T = TypeVar("T")
Scale = tuple[str, object]
"""Which table a scale is of, and which of its scales."""
Step = tuple[Scale, int]
"""A scale, and the place in it."""


def _scales() -> Mapping[str, Sequence[Step]]:
    found: dict[str, list[Step]] = {}
    for number, scale in enumerate(QUANTIFIERS):
        for word, step in scale.items():
            found.setdefault(word, []).append((("quantity", number), step))
    for name, table in (("contrary", CONTRARY), ("scale", SCALE)):
        for word, (of, step) in table.items():
            found.setdefault(word, []).append(((name, of), step))
    for word, (of, step) in CONTRARY.items():
        if of in ("trend", "raise") or word in _MORE_OR_LESS:
            found[word].append((("contrary", "direction"), step))
    for word, step in _PACE.items():
        found.setdefault(word, []).append((("contrary", "pace"), step))
    return found


_MORE_OR_LESS = frozenset(("more", "greater", "less", "fewer", "mehr", "weniger"))
"""What rose is up, and is more: one direction, by words of several scales."""
_PACE = {"slower": 1, "longer": 1, "langsamer": 1, "länger": 1,
         "faster": -1, "quicker": -1, "shorter": -1, "schneller": -1, "kürzer": -1}  # fmt: skip
"""What takes longer is slower."""

_SCALES = _scales()
_BY_MEANING = {
    meaning(word): steps for word, steps in _SCALES.items() if steps[0][0][0] == "contrary"
}


@lru_cache(maxsize=20_000)
def _steps_of(word: str) -> Sequence[Step]:
    """The steps of scales that a word is, or a synonym of it."""
    known = _SCALES.get(word) or _SCALES.get(INFLECTED.get(word, ""))
    return known or (() if empty(word) else _BY_MEANING.get(meaning(word), ()))


_NUMBERS = frozenset(map(meaning, NUMBER_WORDS))
_MOST = 0.8  # of the pin's samples, of which another may say it by a word that is not known
_DENIED_LESS = 0.8  # sentences a sample
_MOST_SENTENCES = 8  # of a sample


class _Used(NamedTuple):
    """What a sentence or a text uses of the closed classes."""

    steps: frozenset[Step]
    limits: bool
    """Whether it excludes all else ("only")."""
    denials: int
    """How many words deny something."""


class Qualifiers:
    """How much of what they say the samples of either side mean.

    Both sides nearly always use the same, so that sentences are looked for only where they don't.
    """

    def __init__(self, pins: Sequence[SampleText], candidates: Sequence[SampleText]) -> None:
        self.pins = pins
        self.candidates = candidates
        self._sides = (pins, candidates)
        self._usual = [_used(pin) for pin in pins]
        self._now = [_used(each) for each in candidates]
        still = _any([each.steps for each in self._now])
        held = Counter(step for each in self._usual for step in each.steps - still)
        gone = [step for step, count in held.items() if count >= _MOST * len(pins)]
        self._gone = sorted(gone, key=lambda each: (str(each[0]), each[1]))
        """Steps that all of the pin's samples use, or four in five, and none of the candidate's."""

    def breaks(self, candidate: SampleText, where: str) -> Iterator[Break]:
        """What one sample of the candidate's says of more, of fewer, or of the opposite."""
        usual, mine = self.pins[0], _used(candidate).steps
        for step in self._left:
            if new := self._new(mine, step[0]):
                before, after = _using(usual, {step}), _using(candidate, new)
                yield Break(("scale", step[0]), drift_of("content", where, before, after))
        if self._limit_gone:
            before = next(each.text for each in usual.parts if _used_by(each.template).limits)
            if not figures_held(before, candidate):
                yield Break(("no longer only",), drift_of("content", where, before, None))
        if self._denies_otherwise:
            was, now = ("".join(_denying(each)[:1]) or None for each in (usual, candidate))
            yield Break(("denies otherwise",), drift_of("negation", where, was, now, "review"))
        for word in self._turned[:1]:
            if candidate.denies_word(word) is not None:
                yield Break(
                    ("denied", word),
                    drift_of("negation", where, _sentence(self.pins, word),
                             _sentence([candidate], word), "review"),
                )  # fmt: skip

    @once
    def _left(self) -> Sequence[Step]:
        """Steps that are gone where at least half of the candidate's samples use a step of the same
        scale that none of the pin's uses.
        """
        return [
            step
            for step in self._gone
            if 2 * sum(bool(self._new(each.steps, step[0])) for each in self._now) >= len(self._now)
        ]

    @once
    def _known(self) -> frozenset[Step]:
        return frozenset().union(*(each.steps for each in self._usual))

    def _new(self, steps: frozenset[Step], scale: Scale) -> frozenset[Step]:
        """The steps of a scale that none of the pin's samples uses."""
        return _of(scale, steps - self._known)

    @once
    def _limit_gone(self) -> bool:
        """Whether all of the pin's samples exclude all else, and none of the candidate's does.

        "Only with a receipt" is also said by "not without a receipt".
        """
        if not all(each.limits for each in self._usual) or any(each.limits for each in self._now):
            return False
        return max(each.denials for each in self._now) <= max(e.denials for e in self._usual)

    @once
    def _denies_otherwise(self) -> bool:
        """Whether the candidate's samples deny less than the pin's, or all of them more.

        A denial mostly stays one in other words. So two in three of the pin's samples have to deny
        once more, and none may deny less than one of the candidate's. The other way round it has to
        part all samples, of which none of the pin's says "only": that is to deny the rest. In long
        answers denials come and go.
        """
        if any(len(e.parts) > _MOST_SENTENCES for e in (*self.pins, *self.candidates)):
            return False
        mine, theirs = ([len(_denying(e)) for e in side] for side in (self.pins, self.candidates))
        if max(mine) < min(theirs):
            return not any(each.limits for each in self._usual)
        fewer = sum(mine) / len(mine) - sum(theirs) / len(theirs)
        return min(mine) >= max(theirs) and fewer >= _DENIED_LESS

    @once
    def _turned(self) -> Sequence[str]:
        """Words that most of the pin's samples deny and most of the candidate's don't, or the other
        way round; the samples of a side that have the word have to agree.
        """
        denied, now = (_any([each.denied for each in side]) for side in self._sides)
        sure: list[str] = []
        likely: list[str] = []
        for word in sorted((denied ^ now) - _NUMBERS):  # numbers are no one's to deny
            denying, other = self._sides if word in denied else reversed(self._sides)
            if any(word in each.affirmed for each in denying) or not any(
                word in each.affirmed for each in other
            ):
                continue
            mine, theirs = (
                sum(each.denies_word(word) is not None for each in side) for side in self._sides
            )
            if 2 * mine <= len(self.pins) or 2 * theirs <= len(self.candidates):
                continue
            everyone = mine + theirs == len(self.pins) + len(self.candidates)
            (sure if everyone else likely).append(word)
        # A word that some samples don't have may be denied of something else in the others.
        return sure or (likely if len(likely) > 1 else [])


def _any(sets: Sequence[frozenset[T]]) -> frozenset[T]:
    return frozenset().union(*sets)


def _of(scale: Scale, steps: Iterable[Step]) -> frozenset[Step]:
    return frozenset(step for step in steps if step[0] == scale)


def _using(text: SampleText, steps: Set[Step]) -> str:
    """The first sentence that uses one of the steps; empty where none does."""
    using = (each for each in text.parts if not _used_by(each.template).steps.isdisjoint(steps))
    return next((each.text for each in using), "")


@lru_cache(maxsize=4096)
def _used(text: SampleText) -> _Used:
    found = [used for part in text.parts if (used := _used_by(part.template)) is not _NOTHING]
    if not found:
        return _NOTHING
    steps, limits, denials = zip(*found, strict=True)
    return _Used(frozenset().union(*steps), any(limits), sum(denials))


def _denying(text: SampleText) -> Sequence[str]:
    """Its sentences that deny something."""
    return [each.text for each in text.parts if each.denies]


_CLOSED = frozenset((*NEGATORS, *LIMITING))
_NOTHING = _Used(frozenset(), limits=False, denials=0)


@lru_cache(maxsize=16384)
def _used_by(template: str) -> _Used:
    words, told = worded(template), words_of(template)
    if not any(map(_steps_of, told)) and _CLOSED.isdisjoint(words):
        return _NOTHING  # as of most sentences
    # "Not mandatory" is no step of what has to be done.
    steps = frozenset(
        step
        for before, word in pairwise(("", *told))
        if before not in NEGATORS
        for step in _steps_of(word)
    )
    denials = sum(map(NEGATORS.__contains__, words))
    return _Used(steps, not LIMITING.isdisjoint(words), denials)


def _sentence(samples: Iterable[SampleText], word: str) -> str:
    """The first sentence of any of the samples that has a word."""
    return next((each.text for said in samples for each in said.parts if word in each.words), "")
