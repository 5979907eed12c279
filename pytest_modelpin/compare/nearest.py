"""How near the texts of a suite are to each other, by their vectors' angles; in plain integers.

All of a text's angles are found in one go: the vectors' coordinates of one axis stand side by side
in one long integer, 32 bits each, so that Python multiplies and adds them as fast as it does any
long number. It is exact, and the same on every machine.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator, Sequence
from heapq import nlargest
from typing import NamedTuple

from pytest_modelpin.results.case import VECTOR_LENGTH

_BITS = 32
_BIAS = 1 << (_BITS - 1)
"""Added to each sum, which is at most VECTOR_LENGTH² either way, so that none is negative."""

TIE = round(0.00005 * VECTOR_LENGTH * VECTOR_LENGTH)
"""What two nearnesses differ in at least; less is rounding, of the provider's or ours."""


class Kept(NamedTuple):
    """What became of one text's neighbours."""

    share: float
    lost: tuple[int, ...]
    """Neighbours that are none any more, the nearest first, as places among the texts."""
    new: tuple[int, ...]
    """Those that stand in their place."""


def nearness(vectors: Sequence[Sequence[int]]) -> Iterator[Sequence[int]]:
    """For each vector how near all of them are to it; they must have one length."""
    count = len(vectors)
    ones = int.from_bytes(array("I", [1] * count).tobytes(), sys.byteorder)
    axes = []
    for coordinates in zip(*vectors, strict=True):
        beside = array("I", [each + _BIAS for each in coordinates]).tobytes()
        axes.append(int.from_bytes(beside, sys.byteorder) - ones * _BIAS)
    size = count * _BITS // 8
    for vector in vectors:
        total = ones * _BIAS
        for coordinate, axis in zip(vector, axes, strict=True):
            if coordinate:
                total += coordinate * axis
        row = array("I")
        row.frombytes(total.to_bytes(size, sys.byteorder))
        yield row


def nearest(row: Sequence[int], of: int, k: int) -> list[int]:
    """The places of the `k` nearest to the text at the place `of`, itself left out."""
    found = nlargest(k + 1, range(len(row)), key=row.__getitem__)
    return [place for place in found if place != of][:k]


def kept(before: Sequence[int], after: Sequence[int], of: int, k: int) -> Kept:
    """Which of a text's `k` nearest before are so after, given all texts' nearness to it.

    One that only a tie keeps out still counts.
    """
    old, now = nearest(before, of, k), nearest(after, of, k)
    edge = min((after[place] for place in now), default=0) - TIE
    lost = tuple(place for place in old if after[place] < edge)
    new = tuple(place for place in now if place not in set(old))[: len(lost)]
    return Kept(1 - len(lost) / k, lost, new)
