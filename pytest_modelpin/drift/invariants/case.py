"""All samples of a case: which invariants the candidate breaks, in how many of its samples, and
whether the samples divided otherwise would show as much.

In a long answer some word, figure or heading of the pin's few samples is always missing from the
candidate's few, whichever samples are whose. So where something was found, the samples are divided
otherwise, each side as mixed as can be: a change of the candidate's is then on both sides, and
shows hardly ever; what the wording alone makes shows as often as before, and is noise.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import combinations
from math import comb
from typing import NamedTuple

from pytest_modelpin.drift.drift import (
    RANK,
    Break,
    Context,
    Detector,
    Drift,
    DriftKind,
    drift_of,
    settled,
)
from pytest_modelpin.drift.invariants.answers import answer_breaks
from pytest_modelpin.drift.invariants.sample_text import read_text
from pytest_modelpin.drift.pair import Pair
from pytest_modelpin.drift.text.negation import contradicts
from pytest_modelpin.drift.values import excerpt
from pytest_modelpin.providers.wire import JSON, Reply

Answers = Sequence[Reply | JSON]
Place = tuple[DriftKind, str]
"""A kind of drift, and where it is."""

_MOST_FINDINGS = 100
_LONGEST = 2000  # characters of a text that a finding shows


class CaseDrifts(NamedTuple):
    """What a case's samples show."""

    drifts: tuple[Drift, ...]
    """Every invariant that a sample breaks, with how many do. What fewer than half of them break is
    `info`."""
    failing: tuple[int, ...] = ()
    """The samples, by index, that break an invariant at `regression`, whatever the others do."""


def compare_samples(
    pin_answers: Sequence[Reply | JSON], candidate_answers: Sequence[Reply | JSON], context: Context
) -> CaseDrifts:
    """The candidate's samples against what all samples of the pin share."""
    if not pin_answers or not candidate_answers:
        return CaseDrifts(())
    known = {_key(pin) for pin in pin_answers}
    new = [place for place, each in enumerate(candidate_answers) if _key(each) not in known]
    if not new:
        return CaseDrifts(())
    without_own = replace(context, own_detectors=()) if context.own_detectors else context
    try:
        # All of them, since a word that some sample of the candidate still has is not gone.
        found = answer_breaks(pin_answers, candidate_answers, without_own)
        for place in new if context.own_detectors else ():
            found[place] += _own_breaks(pin_answers, candidate_answers[place], context)
    except RecursionError:  # a value nested deeper than Python prints or hashes
        deep = Break(("deep",), drift_of("content", "", None, "too deeply nested to compare"))
        found = [[deep] if place in new else [] for place in range(len(candidate_answers))]
    told = [found[n] if n in new else [] for n in range(len(found))]
    counted = _counted(told, context)

    def divided(mine: Sequence[Reply | JSON], theirs: Sequence[Reply | JSON]) -> Sequence[Drift]:
        return _counted(answer_breaks(mine, theirs, without_own), context).drifts

    by_chance = noise(pin_answers, candidate_answers, counted.drifts, divided)
    return _counted([_lowered(each, by_chance) for each in told], context) if by_chance else counted


def _lowered(breaks: Sequence[Break], places: Collection[Place]) -> list[Break]:
    """The breaks, of which those of some kinds and places are findings and no more."""
    return [
        Break(each.key, replace(each.drift, severity="info"))
        if (each.drift.kind, each.drift.where) in places and each.key[0] != "own"
        else each
        for each in breaks
    ]


def _own_breaks(
    pins: Sequence[Reply | JSON], candidate: Reply | JSON, context: Context
) -> list[Break]:
    """What detectors of one's own find beside every sample of the pin's, the nearest included.

    Kinds that a sample of the pin's shows beside all of its others are noise.
    """
    usual = list({_key(pin): pin for pin in pins}.values())
    breaks = []
    for place, detector in enumerate(context.own_detectors):
        found = _beside_all(detector, usual, candidate, context)
        if not found:
            continue
        noise: set[str] = set()
        for number, pin in enumerate(usual if len(usual) > 1 else ()):
            others = [*usual[:number], *usual[number + 1 :]]
            noise.update(each.kind for each in _beside_all(detector, others, pin, context))
        for drift in found:
            told = replace(drift, severity="info") if drift.kind in noise else drift
            breaks.append(Break(("own", place, drift.kind, drift.where), told))
    return breaks


