"""Embeddings as a run report holds them: which text, and its direction in whole numbers.

Nearness is by angle, so a vector's length is left out, and 16 bits a coordinate are enough: they
move a cosine by less than 0.00002. What a provider sent stays in the recordings.
"""

from __future__ import annotations

import hashlib
import sys
from array import array
from base64 import b64decode, b64encode
from collections.abc import Sequence
from math import hypot, isfinite
from typing import NamedTuple

from pytest_modelpin.providers.embeddings import Embedded
from pytest_modelpin.wording import clipped

SCALE = 32_767
"""The length of every vector here; no coordinate is longer."""
_LONGEST_VECTOR = 1.1 * SCALE  # rounding makes some a little longer

MOST_TEXTS = 1_000
"""Of a logical model's texts in one run whose vectors are kept; of more, those with the lowest
keys, which are drawn by chance and the same in every run."""

_LONGEST = 120  # characters of a text that a finding shows


class Vector(NamedTuple):
    """One embedded text."""

    key: str
    """Of the text and what was said of it; equal texts have equal keys in every run."""
    says: str
    """The text's beginning."""
    packed: str
    """Its direction, as `unpacked` reads it; empty where there is none to compare."""


def vector_of(embedded: Embedded) -> Vector:
    """The text's key and its vector's direction."""
    told = f"{embedded.task}\n{embedded.text}".encode("utf-8", "replace")
    key = hashlib.sha256(told).hexdigest()[:16]
    says = clipped(" ".join(embedded.text.split()), _LONGEST)
    return Vector(key, says, packed(embedded.vector))


def packed(vector: Sequence[float]) -> str:
    """A vector's direction as text; empty where it has none."""
    length = hypot(*vector)
    if not length or not isfinite(length):
        return ""
    whole = array("h", [round(SCALE * (each / length)) for each in vector])
    if sys.byteorder == "big":
        whole.byteswap()
    return b64encode(whole.tobytes()).decode("ascii")


def unpacked(text: str) -> array[int]:
    """The direction's coordinates. Raises ValueError where the text is of another making."""
    whole = array("h")
    whole.frombytes(b64decode(text, validate=True))
    if sys.byteorder == "big":
        whole.byteswap()
    if hypot(*whole) > _LONGEST_VECTOR:
        raise ValueError("a vector is longer than any that is written here")
    return whole


def drawn(keys: Sequence[str]) -> frozenset[str]:
    """Whose vectors are kept: all, or MOST_TEXTS of them."""
    return frozenset(sorted(set(keys))[:MOST_TEXTS])
