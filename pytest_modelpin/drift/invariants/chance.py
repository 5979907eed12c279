"""Whether the samples of a case, divided at random, show as much as the two sides do.

In a long answer some word, figure or heading of the pin's few samples is always missing from the
candidate's few, whichever samples are whose. So where something was found, the samples are divided
otherwise, each side as mixed as can be: a change of the candidate's is then on both sides, and
shows hardly ever; what the wording alone makes shows as often as before, and is noise.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import combinations
from math import comb

from pytest_modelpin.drift.drift import Drift, DriftKind
from pytest_modelpin.drift.invariants.sample_text import read_text
from pytest_modelpin.drift.severity import RANK
from pytest_modelpin.providers.reply import JSON, Reply

Answers = Sequence[Reply | JSON]
Place = tuple[DriftKind, str]
"""A kind of drift, and where it is."""

_OF_PROSE: frozenset[DriftKind] = frozenset(
    ("content", "negation", "number", "order", "format", "length")
)
_LONG = 60  # different words that say anything; in shorter answers few part two sides by chance
_SHOWN = 0.1  # share of the other divisions that may show it as well
_MOST_DIVISIONS = 30
_FIRST = 8  # divisions; what none of them shows, hardly any of the others does
_FEWEST_DIVISIONS = 9  # three and two samples have as many; of fewer one by chance says too much


def noise(
    pins: Answers,
    candidates: Answers,
    drifts: Iterable[Drift],
    drifts_of: Callable[[Answers, Answers], Iterable[Drift]],
) -> frozenset[Place]:
    """What of the drifts of long answers other divisions of the samples show as often.

    `drifts_of` says what two sides show.
    """
    told: dict[Place, int] = {}
    for drift in drifts:
        if drift.severity != "info" and drift.kind in _OF_PROSE and not _is_certain(drift):
            place = (drift.kind, drift.where)
            told[place] = max(told.get(place, 0), RANK[drift.severity])
    if not told or not _are_long(pins, candidates):
        return frozenset()
    divisions = _divisions(len(pins), len(candidates))
    if len(divisions) < _FEWEST_DIVISIONS:
        return frozenset()
    everyone = (*pins, *candidates)
    enough = _SHOWN * len(divisions)
    shown: Counter[Place] = Counter()
    for number, mine in enumerate(divisions):
        if number == _FIRST and not shown:
            break
        chosen = frozenset(mine)
        found = drifts_of(
            [each for place, each in enumerate(everyone) if place not in chosen],
            [everyone[place] for place in mine],
        )
        shown.update(
            {
                (drift.kind, drift.where)
                for drift in found
                if RANK[drift.severity] >= told.get((drift.kind, drift.where), len(RANK))
            }
        )
        if all(shown[place] > enough for place in told):
            break
    return frozenset(place for place in told if shown[place] > enough)


def _is_certain(drift: Drift) -> bool:
    """Whether a figure of all of the pin's samples is another one in all of the candidate's."""
    return drift.kind == "number" and len({*drift.samples}) == 1


def _are_long(pins: Answers, candidates: Answers) -> bool:
    """Whether at least half of the samples are texts of many words."""
    texts = [each.text if isinstance(each, Reply) else each for each in (*pins, *candidates)]
    long = [
        isinstance(text, str) and len(text) > 4 * _LONG and len(read_text(text).words) >= _LONG
        for text in texts
    ]
    return 2 * sum(long) >= len(long)


@lru_cache(maxsize=64)
def _divisions(pins: int, candidates: int) -> Sequence[tuple[int, ...]]:
    """Which samples are the candidate's in other divisions, of which each side has of either as
    many as it can; the same ones every time, in an order drawn by chance.
    """
    everyone = pins + candidates
    own = max(round(candidates * candidates / everyone), 1) if candidates > 1 else 0
    if own > candidates or candidates - own > pins:
        return ()
    draw = random.Random(everyone)  # noqa: S311 - a draw that anyone may foresee
    if comb(candidates, own) * comb(pins, candidates - own) <= _MOST_DIVISIONS:
        every = [
            (*taken, *kept)
            for kept in combinations(range(pins, everyone), own)
            for taken in combinations(range(pins), candidates - own)
        ]
        return draw.sample(every, len(every))
    drawn: dict[tuple[int, ...], None] = {}
    while len(drawn) < _MOST_DIVISIONS:
        kept = sorted(draw.sample(range(pins, everyone), own))
        taken = sorted(draw.sample(range(pins), candidates - own))
        drawn[(*taken, *kept)] = None
    return tuple(drawn)
