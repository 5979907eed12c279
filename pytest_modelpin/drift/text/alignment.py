"""Which sentence of one text became which of another."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from pytest_modelpin.drift.text.sentences import Sentence

MOST_PAIRS = 40_000
"""Pairs that are scored at most: beyond 200 × 200 only neighbours by position are."""


class Alignment(NamedTuple):
    """Which sentence became which; indexes into the two texts' sentences."""

    equal: tuple[tuple[int, int], ...]
    changed: tuple[tuple[int, int], ...]
    gone: tuple[int, ...]
    new: tuple[int, ...]


def align(before: Sequence[Sentence], after: Sequence[Sentence]) -> Alignment:
    """Pair equal sentences first, then the most alike, then what is left between equal neighbours.

    Two sentences are alike where they speak of the same things: Dice's coefficient of their
    content words and masked figures, with a small bonus for a like position.
    """
    places: dict[str, list[int]] = {}
    for j in range(len(after) - 1, -1, -1):
        places.setdefault(after[j].key, []).append(j)
    equal: list[tuple[int, int]] = []
    gone: list[int] = []
    for i, sentence in enumerate(before):
        same = places.get(sentence.key)
        if same:
            equal.append((i, same.pop()))
        else:
            gone.append(i)
    taken = {j for _, j in equal}
    new = [j for j in range(len(after)) if j not in taken]
    changed = _pair_alike(before, after, gone, new)
    paired_before, paired_after = {i for i, _ in changed}, {j for _, j in changed}
    gone = [i for i in gone if i not in paired_before]
    new = [j for j in new if j not in paired_after]
    if len(gone) == len(new) == 1 and len(before) == len(after):
        changed.append((gone.pop(), new.pop()))
    return Alignment(tuple(equal), tuple(sorted(changed)), tuple(gone), tuple(new))


_NOTHING = frozenset([""])
"""What sentences without any telling word have in common."""


def _pair_alike(
    before: Sequence[Sentence], after: Sequence[Sentence], gone: Sequence[int], new: Sequence[int]
) -> list[tuple[int, int]]:
    told_before = [before[i].topic for i in gone]
    told_after = [after[j].topic for j in new]
    window = len(new)
    if len(gone) * len(new) > MOST_PAIRS:
        window = max(1, MOST_PAIRS // (2 * max(len(gone), 1)))
    tellers: dict[str, list[int]] = {}
    for b, theirs in enumerate(told_after):
        for word in theirs or _NOTHING:
            tellers.setdefault(word, []).append(b)
    sizes = [len(theirs) for theirs in told_after]
    scored: list[tuple[float, int, int]] = []
    for a, mine in enumerate(told_before):
        centre = a * len(new) // max(len(gone), 1)
        told: list[Sequence[int]] = [tellers[word] for word in mine or _NOTHING if word in tellers]
        if window < len(new):
            told = [_near(places, centre, window) for places in told]
        for b, shared in Counter(chain.from_iterable(told)).items():
            dice = 2 * shared / (len(mine) + sizes[b]) if mine else 0.5
            if dice > 0.18 and -window <= b - centre <= window:
                near = 1 - abs(a / len(gone) - b / len(new))
                scored.append((-dice - 0.1 * near, gone[a], new[b]))
    scored.sort()
    pairs: list[tuple[int, int]] = []
    left, right = set(gone), set(new)
    for _, i, j in scored:
        if i in left and j in right:
            pairs.append((i, j))
            left.discard(i)
            right.discard(j)
    return pairs


def _near(places: Sequence[int], centre: int, window: int) -> Sequence[int]:
    """Those of ascending places that are no farther from a centre than the window is wide."""
    if len(places) <= window:
        return places
    return places[bisect_left(places, centre - window) : bisect_right(places, centre + window)]
