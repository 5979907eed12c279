"""Ties within what samples state: cause to effect, exception to rule, one step to the next.

Beside one sample a tie may be turned by chance of wording. So it counts where it is turned beside
at least half of the pin's samples, and is turned between no two of these. Only sentences
with a word that says so ("then", "before") tell steps.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from functools import lru_cache
from itertools import combinations

from pytest_modelpin.drift.drift import Break, drift_of
from pytest_modelpin.drift.invariants.sample_text import SampleText
from pytest_modelpin.drift.once import once
from pytest_modelpin.drift.text.roles import (
    actions,
    cause_turned,
    causes,
    parties_turned,
    way_turned,
    ways,
)
from pytest_modelpin.drift.text.scopes import (
    base_changed,
    counted_by,
    excepted,
    exception_turned,
)
from pytest_modelpin.drift.text.sentences import Sentence
from pytest_modelpin.drift.text.ties import TIES, Between, anchor_changed, anchors
from pytest_modelpin.drift.text.tokens import empty, meaning, worded

_CUE = re.compile(
    r"\b(?:first|then|next|(?:before|after)(?! \d)|afterwards|finally|last|lastly|at the end|begin"
    r"|start|in that order|zuerst|zunächst|dann|danach|bevor|nachdem|schließlich|zuletzt"
    r"|d'abord|ensuite|puis|avant|après|enfin|primero|luego|después|antes|finalmente)\b",
    re.IGNORECASE,
)
_CUE_WORDS = frozenset(
    """first then next before after afterwards finally last lastly end begin start order zuerst
    zunächst dann danach bevor nachdem schließlich zuletzt abord ensuite puis avant après enfin
    primero luego después antes finalmente""".split()  # noqa: SIM905
)
_OPENING = 30  # characters at a sentence's start in which a cue ties it to the sentence before
_BEFORE_FIRST = re.compile(
    r"^(?:before|bevor|avant (?:de|d'|que)|antes de)\b\s*(?P<later>[^,]+),\s*(?P<sooner>.+)$",
    re.IGNORECASE,
)
_AFTER_LAST = re.compile(
    r"^(?P<later>.+?)\b(?:only after|after|nachdem|après|después de)\s"
    r"(?!that\b|this\b|which\b)(?P<sooner>.+)$",
    re.IGNORECASE,
)
_SOONER_OR_LATER = frozenset(
    "before after bevor nachdem avant après antes después".split()  # noqa: SIM905
)
"""Words of which every match of the two has one: to look for them is far cheaper."""
_MOST_WORDS = 60  # that every sample has, of which any two may have changed places


class Steps:
    """What comes before what, in the samples of either side."""

    def __init__(self, pins: Sequence[SampleText], candidates: Sequence[SampleText]) -> None:
        self.pins = pins
        self.candidates = candidates

    def breaks(self, candidate: SampleText, where: str) -> Iterator[Break]:
        """Two things of which all of the pin's samples have one sooner, the candidate's other."""
        for one, other in self._reversed[:1]:
            yield Break(
                ("sooner", one, other),
                drift_of("order", where, _telling(self.pins[0], one), _telling(candidate, other),
                         "review"),
            )  # fmt: skip

    @once
    def _reversed(self) -> Sequence[tuple[str, str]]:
        samples = (*self.pins, *self.candidates)
        if not all(map(_has_cue, samples)):
            return ()  # most samples tell no steps, and then none of them need be read
        places = [_places(samples[0])]
        common = set(places[0])
        for each in samples[1:]:
            places.append(_places(each))
            common &= places[-1].keys()
            if len(common) < 2:
                return ()  # as soon as no two are left, the others need not be read
        found = []
        for pair in combinations(sorted(common)[:_MOST_WORDS], 2):
            if not all(each[pair[0]][0] == each[pair[1]][0] for each in places):
                continue  # not of one chain of steps
            sooner = [each[pair[0]] < each[pair[1]] for each in places]
            mine, theirs = set(sooner[: len(self.pins)]), set(sooner[len(self.pins) :])
            if len(mine) == len(theirs) == 1 and mine != theirs:
                found.append(pair if True in mine else pair[::-1])
        return found


@lru_cache(maxsize=4096)
def _places(text: SampleText) -> Mapping[str, tuple[int, int]]:
    """Where each word stands that the text has once: in which chain of steps, and where in it.

    Sentences without a cue are no steps; a cue at a sentence's start ties it to the one before.
    """
    found: dict[str, tuple[int, int]] = {}
    several: set[str] = set()
    at = chain = 0
    cues = [_cue(part.text) for part in text.parts]
    if all(cue is None for cue in cues):
        return {}
    for number, part in enumerate(text.parts):
        cue = cues[number]
        following = cues[number + 1] if number + 1 < len(cues) else None
        if cue is None or cue > _OPENING:
            chain += 1
        if cue is None and (following is None or following > _OPENING):
            continue
        for key in _keys(part.text):
            at += 1
            if key in found:
                several.add(key)
            found[key] = (chain, at)
    return {word: place for word, place in found.items() if word not in several}


@lru_cache(maxsize=4096)
def _has_cue(text: SampleText) -> bool:
    return any(_cue(part.text) is not None for part in text.parts)


@lru_cache(maxsize=16384)
def _cue(sentence: str) -> int | None:
    """Where a sentence's first cue stands; None where it has none."""
    if _CUE_WORDS.isdisjoint(worded(sentence)):
        return None  # to look for a word of a cue is far cheaper than for the cue
    match = _CUE.search(sentence)
    return None if match is None else match.start()


