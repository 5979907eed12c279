"""How one case changed: all samples of the pin beside all samples of the candidate.

An answer that a test gives to `model_snapshot` is a contract. Whatever else a model replied is
watched: it is compared and named all the same, but turns no night red by itself.
"""

from __future__ import annotations

from binascii import crc32
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from pytest_modelpin.compare.comparable import between, by_place, received, snapshots_of
from pytest_modelpin.compare.figures import CaseProfile, Side, calls_of, case_profile
from pytest_modelpin.compare.opinions import unsure_readings, with_opinions
from pytest_modelpin.drift.detectors.answers import LEAST_LATENCY, changed
from pytest_modelpin.drift.drift import RANK, Context, Drift, settled
from pytest_modelpin.drift.invariants.case import CaseDrifts, compare_samples
from pytest_modelpin.judge.criterion import judge_drifts
from pytest_modelpin.judge.difference import Opinion, Reading
from pytest_modelpin.providers.wire import JSON, Reply
from pytest_modelpin.results.case import Case, Sample


@dataclass(frozen=True, slots=True)
class CaseChange:
    """What became of one case's answers."""

    drifts: tuple[Drift, ...] = ()
    """Every drift, each kind once a place and a text; empty where nothing changed."""
    broken: frozenset[int] = frozenset()
    """The candidate's samples, by index, of which an answer breaks a contract at `regression`."""
    watched: frozenset[int] = frozenset()
    """The same of replies that no test gave to `model_snapshot`."""
    contradiction: str = ""
    """What the pin's own samples contradict each other in; empty where they don't."""
    profile: CaseProfile = field(default_factory=CaseProfile)
    """What the case adds to the suite's profile."""
    unsure: tuple[Reading, ...] = ()
    """What a judge could tell more of."""


def case_change(
    production: Case,
    candidate: Case,
    name: str,
    context: Context,
    *,
    profiled: bool,
    opinions: Mapping[str, Opinion] | None,
) -> CaseChange:
    """What of that which the pin's samples share the candidate's break.

    Answers are compared by snapshot; replies in the order of the calls, without the text that went
    into an answer.
    `profiled` also says what the case adds to the suite's profile. `opinions` are a judge's, by
    their readings' keys; None where no judge is asked.
    """
    before, after = production.tried, candidate.tried
    snapshots = snapshots_of([sample for _, sample in after])
    unsure: list[Reading] = []
    found: dict[tuple[str, str, str], Drift] = {}
    broken: set[int] = set()
    watched: set[int] = set()
    for snapshot in snapshots:
        given = _answers(before, after, snapshot, context)
        asked = None if _is_marked(after, snapshot) else opinions
        of, open_to_a_judge = given.told(asked, context)
        unsure += open_to_a_judge
        lead = snapshot if len(snapshots) > 1 else ""
        _keep(found, of.drifts, lead)
        _keep(found, _judged(given.pins, [sample for _, sample in after], snapshot, context), lead)
        broken.update(given.places[n] for n in of.failing)
    for beside in _replies(before, after, name, context):
        of, open_to_a_judge = beside.told(opinions, context)
        unsure += open_to_a_judge
        _keep(found, (replace(drift, watched=True) for drift in of.drifts), "")
        watched.update(beside.places[n] for n in of.failing)
    drifts = tuple(found.values())
    profile = _profile(production, candidate, name, context, drifts) if profiled else CaseProfile()
    return CaseChange(
        drifts,
        frozenset(broken),
        frozenset(watched),
        "; ".join(between(production, name)),
        profile,
        tuple(unsure),
    )


