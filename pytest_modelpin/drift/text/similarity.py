"""How alike two texts are, by their words or by an embedding."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from pytest_modelpin.drift.context import Embed
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


def similarity(before: str, after: str, embed: Embed | None = None, *, least: float = 0.0) -> float:
    """0 to 1. By rapidfuzz's normalised indel distance, or the cosine of `embed`'s vectors.

    What is less alike than `least` may count as 0, which is sooner known.
    """
    if before == after:
        return 1.0
    if embed is not None:
        one, other = embed([before, after])
        return cosine(one, other)
    from rapidfuzz import fuzz

    # Just below, lest rounding cuts off what is `least` itself.
    return float(fuzz.ratio(before, after, score_cutoff=least * 100 - 1e-6)) / 100


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Cosine of two vectors, clipped to 0 to 1; 0 where either has no length or a NaN."""
    a, b = [float(x) for x in one], [float(x) for x in other]
    lengths = math.sqrt(sum(x * x for x in a)) * math.sqrt(sum(x * x for x in b))
    if not lengths > 0:
        return 0.0
    return min(1.0, max(0.0, sum(x * y for x, y in zip(a, b, strict=True)) / lengths))
