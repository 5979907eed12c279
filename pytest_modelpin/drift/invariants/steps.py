"""Steps that the samples of either side tell in another order: first the valve, then the pump.

Only sentences with a word that says so ("then", "before") tell steps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations

from pytest_modelpin.drift.drift import Break
from pytest_modelpin.drift.invariants.sample_text import SampleText
from pytest_modelpin.drift.once import once
from pytest_modelpin.drift.severity import drift_of
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
        places = [_places(each) for each in samples]
        common = sorted(set(places[0]).intersection(*places[1:]))[:_MOST_WORDS]
        found = []
        for pair in combinations(common, 2):
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