@dataclass(frozen=True, slots=True)
class _Compared:
    """What the candidate's samples said in one place, held against the pin's."""

    change: CaseDrifts
    places: Sequence[int]
    """Which of the candidate's samples said it, by index."""
    pins: Sequence[JSON | Reply]
    said: Sequence[JSON | Reply]

    def told(
        self, opinions: Mapping[str, Opinion] | None, context: Context
    ) -> tuple[CaseDrifts, Sequence[Reading]]:
        """What changed by a judge's opinions, if one is asked, and what it could tell more of."""
        if opinions is None:
            return self.change, ()
        unsure = unsure_readings(self.change, self.pins, self.said)
        return with_opinions(self.change, self.pins, self.said, opinions, context), unsure


def _profile(
    production: Case, candidate: Case, name: str, context: Context, drifts: tuple[Drift, ...]
) -> CaseProfile:
    before, after = production.tried, candidate.tried
    pins: Iterable[Sequence[JSON | Reply]]
    if snapshots := snapshots_of([sample for _, sample in after]):
        pins = [_pins(before, after, snapshot) for snapshot in snapshots]
    else:
        pins = by_place([_watched_replies(sample, name) for _, sample in before])
    own = frozenset(kind for told in pins for kind in _own_drift(production, told, context))
    return case_profile(
        [sample for _, sample in before],
        [sample for _, sample in after],
        name,
        drifts,
        own if len(before) >= _FEWEST_PINS else None,
    )


_FEWEST_PINS = 3  # of which one is held against the others, of which at least two share something


def _own_drift(case: Case, pins: Sequence[JSON | Reply], context: Context) -> set[str]:
    """The kinds that one sample of the pin's shows beside its others; which one is left out is
    drawn by the case's name, the same every time.
    """
    if len(pins) < _FEWEST_PINS:
        return set()
    place = crc32(case.id.encode("utf-8", "replace")) % len(pins)
    others = [*pins[:place], *pins[place + 1 :]]
    return {drift.kind for drift in compare_samples(others, [pins[place]], context).drifts}


def figure_drifts(production: Side, candidate: Side, context: Context) -> tuple[Drift, ...]:
    """Tokens, cost and latency of a sample, by the rule that two single replies are held to."""
    tokens = changed(
        "tokens",
        production.per_sample(production.output_tokens),
        candidate.per_sample(candidate.output_tokens),
        context.token_ratio,
    )
    cost = changed(
        "cost",
        production.per_sample(production.cost_usd),
        candidate.per_sample(candidate.cost_usd),
        context.token_ratio,
    )
    latency = changed(
        "latency",
        production.latency_p50,
        candidate.latency_p50,
        context.latency_ratio,
        least=LEAST_LATENCY,
    )
    of = (candidate.samples, candidate.samples)
    return tuple(
        [
            replace(settled(drift, context), samples=of, watched=True)
            for drift in (*tokens, *cost, *latency)
        ]
    )


def _keep(found: dict[tuple[str, str, str], Drift], drifts: Iterable[Drift], lead: str) -> None:
    for drift in drifts:
        where = f"{lead}: {drift.where}" if lead and drift.where else lead or drift.where
        key = (drift.kind, where, str(drift.before)[:200])
        known = found.get(key)
        if known is None or RANK[drift.severity] > RANK[known.severity]:
            found[key] = drift if drift.where == where else replace(drift, where=where)


def _judged(
    pins: Sequence[JSON], after: Iterable[Sample], snapshot: str, context: Context
) -> Iterable[Drift]:
    """What the judge found, but of answers that production gives as well."""
    for sample in after:
        for answer in sample.answers:
            if answer.snapshot == snapshot and answer.judged and answer.received not in pins:
                yield from judge_drifts(answer, context)


def _is_marked(after: Iterable[tuple[int, Sample]], snapshot: str) -> bool:
    """Whether the test names a criterion of its own for a judge."""
    return any(
        answer.judge is not None
        for _, sample in after
        for answer in sample.answers
        if answer.snapshot == snapshot
    )


