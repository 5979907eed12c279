"""What a judge's opinions make of one place's findings: only those that detectors are unsure of.

Typed findings (numbers, keys, types, enums, tools …) are decided and no judge is asked of them.
Prose at `review` is put to the judge, and so is prose that says all in other words, in which
detectors see a third of the changes; `same` makes it harmless, `different` a regression.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.drift.drift import Context, Drift, DriftKind, drift_of, settled
from pytest_modelpin.drift.invariants.case import CaseDrifts
from pytest_modelpin.judge.difference import Opinion, Reading, reading
from pytest_modelpin.providers.wire import JSON, Reply

ASKED: frozenset[DriftKind] = frozenset(("content", "negation", "length", "wording"))
"""Kinds of prose of which a judge is asked where they are at `review`."""

REWORDED: frozenset[DriftKind] = frozenset(("content", "wording"))
"""Kinds of prose in other words, of which a judge is asked where nothing else is found."""

MOST_ANSWERS = 2
"""Distinct answers of a place of which a judge is asked a night."""


def asks_judge(settings: Settings) -> bool:
    """Whether models.yml has the judge asked of what detectors are unsure of."""
    return settings.judge is not None and settings.judge_when == "unsure"


def is_unsure(drift: Drift) -> bool:
    """Whether a finding is one that a judge is asked of."""
    text = all(each is None or isinstance(each, str | int | float) for each in
               (drift.before, drift.after))  # fmt: skip
    return drift.severity == "review" and drift.kind in ASKED and text


def is_reworded(drifts: Sequence[Drift]) -> bool:
    """Whether prose says all in other words, and nothing that it says differently is certain.

    A program that only gained a docstring has no words to show.
    """
    return not any(drift.severity == "regression" for drift in drifts) and any(
        drift.kind in REWORDED
        and drift.severity == "info"
        and isinstance(drift.before, str)
        and isinstance(drift.after, str)
        for drift in drifts
    )


def unsure_readings(
    change: CaseDrifts, pins: Sequence[Reply | JSON], candidates: Sequence[Reply | JSON]
) -> tuple[Reading, ...]:
    """What could be put to a judge: distinct answers, the commonest first, then in their order."""
    if not (any(map(is_unsure, change.drifts)) or is_reworded(change.drifts)):
        return ()
    found = [each for value in candidates if (each := reading(pins, value))]
    return tuple(each for each, _ in Counter(found).most_common())


def with_opinions(
    change: CaseDrifts,
    pins: Sequence[Reply | JSON],
    candidates: Sequence[Reply | JSON],
    opinions: Mapping[str, Opinion],
    context: Context,
) -> CaseDrifts:
    """The findings as the judge's opinions leave them.

    `same` of all answers that were put to it lowers what is unsure to `info`; `different` of at
    least half of them is a regression, and those samples fail.
    """
    distinct = unsure_readings(change, pins, candidates)
    told = [opinions[each.key].meant for each in distinct if each.key in opinions]
    if len(told) >= min(MOST_ANSWERS, len(distinct)) and set(told) == {"same"}:
        lowered = [replace(d, severity="info") if is_unsure(d) else d for d in change.drifts]
        return change._replace(drifts=tuple(lowered))
    if 2 * told.count("different") < len(told) or "different" not in told:
        return change
    # Where all that was put to it differ, what was not is taken to differ too: it is confirmed.
    presumed = set(told) == {"different"}
    different = [
        place
        for place, value in enumerate(candidates)
        if (each := reading(pins, value))
        and (opinions[each.key].meant == "different" if each.key in opinions else presumed)
    ]
    said = next(o for each in distinct if (o := opinions.get(each.key)) and o.meant == "different")
    raised = drift_of("content", "judge", None, said.told, "regression")
    raised = settled(replace(raised, samples=(len(different), len(candidates))), context)
    failing = {*change.failing, *(different if raised.severity == "regression" else ())}
    return CaseDrifts((raised, *change.drifts), tuple(sorted(failing)))
