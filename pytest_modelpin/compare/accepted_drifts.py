"""The drift that one run shows by itself: against the accepted answers and the pin's recordings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare.case_comparison import configured
from pytest_modelpin.compare.comparable import in_order_of
from pytest_modelpin.compare.figures import calls_of
from pytest_modelpin.compare.neighbours import Neighbourhood, neighbourhood
from pytest_modelpin.compare.opinions import (
    MOST_ANSWERS,
    is_unsure,
    unsure_readings,
    with_opinions,
)
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.drift.invariants.case import compare_samples
from pytest_modelpin.judge.criterion import judge_drifts
from pytest_modelpin.judge.difference import Opinion, Reading
from pytest_modelpin.providers.wire import JSON, Reply, parse
from pytest_modelpin.results.case import Answer, Case, Sample
from pytest_modelpin.results.run import Run

_NONE: Mapping[str, Case] = {}


@dataclass(frozen=True, slots=True)
class _Place:
    """What is compared of a case: one snapshot's answers, or all samples' n-th replies."""

    before: Sequence[JSON | Reply]
    after: Sequence[JSON | Reply]
    told: Sequence[Answer] = ()
    """What the test gave to `model_snapshot`; empty for replies."""

    @property
    def is_marked(self) -> bool:
        """Whether the test names a criterion of its own for a judge."""
        return any(each.judge is not None for each in self.told)


def drifts_within(
    run: Run,
    settings: Settings,
    opinions: Mapping[str, Opinion] | None = None,
    pins: Mapping[str, Case] = _NONE,
    neighbours: Mapping[str, Neighbourhood] | None = None,
) -> Mapping[str, tuple[Drift, ...]]:
    """By case id, how all samples' answers differ from the accepted and the pin's; only where so.

    The full comparison of two runs is `compare.comparison.compare`; this is what a single run can
    say at its end. `opinions` are a judge's, by the keys of `unsure_within`. `pins` are, by case
    id, what the pin replied as it is recorded: what its samples differ in is noise. `neighbours` is
    what `neighbours_within` gave, where it is at hand.
    """
    found = {}
    if neighbours is None:
        neighbours = neighbours_within(run, pins)
    for case in run.cases:
        context = configured(case, settings)
        drifted: list[Drift] = []
        for name, of_name in neighbours.items():
            if moved := of_name.about(case, name):
                drifted += moved.drifts(context)[0]
        for place in _places(case, pins.get(case.id), run):
            change = compare_samples(place.before, place.after, context)
            if opinions and not place.is_marked:
                change = with_opinions(change, place.before, place.after, opinions, context)
            drifted += change.drifts
            drifted += [drift for each in place.told for drift in judge_drifts(each, context)]
        if drifted:
            found[case.id] = tuple(drifted)
    return found


def neighbours_within(run: Run, pins: Mapping[str, Case]) -> Mapping[str, Neighbourhood]:
    """By logical model that is not on its pin and embedded texts, what became of their neighbours.

    `pins` are as for `drifts_within`.
    """
    tried = (name for name in run.selection if _is_tried(run, name))
    found = {name: neighbourhood(pins.values(), run.cases, name) for name in tried}
    return {name: each for name, each in found.items() if each}


def unsure_within(run: Run, settings: Settings, pins: Mapping[str, Case]) -> tuple[Reading, ...]:
    """What a judge could tell more of, at most MOST_ANSWERS answers a case.

    What is for review comes first.
    """
    urgent: list[Reading] = []
    reworded: list[Reading] = []
    for case in run.cases:
        context = configured(case, settings)
        of_case: list[Reading] = []
        for_review = False
        for place in _places(case, pins.get(case.id), run):
            if not place.is_marked:
                change = compare_samples(place.before, place.after, context)
                of_case += unsure_readings(change, place.before, place.after)
                for_review = for_review or any(map(is_unsure, change.drifts))
        (urgent if for_review else reworded).extend(of_case[:MOST_ANSWERS])
    return (*urgent, *reworded)


def uncompared_within(run: Run, pins: Mapping[str, Case]) -> tuple[str, ...]:
    """The ids of cases that answered and have nothing to be compared with.

    There is neither an accepted answer nor a reply of the pin, so that they show no drift and may
    well have drifted.
    """
    tried = [name for name in run.selection if _is_tried(run, name)]
    return tuple(
        case.id
        for case in run.cases
        if any(calls_of(sample, name) for sample in case.samples for name in tried)
        and not any(place.before and place.after for place in _places(case, pins.get(case.id), run))
    )


def _is_tried(run: Run, name: str) -> bool:
    asked = run.selection.get(name)
    return asked is not None and asked.id != asked.production


def _places(case: Case, pin: Case | None, run: Run) -> Iterator[_Place]:
    if pin is not None:
        pin, case = in_order_of(pin, pin), in_order_of(pin, case)
    tried = [sample for _, sample in case.tried]
    recorded = pin.samples if pin else ()
    names = [name for name in run.selection if _is_tried(run, name)]
    answers = [answer for sample in case.samples for answer in sample.answers]
    for snapshot in dict.fromkeys(answer.snapshot for answer in answers):
        told = [each for each in answers if each.snapshot == snapshot]
        before = [each.accepted for each in told if each.accepted is not None][:1]
        said = _as_answers(snapshot, tried, recorded, names)
        if not before or before[0] in said:  # else another answer was accepted than was recorded
            before = said
        yield _Place(before, [each.received for each in told], told)
    for name in names:
        pins = [_replies(sample, name) for sample in recorded]
        # A sample that gave no answer, because it failed before, shows all of it in its replies.
        silent = [_replies(sample, name) for sample in tried if not sample.answers]
        yield from _by_call(pins, silent)
        shown = _shown([sample for sample in tried if sample.answers], name)
        telling = [_replies(sample, name) for sample in tried if sample.answers]
        yield from _by_call(pins, telling, without_text=shown)


def _replies(sample: Sample, name: str) -> list[Reply]:
    return [call.reply for call in calls_of(sample, name)]


def _by_call(
    pins: Sequence[Sequence[Reply]],
    samples: Sequence[Sequence[Reply]],
    without_text: Collection[int] = (),
) -> Iterator[_Place]:
    """All samples' first replies, then all second ones, for as long as both sides have any."""
    calls = min(max(map(len, pins), default=0), max(map(len, samples), default=0))
    for index in range(calls):
        before, after = (
            [replies[index] for replies in side if index < len(replies)] for side in (pins, samples)
        )
        if index in without_text:
            before = [replace(reply, text="") for reply in before]
            after = [replace(reply, text="") for reply in after]
        yield _Place(before, after)