def _answers(
    before: Sequence[tuple[int, Sample]],
    after: Sequence[tuple[int, Sample]],
    snapshot: str,
    context: Context,
) -> _Compared:
    told = [
        (place, answer.received)
        for place, sample in after
        for answer in sample.answers
        if answer.snapshot == snapshot
    ]
    pins, said = _pins(before, after, snapshot), [value for _, value in told]
    change = compare_samples(pins, said, context)
    return _Compared(change, [place for place, _ in told], pins, said)


def _pins(
    before: Iterable[tuple[int, Sample]], after: Iterable[tuple[int, Sample]], snapshot: str
) -> Sequence[JSON]:
    """The pin's answers; the accepted one stands in for a pin that gave none."""
    if given := received([sample for _, sample in before], snapshot):
        return given
    accepted = (
        answer.accepted
        for _, sample in after
        for answer in sample.answers
        if answer.snapshot == snapshot and answer.accepted is not None
    )
    return [*islice(accepted, 1)]


def _replies(
    before: Sequence[tuple[int, Sample]],
    after: Sequence[tuple[int, Sample]],
    name: str,
    context: Context,
) -> Iterable[_Compared]:
    """All samples' first replies, then all second ones, for as long as both sides have any."""
    if _all_in_answers(before, after, name):
        return
    # A sample whose test failed before it gave an answer shows all of it in its replies; it is
    # held against all that the pin's replied. A pin's own is no measure of one that gave an answer,
    # whose text is compared there.
    silent = [place for place, sample in after if not sample.answers]
    for whole in (False, True):
        old = [
            _compared_replies(sample, name, whole)
            for _, sample in before
            if whole or sample.answers
        ]
        new = [
            (place, _compared_replies(sample, name, whole))
            for place, sample in after
            if (place in silent) is whole
        ]
        calls = min(max(map(len, old), default=0), max((len(r) for _, r in new), default=0))
        for index in range(calls):
            pins = [replies[index] for replies in old if index < len(replies)]
            told = [(place, replies[index]) for place, replies in new if index < len(replies)]
            said = [reply for _, reply in told]
            change = compare_samples(pins, said, context)
            yield _Compared(change, [place for place, _ in told], pins, said)


def _all_in_answers(
    before: Sequence[tuple[int, Sample]], after: Sequence[tuple[int, Sample]], name: str
) -> bool:
    """Whether the replies hold no more than the answers: each gave one, and all ended alike."""
    ends = set()
    for _, sample in (*before, *after):
        replies = [call.reply for call in calls_of(sample, name)]
        told = [answer for answer in sample.answers if isinstance(answer.received, str)]
        if not len(replies) == len(told) == len(sample.answers):
            return False
        if any(reply.tools or reply.refusal for reply in replies):
            return False
        ends.update([(reply.finish_reason, reply.complete) for reply in replies])
    return len(ends) <= 1


def _compared_replies(sample: Sample, name: str, whole: bool) -> list[Reply]:
    if whole:
        return [call.reply for call in calls_of(sample, name)]
    return _watched_replies(sample, name)


def _watched_replies(sample: Sample, name: str) -> list[Reply]:
    """What a sample's replies say that no answer shows: the text only of those beside them.

    Which reply an answer was made of is not known where a test makes something else of it; so the
    text of a reply is left to the answers unless there are more replies than answers, and it is in
    none of these.
    """
    replies = [call.reply for call in calls_of(sample, name)]
    if not sample.answers:
        return replies
    texts = [answer.received for answer in sample.answers if isinstance(answer.received, str)]
    beside = [
        bool(reply.text)
        and not any(text.strip() in reply.text or reply.text.strip() in text for text in texts)
        for reply in replies
    ]
    if len(texts) < len(sample.answers) or sum(beside) < len(replies):
        spare = len(replies) - len(sample.answers)
        seen = 0
        for place in range(len(replies)):
            seen += beside[place]
            beside[place] = beside[place] and seen <= spare
    else:
        beside = [False] * len(replies)
    return [
        reply if apart else replace(reply, text="")
        for reply, apart in zip(replies, beside, strict=True)
    ]
