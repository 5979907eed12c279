"""How much of a sentence is still there, word for word."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from pytest_modelpin.drift.text.quantities import masked
from pytest_modelpin.drift.text.tokens import worded

_MOST_WORDS = 400  # of a sentence that is read word by word


@lru_cache(maxsize=8192)
def likeness(before: str, after: str) -> float:
    """0 to 1: the share of words that stay, in their order; figures count as one word.

    Rapidfuzz's normalised indel similarity of the words.
    """
    one, other = worded(masked(before))[:_MOST_WORDS], worded(masked(after))[:_MOST_WORDS]
    return likeness_of_words(one, other)


def likeness_of_words(one: Sequence[str], other: Sequence[str]) -> float:
    """The same of words that are already split."""
    from rapidfuzz.distance import Indel

    return float(Indel.normalized_similarity(one, other)) if one or other else 1.0