def _beside_all(
    detector: Detector, pins: Sequence[Reply | JSON], answer: Reply | JSON, context: Context
) -> list[Drift]:
    """What a detector finds beside the first of the pin's samples, and in kind beside all."""
    first: list[Drift] = []
    for number, pin in enumerate(pins):
        found = list(detector.detect(Pair(pin, answer, context), context))
        if number == 0:
            first = found
        kinds = {drift.kind for drift in found}
        first = [drift for drift in first if drift.kind in kinds]
        if not first:
            break  # a model may be asked: no more often than it has to be
    return first


def _counted(found: Sequence[Sequence[Break]], context: Context) -> CaseDrifts:
    first: dict[tuple[object, ...], Drift] = {}
    samples: dict[tuple[object, ...], set[int]] = {}
    failing: list[int] = []
    for place, breaks in enumerate(found):
        for each in breaks:
            drift = settled(each.drift, context)
            if RANK[drift.severity] > RANK.get(getattr(first.get(each.key), "severity", ""), -1):
                first[each.key] = drift
            samples.setdefault(each.key, set()).add(place)
            if drift.severity == "regression" and failing[-1:] != [place]:
                failing.append(place)
    drifts = []
    for key, drift in first.items():
        count = len(samples[key])
        severity = drift.severity if 2 * count >= len(found) else "info"
        drifts.append(
            replace(
                drift,
                severity=severity,
                samples=(count, len(found)),
                before=_clipped(drift.before),
                after=_clipped(drift.after),
            )
        )
    return CaseDrifts(tuple(_merged(drifts)[:_MOST_FINDINGS]), tuple(failing))


def _merged(drifts: Sequence[Drift]) -> list[Drift]:
    """Without a finding that says of the same place and words what another says."""
    kept: dict[tuple[str, str, str], Drift] = {}
    for drift in drifts:
        key = (drift.kind, drift.where, str(drift.before)[:200])
        other = kept.get(key)
        if other is None or RANK[drift.severity] > RANK[other.severity]:
            kept[key] = drift
    return list(kept.values())


def _clipped(value: JSON) -> JSON:
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
    return excerpt(value)


def _key(value: Reply | JSON) -> object:
    """Equal for equal answers, whatever the order of an object's keys."""
    if isinstance(value, Reply):
        return (value.text, repr(value.tools), value.finish_reason, value.refusal, value.complete)
    if isinstance(value, str):
        return value
    try:
        return (type(value).__name__, json.dumps(value, sort_keys=True, default=repr))
    except (TypeError, ValueError, RecursionError):
        return repr(value)[:_LONGEST]


def contradiction(pin_answers: Sequence[Reply | JSON]) -> tuple[str, str] | None:
    """Two answers of the pin's own that contradict each other; None where none do: a yes and a no,
    or, where each answer is a label or a figure and no more, opposites or other figures.

    Nothing is invariant about such an answer, whatever else its samples share.
    """
    if len(pin_answers) < 2:
        return None
    given = [each.text if isinstance(each, Reply) else each for each in pin_answers]
    texts = list(dict.fromkeys(each for each in given if isinstance(each, str)))
    answers: dict[int, str] = {}
    for text in texts if len(texts) > 1 else ():
        if answer := read_text(text).answer:
            answers.setdefault(answer, text)
    if {1, -1} <= answers.keys():
        return answers[1], answers[-1]
    if len(texts) < 2 or not all(read_text(text).is_label for text in texts):
        return None
    return next((pair for pair in combinations(texts, 2) if _opposed(*pair)), None)


def _opposed(one: str, other: str) -> bool:
    """Whether two labels say the opposite, or are figures of which neither is the other."""
    before, after = read_text(one), read_text(other)
    if before.key == after.key:
        return False
    if before.words or after.words:
        return contradicts(one, other)
    return bool(before.figures and after.figures) and not all(map(after.gives, before.figures))


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
        left = len(divisions) - number - 1
        if all(shown[place] > enough or shown[place] + left <= enough for place in told):
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