@lru_cache(maxsize=16384)
def _keys(sentence: str) -> Sequence[str]:
    """The meanings of its words that say anything, in the order of what they tell."""
    words = worded(sentence)
    if not _SOONER_OR_LATER.isdisjoint(words):
        words = worded(_in_order(sentence))
    return tuple([meaning(word) for word in words if not (empty(word) or word[0].isdigit())])


def _in_order(sentence: str) -> str:
    """The sentence with what is done sooner put first."""
    match = _BEFORE_FIRST.match(sentence) or _AFTER_LAST.match(sentence)
    return sentence if match is None else f"{match['sooner']} {match['later']}"


def _telling(text: SampleText, word: str) -> str:
    return next((each.text for each in text.statements if word in each.words), text.text)


_HELD: Mapping[Between, Callable[[str], Sized]] = {
    cause_turned: causes, way_turned: ways, parties_turned: actions, exception_turned: excepted,
    base_changed: counted_by, anchor_changed: anchors,
}  # fmt: skip
"""Those of which no other invariant of a case says anything, with what a sentence says of each."""

_FIRST = 2  # samples of the pin that are looked at first: what shows beside neither shows nowhere
_FEWEST = 2  # samples of the pin beside which it has to show
_MOST_SENTENCES = 12  # of a sample; in a longer one words of any tie meet by chance


class Ties:
    """What the pin's samples tie together, and a sample of the candidate's the other way round."""

    def __init__(self, pins: Sequence[SampleText]) -> None:
        self._pins = [pin for pin in pins if len(pin.parts) <= _MOST_SENTENCES]

    def breaks(self, candidate: SampleText, where: str) -> Iterable[Break]:
        """At most one break of each tie."""
        if len(self._pins) < _FEWEST or len(candidate.parts) > _MOST_SENTENCES:
            return
        tied = _tied(candidate)
        for between in _HELD:
            if between not in tied and not (between is exception_turned and self._except):
                continue  # most texts tie nothing, and then no other is looked at
            if (found := self._turned(between, candidate)) is not None:
                one, other = found
                drift = drift_of(TIES[between], where, one.text, other.text, "review")
                yield Break(("tie", between.__name__), drift)

    def _turned(self, between: Between, candidate: SampleText) -> tuple[Sentence, Sentence] | None:
        """The tie as it shows beside one of the first samples and half of all; None in noise."""
        first = (_turned(between, pin, candidate) for pin in self._pins[:_FIRST])
        found = next(filter(None, first), None)
        if found is None:
            return None
        shown = sum(_turned(between, pin, candidate) is not None for pin in self._pins)
        if shown < _FEWEST or 2 * shown < len(self._pins) or between in self._own:
            return None
        return found

    @once
    def _except(self) -> bool:
        """Whether any of the pin's samples makes an exception."""
        return any(exception_turned in _tied(pin) for pin in self._pins)

    @once
    def _own(self) -> frozenset[Between]:
        """Ties that are turned between samples of the pin's own: a matter of wording here."""
        return frozenset(
            between
            for between in _HELD
            if any(
                _turned(between, one, other) is not None
                for one in self._pins
                for other in self._pins
                if one is not other
            )
        )


def _turned(
    between: Between, one: SampleText, other: SampleText
) -> tuple[Sentence, Sentence] | None:
    """What `between` finds, which is asked only of texts that may have such a tie.

    Nothing is turned that one of two texts doesn't tie, but an exception, which it may include.
    Most texts tie nothing: asking all six of any two was a tenth of all time.
    """
    tied, tied_after = between in _tied(one), between in _tied(other)
    if (tied and tied_after) or (between is exception_turned and (tied or tied_after)):
        return between(one.parts, other.parts)
    return None


@lru_cache(maxsize=4096)
def _tied(text: SampleText) -> frozenset[Between]:
    """The ties of which a text says something."""
    return frozenset().union(*(_tied_by(part.text) for part in text.parts))


@lru_cache(maxsize=16384)
def _tied_by(sentence: str) -> frozenset[Between]:
    return frozenset(between for between, said in _HELD.items() if said(sentence))
