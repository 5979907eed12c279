"""What became of each text's neighbours: an embedding model's pin beside its candidate.

Vectors of two models can't be compared with each other. What a search makes of them can: which of
the suite's own texts are nearest to each. A text is held to what the pin's own samples keep.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from statistics import fmean
from typing import NamedTuple

from pytest_modelpin.compare.nearest import Kept, kept, nearness
from pytest_modelpin.drift.drift import RANK, Context, Drift, Severity, settled
from pytest_modelpin.results.case import MOST_TEXTS, Call, Case, Vector, drawn, unpacked
from pytest_modelpin.wording import clipped, counted

MOST_NEIGHBOURS = 10
"""Of a text, where the suite has texts enough; a search rarely gives more."""
SHARE_OF_TEXTS = 5
"""At most one text in so many is a neighbour: else chance alone would keep most of them."""
FEWEST_TEXTS = 10
"""With fewer, nothing is judged."""
FEWER_SAMPLES_ABOVE = 250
"""Texts; of more, one sample of each side is looked at, for the time it takes."""

REVIEW, REGRESSION = 0.8, 0.5
"""Shares of what the pin's own samples keep, below which a text's change is for review or a
regression: one result in five of a search is another, or most are."""

_MOST_FINDINGS = 20  # of one case; a page of them says no more than the first ones do
_MOST_NAMED = 5  # neighbours that a finding names
_LONGEST = 60  # characters of a text that a finding names

MOST_SAMPLES = 8
"""Of either side that are looked at; further ones say what the last of these says."""

Texts = Mapping[str, Vector]
"""By key."""


class Moved(NamedTuple):
    """What a candidate's sample made of one text's neighbours."""

    severity: Severity
    share: float
    lost: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What one logical model's texts show."""

    said: str
    """In one line."""
    share: float | None = None
    """Of their neighbours that the texts keep, on average; None where nothing can be judged."""
    moved: Sequence[Mapping[str, Moved]] = ()
    """For each of the candidate's samples, by key, the texts that keep less than with the pin."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Their beginnings, by key."""

    def about(self, case: Case, name: str) -> CaseNeighbours | None:
        """What of it is of one case: of the texts that the test embedded itself, or of those of
        its fixtures where it embedded none. None where nothing moved.
        """
        tried = case.tried
        found: dict[str, list[tuple[int, Moved]]] = {}
        for number, (place, sample) in enumerate(tried):
            moved = self.moved[min(number, len(self.moved) - 1)] if self.moved else {}
            own = _keys(sample.calls, name) or _keys(sample.shared, name)
            for key in own & moved.keys():
                found.setdefault(key, []).append((place, moved[key]))
        if not found:
            return None
        texts = tuple((self.texts.get(key, key), tuple(found[key])) for key in sorted(found))
        return CaseNeighbours(texts, len(tried))


@dataclass(frozen=True, slots=True)
class CaseNeighbours:
    """The texts of one case whose neighbours moved."""

    texts: tuple[tuple[str, tuple[tuple[int, Moved], ...]], ...]
    """Each with the samples, by their places, that show it, and what they show."""
    tried: int
    """How many samples there are."""

    def drifts(self, context: Context) -> tuple[tuple[Drift, ...], frozenset[int]]:
        """The findings as the case's context weighs them, the worst first, and the places of the
        samples that show a regression.
        """
        found: list[tuple[int, float, Drift]] = []
        failing: set[int] = set()
        for text, seen in self.texts:
            drift = settled(_drift(text, [each for _, each in seen], self.tried), context)
            if drift.severity == "regression":
                for place, each in seen:
                    alone = settled(replace(drift, severity=each.severity), context)
                    failing.update({place} if alone.severity == "regression" else ())
            least = min(each.share for _, each in seen)
            found.append((-RANK[drift.severity], least, drift))
        found.sort(key=lambda each: each[:2])
        return tuple(drift for *_, drift in found[:_MOST_FINDINGS]), frozenset(failing)


def _drift(text: str, seen: Sequence[Moved], tried: int) -> Drift:
    """As grave as at least half of the samples show it."""
    half = ceil(tried / 2)
    ordered = sorted(seen, key=lambda each: -RANK[each.severity])
    severity: Severity = ordered[half - 1].severity if len(ordered) >= half else "info"
    worst = min(seen, key=lambda each: each.share)
    return Drift(
        "neighbours",
        severity,
        f"{_quoted(text)} (keeps {percent(worst.share)})",
        ", ".join(map(_quoted, worst.lost[:_MOST_NAMED])),
        ", ".join(map(_quoted, worst.new[:_MOST_NAMED])),
        samples=(len(seen), tried),
    )


def neighbourhood(
    production: Iterable[Case],
    candidate: Iterable[Case],
    name: str,
    beside: Iterable[Case] = (),
) -> Neighbourhood | None:
    """What the candidate made of the neighbours of all texts that both sides embedded.

    None where `name` embedded nothing on either side. Texts that only a part of the suite asks
    anew have the others of `beside` around them.
    """
    before, after = _samples(production, name), _samples(candidate, name)
    if not any(before) and not any(after):
        return None
    around = next(iter(_samples(beside, name)), {})
    after = [{**around, **each} for each in after]
    if not before or not after:
        side = "pin" if not before else "candidate"
        return Neighbourhood(f"neighbours not judged: nothing is known of what the {side} embedded")
    both = before[0].keys() & after[0].keys()
    chosen = drawn(sorted(both))
    known = [key for key in sorted(chosen) if before[0][key].packed and after[0][key].packed]
    spaces: dict[tuple[int, int], list[str]] = {}
    for key in known:
        spaces.setdefault((_size(before[0][key]), _size(after[0][key])), []).append(key)
    result = _Judged({}, [{} for _ in after], [])
    for keys in spaces.values():
        if len(keys) >= FEWEST_TEXTS:
            _judge(keys, before, after, result)
    only = len(before[0].keys() ^ after[0].keys())
    said = ", ".join(
        filter(
            None,
            (
                *_kept_said(result, len(both), known),
                _sizes_said(spaces),
                _unknown(len(chosen) - len(known)),
                _only(only),
            ),
        )
    )
    shares = [share for share, _ in result.shares.values()]
    texts = {key: vector.says for key, vector in before[0].items()}
    return Neighbourhood(said, fmean(shares) if shares else None, result.moved, texts)


