"""Words of closed classes by the scale they are a step of: all, some; must, may; before, after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from pytest_modelpin.drift.lexicon.opposites import CONTRARY, QUANTIFIERS, SCALE
from pytest_modelpin.drift.text.tokens import empty, meaning

Scale = tuple[str, object]
"""Which table a scale is of, and which of its scales."""


def _scales() -> Mapping[str, Sequence[tuple[Scale, int]]]:
    found: dict[str, list[tuple[Scale, int]]] = {}
    for number, scale in enumerate(QUANTIFIERS):
        for word, step in scale.items():
            found.setdefault(word, []).append((("quantity", number), step))
    for name, table in (("contrary", CONTRARY), ("scale", SCALE)):
        for word, (of, step) in table.items():
            found.setdefault(word, []).append(((name, of), step))
    return found


_SCALES = _scales()
_BY_MEANING = {
    meaning(word): steps for word, steps in _SCALES.items() if steps[0][0][0] == "contrary"
}


@lru_cache(maxsize=20_000)
def steps_of(word: str) -> Sequence[tuple[Scale, int]]:
    """The steps of scales that a word is, or a synonym of it."""
    return _SCALES.get(word) or (() if empty(word) else _BY_MEANING.get(meaning(word), ()))
