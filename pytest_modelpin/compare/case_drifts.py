"""How one case's answers drifted: which of production's samples stands for which answer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pytest_modelpin.compare.figures import Side, answered, increase
from pytest_modelpin.drift.context import Context
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.drift.drifts import drifts
from pytest_modelpin.judge.opinion import judge_drifts
from pytest_modelpin.providers.reply import JSON, Reply
from pytest_modelpin.results.case import Case, Sample


def case_drifts(
    production: Case, candidate: Case, name: str, context: Context
) -> tuple[Drift, ...]:
    """Every drift of one case, each kind once a place; empty where nothing changed.

    Answers are compared by snapshot; of the replies behind them only what no answer shows: tools,
    how they ended, how long they are. A case without answers is compared by its replies alone, in
    the order of its calls. Production's most frequent value stands for its samples; a candidate's
    value that equals any of them is no drift.
    """
    before, after = _tried(production), _tried(candidate)
    found: dict[tuple[str, str], Drift] = {}
    snapshots = _snapshots(after)
    for snapshot in snapshots:
        expected = _received(before, snapshot) or _accepted(after, snapshot)
        for drift in _between(expected, _received(after, snapshot), context):
            where = drift.where
            if len(snapshots) > 1:
                where = f"{snapshot}: {where}" if where else snapshot
            found.setdefault((drift.kind, where), _at(drift, where))
        for drift in _judged(before, after, snapshot, context):
            where = f"{snapshot}: {drift.where}" if len(snapshots) > 1 else drift.where
            found.setdefault((drift.kind, where), _at(drift, where))
    for old, new in _replies_in_order(before, after, name):
        if snapshots and [*map(_besides_text, old)] == [*map(_besides_text, new)]:
            continue
        if snapshots:
            old, new = _without_text(old), _without_text(new)
        for drift in _between(old, new, context):
            found.setdefault((drift.kind, drift.where), drift)
    return tuple(found.values())


def figure_drifts(production: Side, candidate: Side, context: Context) -> tuple[Drift, ...]:
    """Cost and latency of a case, where a sample's changed by more than the context allows."""
    found = []
    for kind, before, after, ratio in (
        (
            "cost",
            production.per_sample(production.cost_usd),
            candidate.per_sample(candidate.cost_usd),
            context.token_ratio,
        ),
        ("latency", production.latency_p50, candidate.latency_p50, context.latency_ratio),
    ):
        change = increase(before, after)
        if change is not None and abs(change) > ratio:
            found.append(Drift("cost" if kind == "cost" else "latency", "info", "", before, after))
    return tuple(found)


def _at(drift: Drift, where: str) -> Drift:
    return drift if drift.where == where else replace(drift, where=where)


def _between(
    production: Sequence[JSON | Reply], candidate: Sequence[JSON | Reply], context: Context
) -> Iterable[Drift]:
    if not production or not candidate:
        return
    keys = [_key(value) for value in production]
    usual = production[keys.index(_most_frequent(keys))]
    for key, value in {_key(value): value for value in candidate}.items():
        if key not in keys:
            for drift in drifts(usual, value, context=context):
                if drift.kind != "identical":
                    yield drift


def _most_frequent(keys: Sequence[str]) -> str:
    return keys[0] if len(keys) == 1 else Counter(keys).most_common(1)[0][0]


def _judged(
    before: Iterable[Sample], after: Iterable[Sample], snapshot: str, context: Context
) -> Iterable[Drift]:
    """What the judge found, but of answers that production gives as well."""
    judged = [
        answer
        for sample in after
        for answer in sample.answers
        if answer.snapshot == snapshot and answer.judged
    ]
    usual = {_key(value) for value in _received(before, snapshot)} if judged else set()
    for answer in judged:
        if _key(answer.received) not in usual:
            yield from judge_drifts(answer, context)


def _key(value: JSON | Reply) -> str:
    """Equal for equal values, whatever the order of an object's keys."""
    if isinstance(value, str):
        return value
    if isinstance(value, Reply):
        return repr((value.text, *_besides_text(value)))
    return json.dumps(value, sort_keys=True, default=repr)


def _tried(case: Case) -> list[Sample]:
    return [sample for sample in case.samples if sample.outcome in ("passed", "failed")]


def _snapshots(samples: Iterable[Sample]) -> list[str]:
    names = (answer.snapshot for sample in samples for answer in sample.answers)
    return list(dict.fromkeys(names))


def _received(samples: Iterable[Sample], snapshot: str) -> list[JSON]:
    return [
        answer.received
        for sample in samples
        for answer in sample.answers
        if answer.snapshot == snapshot
    ]


def _accepted(samples: Iterable[Sample], snapshot: str) -> list[JSON]:
    return [
        answer.accepted
        for sample in samples
        for answer in sample.answers
        if answer.snapshot == snapshot and answer.accepted is not None
    ]


def _replies_in_order(
    before: Sequence[Sample], after: Sequence[Sample], name: str
) -> Iterable[tuple[list[Reply], list[Reply]]]:
    """All samples' first replies, then all second ones, for as long as both sides have any."""
    old = [[call.reply for call in answered(sample, name)] for sample in before]
    new = [[call.reply for call in answered(sample, name)] for sample in after]
    for index in range(min(max(map(len, old), default=0), max(map(len, new), default=0))):
        yield (
            [replies[index] for replies in old if index < len(replies)],
            [replies[index] for replies in new if index < len(replies)],
        )


def _besides_text(reply: Reply) -> tuple[object, ...]:
    """What of a reply can drift that no answer shows."""
    usage = reply.usage
    return reply.tools, usage.output_tokens, reply.finish_reason, reply.refusal, reply.complete


def _without_text(replies: Sequence[Reply]) -> list[Reply]:
    return [replace(reply, text="") for reply in replies]
