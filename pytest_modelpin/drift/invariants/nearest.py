"""What a text of the candidate's shows beside the likest of the pin's: of a program, and of prose
that is an edited copy of it, where the few words that changed say what did.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from math import comb

from pytest_modelpin.drift.detection import detected
from pytest_modelpin.drift.drift import Break, Context, Drift, DriftKind
from pytest_modelpin.drift.invariants.sample_text import SampleText
from pytest_modelpin.drift.pair import Pair
from pytest_modelpin.drift.text.similarity import likeness_of_words

_EDITED = 0.8
"""Share of the words from which a text is an edited copy of another. By answers of real models,
divided at random: at .8 nothing more is flagged, at .7 two of a hundred divisions are."""
_OF_PROSE: frozenset[DriftKind] = frozenset(("number", "negation", "content", "order", "fence"))
"""Kinds that two texts alone can tell; of layout and length the other samples are asked."""
_MOST_WORDS = 400  # of a program, of which the likest is sought


class Nearest:
    """The pin's texts at one place, each once."""

    def __init__(self, distinct: Sequence[SampleText], context: Context) -> None:
        self._distinct = distinct
        self._context = context

    def of_code(self, other: SampleText) -> list[Drift]:
        """What tells a program from the pin's likest; `info` in what the pin's own differ."""
        first, *rest = self._distinct
        noise = {drift.kind for pin in rest for drift in _between(first, pin, self._context)}
        words = other.text.split()[:_MOST_WORDS]
        likest = max(
            self._distinct,
            key=lambda pin: likeness_of_words(pin.text.split()[:_MOST_WORDS], words),
        )
        return [
            replace(drift, severity="info") if drift.kind in noise else drift
            for drift in _between(likest, other, self._context)
        ]

    def of_prose(self, other: SampleText, *, edited: bool) -> list[Drift]:
        """What is above `info` beside the likest text, in no kind in which the pin's own differ.

        Where `edited`, only if that text is nearly the same.
        """
        likest = likest_of(self._distinct, other, _EDITED if edited else 0.0)
        if likest is None or other.is_code:
            return []
        return [
            drift
            for drift in _between(likest, other, self._context, _OF_PROSE)
            if drift.severity != "info"
            and drift.kind in _OF_PROSE
            and not self._is_noise(drift.kind)
        ]

    def _is_noise(self, kind: DriftKind) -> bool:
        """Whether any of the pin's texts differs in this kind from the likest of the others."""
        for one in self._distinct if len(self._distinct) > 1 else ():
            others = [pin for pin in self._distinct if pin is not one]
            likest = likest_of(others, one)
            told = _between(likest, one, self._context, _OF_PROSE) if likest else ()
            if any(drift.kind == kind and drift.severity != "info" for drift in told):
                return True
        return False


@lru_cache(maxsize=256)  # of a case whose samples are divided otherwise, the same pairs come again
def _between(
    one: SampleText, other: SampleText, context: Context, kinds: frozenset[DriftKind] | None = None
) -> Sequence[Drift]:
    if one.text == other.text:
        return ()
    return detected(Pair(one.text, other.text, context), context, kinds)


def likest_of(
    texts: Iterable[SampleText], other: SampleText, least: float = 0.0
) -> SampleText | None:
    """The first text that shares most words with the other; None where none shares `least`, which
    is 0 to 1: a share of the different words of both.
    """
    best, most = None, least
    for text in texts:
        shared = _shared(text, other)
        if shared > most or (best is None and shared == most):
            best, most = text, shared
    return best


@lru_cache(maxsize=1024)  # the same pairs again, as above
def _shared(one: SampleText, other: SampleText) -> float:
    mine, theirs = one.said, other.said
    shared = len(mine) - len(mine - theirs)  # as texts share most words, this puts fewer together
    return 2 * shared / max(len(mine) + len(theirs), 1)


_TELLING = frozenset(("figure", "special", "name lost", "lost", "no longer only", "changed places"))
"""Keys of breaks that hardly any rewording of a short text shows: by cases of six facts, in 0 to 11
of a hundred that were only reworded, and in up to 78 of those that lost a fact."""
_SHORT = 8  # sentences


_FEWEST_WAYS = 10
"""Ways of dividing the texts as they are divided, from which a single word tells anything."""
_ENOUGH = 3  # texts of the pin's that show what may vary, however few the candidate's are


def say_too_little(pins: Sequence[SampleText], candidates: Sequence[SampleText]) -> bool:
    """Whether the different texts of both sides are so few, in prose, that nobody has seen what may
    vary: a word that a rewording leaves out parts them by chance.
    """
    ways = comb(len(pins) + len(candidates), len(pins))
    few = ways < _FEWEST_WAYS and len(pins) < _ENOUGH
    return few and not any(each.is_label or each.is_code for each in (*pins, *candidates))


def rests_on_words(found: Break, texts: Iterable[SampleText]) -> bool:
    """Whether a finding rests on words that stand on one side only, which may be a rewording's."""
    if found.drift.kind not in ("content", "negation") or found.drift.severity == "regression":
        return False
    of_scale = found.key[0] == "scale" and found.key[1][0] != "contrary"  # type: ignore[index]
    if of_scale:
        return False
    return found.key[0] not in _TELLING or max(len(each.parts) for each in texts) > _SHORT
