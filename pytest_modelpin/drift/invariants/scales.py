"""Words of closed classes by the scale they are a step of: all, some; must, may; before, after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from pytest_modelpin.drift.lexicon.opposites import CONTRARY, QUANTIFIERS, SCALE
from pytest_modelpin.drift.text.tokens import empty, meaning

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
def steps_of(word: str) -> Sequence[Step]:
    """The steps of scales that a word is, or a synonym of it."""
    return _SCALES.get(word) or (() if empty(word) else _BY_MEANING.get(meaning(word), ()))