class _Judged(NamedTuple):
    shares: dict[str, tuple[float, float | None]]
    """By key, what the candidate's first sample keeps, and what the pin's own keep."""
    moved: list[dict[str, Moved]]
    ks: list[int]


def _judge(
    keys: Sequence[str], before: Sequence[Texts], after: Sequence[Texts], result: _Judged
) -> None:
    """Put down what became of the texts of one space."""
    k = min(MOST_NEIGHBOURS, len(keys) // SHARE_OF_TEXTS)
    result.ks.append(k)
    few = len(keys) <= FEWER_SAMPLES_ABOVE
    pin, *own = [_vectors(each, before[0], keys) for each in (before if few else before[:1])]
    new = [_vectors(each, after[0], keys) for each in (after if few else after[:1])]
    distinct: dict[tuple[str, ...], None] = dict.fromkeys((pin, *own, *new))
    rows = [nearness([unpacked(each) for each in vectors]) for vectors in distinct]
    at = {vectors: place for place, vectors in enumerate(distinct)}
    others = [at[each] for each in own]
    says = [before[0][key].says for key in keys]
    for place, row in enumerate(zip(*rows, strict=True)):
        against = [kept(row[0], row[each], place, k) for each in at.values()]
        floor = min((against[each].share for each in others), default=1.0)
        for number in range(len(after)):
            found = against[at[new[min(number, len(new) - 1)]]]
            if number == 0:
                result.shares[keys[place]] = (found.share, floor if others else None)
            if found.share < floor:
                result.moved[number][keys[place]] = _moved(found, floor, says)


def _moved(found: Kept, floor: float, says: Sequence[str]) -> Moved:
    relative = found.share / floor
    severity: Severity = (
        "regression" if relative < REGRESSION else "review" if relative < REVIEW else "info"
    )
    lost, new = (tuple(says[each] for each in places) for places in (found.lost, found.new))
    return Moved(severity, found.share, lost, new)


def _vectors(sample: Texts, first: Texts, keys: Sequence[str]) -> tuple[str, ...]:
    """A sample's vectors; where it lacks one of the same size, the first sample's."""
    found = []
    for key in keys:
        own, fallback = sample.get(key), first[key]
        usable = own is not None and len(own.packed) == len(fallback.packed)
        found.append(own.packed if usable and own else fallback.packed)
    return tuple(found)


def _samples(cases: Iterable[Case], name: str) -> list[dict[str, Vector]]:
    """For each sample of the suite what it embedded; the first stands in for all that others lack.

    Empty where no sample embedded anything.
    """
    by_case = [[sample for _, sample in case.tried] for case in cases]
    found: list[dict[str, Vector]] = [
        {} for _ in range(min(max(map(len, by_case), default=0), MOST_SAMPLES))
    ]
    for samples in by_case:
        for texts, sample in zip(found, samples, strict=False):
            for call in (*sample.shared, *sample.calls):
                for vector in (call.vectors or ()) if call.name == name else ():
                    texts.setdefault(vector.key, vector)
                    found[0].setdefault(vector.key, vector)
    return found if any(found) else []


def _keys(calls: Iterable[Call], name: str) -> set[str]:
    return {vector.key for call in calls if call.name == name for vector in call.vectors or ()}


def _size(vector: Vector) -> int:
    return len(unpacked(vector.packed))


def percent(share: float) -> str:
    """A share that is called whole only where it is."""
    rounded = round(100 * share)
    return f"{min(rounded, 99) if share < 1 else rounded} %"


def _quoted(text: str) -> str:
    return f'"{clipped(text, _LONGEST)}"'


def _kept_said(result: _Judged, both: int, known: Sequence[str]) -> Iterable[str]:
    if not result.shares:
        yield (
            f"neighbours not judged: {counted(len(known), 'text')} with a vector on both sides, "
            f"and it takes {FEWEST_TEXTS}"
        )
        return
    low, high = min(result.ks), max(result.ks)
    k = f"{low}" if low == high else f"{low} to {high}"
    count = len(result.shares)
    texts = f"{count:,} texts" if both <= MOST_TEXTS else f"{count:,} of {both:,} texts"
    share = fmean(share for share, _ in result.shares.values())
    yield f"neighbours kept {percent(share)} (k={k}, {texts})"
    if alone := len(known) - count:
        yield f"{counted(alone, 'text')} not judged: fewer than {FEWEST_TEXTS} of one size"
    own = [floor for _, floor in result.shares.values() if floor is not None]
    if own and fmean(own) < 1:
        yield f"the pin's own samples keep {percent(fmean(own))}"


def _sizes_said(spaces: Iterable[tuple[int, int]]) -> str:
    changed = [f"{old:,} to {new:,}" for old, new in sorted(spaces) if old != new]
    return f"the vectors' length changes from {' and '.join(changed)}" if changed else ""


def _unknown(count: int) -> str:
    return f"{counted(count, 'text')} without a readable vector" if count else ""


def _only(count: int) -> str:
    return f"{counted(count, 'text')} embedded on one side only" if count else ""
