"""How alike two texts look: a hint to read them, never a gate.

"$42" and "$420" look alike to 0.8 and true paraphrases to 0.3, so nothing is called wrong or right
by this number alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pytest_modelpin.drift.context import Embed


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
