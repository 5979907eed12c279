"""What is looked for between two answers, in order, and what of that which is found is shown."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from pytest_modelpin.drift.detectors.answers import (
    Code,
    Consumption,
    Documents,
    Endings,
    Languages,
    Layouts,
    Length,
    Presence,
    ToolCalls,
    Truncation,
)
from pytest_modelpin.drift.detectors.edits import Denials, Figures, Relations, Wording, Words
from pytest_modelpin.drift.detectors.statements import (
    Order,
    Replaced,
    Rewritten,
    Statements,
    Unrelated,
)
from pytest_modelpin.drift.drift import Context, Detector, Drift, DriftKind, drift_of, settled
from pytest_modelpin.drift.pair import Pair
from pytest_modelpin.drift.values import excerpt
from pytest_modelpin.providers.wire import JSON, Reply

DETECTORS: tuple[Detector, ...] = (
    Endings(),
    ToolCalls(),
    Documents(),
    Presence(),
    Code(),
    Truncation(),
    Languages(),
    Layouts(),
    Figures(),
    Denials(),
    Words(),
    Relations(),
    Statements(),
    Replaced(),
    Rewritten(),
    Unrelated(),
    Order(),
    Length(),
    Wording(),
    Consumption(),
)
"""What `drifts` asks, in the order in which findings are shown. `Context.detectors` replaces it."""


_LONGEST = 2000  # characters of a text that a finding shows
_MOST_OF_A_KIND = 20  # findings; a page of them says no more than the first ones do
_MOST_IN_VALUES = 100  # the same where the answers are values

_EXPLAINS = {"number": 3, "negation": 3, "content": 2, "wording": 1}
"""Of what is said of one sentence, the gravest explains the rest."""


def compare_answers(
    production: Reply | JSON, candidate: Reply | JSON, context: Context
) -> tuple[Drift, ...]:
    """What `drifts` promises, with the context read."""
    try:
        found = detected(Pair(production, candidate, context), context)
    except RecursionError:  # a value nested deeper than Python prints or hashes
        found = [drift_of("content", "", None, "too deeply nested to compare")]
    if not found:
        return (drift_of("identical"),)
    return tuple([settled(_shown(drift), context) for drift in found])


def detected(
    pair: Pair, context: Context, kinds: frozenset[DriftKind] | None = None
) -> list[Drift]:
    """All findings at their own severity; empty where the answers are the same.

    With `kinds` only those of these kinds are certain to be among them, so that less is looked for.
    """
    table = DETECTORS if context.detectors is None else context.detectors
    if kinds is not None and context.detectors is None:
        table = _finding(kinds)
    found = [
        drift
        for detector in (*table, *context.own_detectors)
        for drift in detector.detect(pair, context)
    ]
    if not found:  # different texts of which no detector has anything to say
        return [drift_of("wording", t.where, t.before, t.after) for t in pair.texts[:1]]
    return _capped(_explained(found)) if len(found) > 1 else found


@lru_cache(maxsize=8)
def _finding(kinds: frozenset[DriftKind]) -> tuple[Detector, ...]:
    return tuple([each for each in DETECTORS if not kinds.isdisjoint(each.kinds)])


def _explained(found: Iterable[Drift]) -> list[Drift]:
    """Without what a graver finding at the same place explains, and without repetitions.

    Of rewording one finding is enough, and none where the text has another one.
    """
    found = list(found)
    gravest: dict[str, int] = {}
    for drift in found:
        rank = _EXPLAINS.get(drift.kind, 0)
        gravest[drift.where] = max(rank, gravest.get(drift.where, 0))
    seen: set[tuple[str, str, str]] = set()
    kept = []
    reworded = False
    for drift in found:
        if drift.kind == "wording":
            if reworded or gravest[drift.where] > _EXPLAINS["wording"]:
                continue
            reworded = True
        elif (
            drift.kind == "content"
            and None not in (drift.before, drift.after)
            and gravest[drift.where] > _EXPLAINS["content"]
        ):
            continue
        key = (drift.kind, drift.where, "" if drift.where else str(drift.before)[:200])
        if key in seen and not (drift.kind == "content" and None in (drift.before, drift.after)):
            continue
        seen.add(key)
        kept.append(drift)
    return kept


def _capped(found: list[Drift]) -> list[Drift]:
    counts: dict[tuple[str, bool], int] = {}
    kept = []
    for drift in found:
        of_values = drift.where.startswith(("$", "tools"))
        key = (drift.kind, of_values)
        counts[key] = counts.get(key, 0) + 1
        if counts[key] <= (_MOST_IN_VALUES if of_values else _MOST_OF_A_KIND):
            kept.append(drift)
    return kept


def _shown(drift: Drift) -> Drift:
    before, after = _clipped(drift.before), _clipped(drift.after)
    if before is drift.before and after is drift.after:
        return drift
    return Drift(drift.kind, drift.severity, drift.where, before, after)


def _clipped(value: JSON) -> JSON:
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"{value[:_LONGEST]}…"
    return excerpt(value)