def _shown(samples: Sequence[Sample], name: str) -> Collection[int]:
    """Which replies' texts the tests' answers show, so that they are compared there.

    An answer that is made of no one reply's text, as far as can be told, counts for the last of
    those that no answer shows: what comes first is more likely a step on the way.
    """
    found: set[int] = set()
    for sample in samples:
        texts = [reply.text for reply in _replies(sample, name)]
        traced = {place for each in sample.answers if (place := _traced(each, texts)) is not None}
        unclear = sum(_traced(each, texts) is None for each in sample.answers)
        rest = [place for place in range(len(texts)) if place not in traced]
        found |= traced | set(rest[len(rest) - unclear :] if unclear < len(rest) else rest)
    return found


def _traced(answer: Answer, texts: Sequence[str]) -> int | None:
    """The reply whose text a test gave to `model_snapshot`, or a part of it; None where none is."""
    received = answer.received
    if received is None:
        return None
    if not isinstance(received, str):
        return next((place for place, text in enumerate(texts) if parse(text) == received), None)
    wanted = received.strip()
    equal = (place for place, text in enumerate(texts) if text.strip() == wanted)
    holding = (
        place
        for place, text in enumerate(texts)
        if wanted and text.strip() and (wanted in text or text.strip() in wanted)
    )
    return next(equal, next(holding, None))


def _as_answers(
    snapshot: str, tried: Sequence[Sample], recorded: Sequence[Sample], names: Sequence[str]
) -> list[JSON]:
    """What the pin's samples would have given to a snapshot that is one reply's whole text."""
    for name in names:
        for sample in tried:
            texts = [reply.text for reply in _replies(sample, name)]
            for answer in sample.answers:
                place = _traced(answer, texts) if answer.snapshot == snapshot else None
                if place is None:
                    continue
                pins = [_replies(each, name) for each in recorded]
                said = [replies[place].text for replies in pins if place < len(replies)]
                if answer.received == texts[place]:
                    return list(said)
                if not isinstance(answer.received, str):
                    return [value for text in said if (value := parse(text)) is not None]
                return []
    return []
