"""Measuring a judge on the pin's own samples: equal pairs, and seeded changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest

from pytest_modelpin.judge.calibration import Calibration
from pytest_modelpin.judge.difference import MOST_REFERENCES, Opinion, Reading, reading
from pytest_modelpin.judge.judge import Judge
from pytest_modelpin.judge.seeded_changes import changes
from pytest_modelpin.results.case import Case

PAIRS = 40
"""Of either sort, at most: two calls each."""

_FEWEST_WORDS = 5  # of an answer that is prose


@dataclass(frozen=True, slots=True)
class Pairs:
    """What the judge is measured on."""

    equal: tuple[Reading, ...]
    changed: tuple[Reading, ...]


def pairs_of(cases: Iterable[Case], most: int = PAIRS) -> Pairs:
    """Pairs from the samples of a replayed run, spread over its cases; the same every time."""
    groups = [group for case in cases for group in _answers(case)]
    equal = _spread([list(_equal(group)) for group in groups], most)
    changed = _spread([list(_changed(group)) for group in groups], most)
    return Pairs(equal, changed)


def measure(judge: Judge, pairs: Pairs) -> Calibration:
    """Ask the judge about all of them; what it gives no opinion of does not count."""
    opinions = judge.opinions([*pairs.equal, *pairs.changed])
    equal, false_alarms = _counted(pairs.equal, opinions)
    changed, found = _counted(pairs.changed, opinions)
    return Calibration(judge.model.production, equal, false_alarms, changed, found)


def _counted(readings: Sequence[Reading], opinions: Mapping[str, Opinion]) -> tuple[int, int]:
    said = [opinions[each.key].meant for each in readings if each.key in opinions]
    return len(said), said.count("different")


def _answers(case: Case) -> Iterable[list[str]]:
    """What the case's samples say at one place, prose alone: answers, or else the models' texts."""
    tried = [sample for sample in case.samples if sample.outcome == "passed"]
    by_place: dict[str, dict[str, None]] = {}
    for sample in tried:
        for answer in sample.answers:
            if isinstance(answer.received, str):
                by_place.setdefault(answer.snapshot, {})[answer.received] = None
    if not any(sample.answers for sample in tried):
        for sample in tried:
            for place, call in enumerate(sample.calls):
                by_place.setdefault(str(place), {})[call.reply.text] = None
    for texts in by_place.values():
        prose = [text for text in texts if _is_prose(text)]
        if prose:
            yield prose


def _is_prose(text: str) -> bool:
    return len(text.split()) >= _FEWEST_WORDS and text.lstrip()[:1] not in ("{", "[", "<", "`")


def _equal(texts: Sequence[str]) -> Iterable[Reading]:
    """Each text beside others of the same case."""
    for place, text in enumerate(texts):
        others = [*texts[place + 1 :], *texts[:place]]
        if found := reading(others[:MOST_REFERENCES], text):
            yield found


def _changed(texts: Sequence[str]) -> Iterable[Reading]:
    """Each text with one change beside itself."""
    for text in texts:
        for change in changes(text):
            if found := reading([text], change.text):
                yield found


def _spread(groups: Sequence[Sequence[Reading]], most: int) -> tuple[Reading, ...]:
    """The first of each group, then the second ones, each once."""
    rounds = (each for of_round in zip_longest(*groups) for each in of_round if each)
    return tuple(islice({each.key: each for each in rounds}.values(), most))
