"""The verdict on one night, and whether a bump is due: DESIGN of the gate in docs/verdict.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.gate import statistical, strict
from pytest_modelpin.gate.evidence import NightCounts, UnusableError, check, gather
from pytest_modelpin.gate.verdict import Colour, Verdict

__all__ = ["Colour", "Verdict", "verdict"]

FEW_CASES = 10
"""Below so many cases, `gate: auto` is strict."""
LOST_SHARE = 0.02
"""More cases than this share missing from a night, and it says nothing of the suite."""


def verdict(
    nights: Sequence[NightCounts],
    settings: Settings | Mapping[str, Any] | None = None,
    confirmations: NightCounts | None = None,
) -> Verdict:
    """The verdict on the last of the nights of one streak, oldest first.

    A night maps each case id to (production passes, production samples, candidate passes,
    candidate samples). The earlier nights are the streak's green ones. `settings` are those of
    models.yml, of which `gate`, `margin` and `green_runs` count. `confirmations` are the fresh
    samples of the cases that an earlier call named in `flagged`, a mapping like a night's.

    Pure and deterministic. Counts that can't be judged give an inconclusive verdict whose reason
    names them; nothing is raised.
    """
    return evaluate(nights, settings, confirmations)


def evaluate(
    nights: Sequence[NightCounts],
    settings: Settings | Mapping[str, Any] | None = None,
    confirmations: NightCounts | None = None,
    suspects: Iterable[str] = (),
) -> Verdict:
    """`verdict`, with cases that want a confirmation whatever their counts say."""
    try:
        gate, margin, green_runs = _rules(settings)
        evidence = gather(nights)
        fresh = check(confirmations, "confirmations") if confirmations else {}
    except UnusableError as error:
        return Verdict("inconclusive", reasons=(str(error),))
    missing = len(evidence.totals) - len(evidence.tonight)
    if missing > LOST_SHARE * len(evidence.totals):
        return Verdict(
            "inconclusive",
            reasons=(
                f"{missing} of the streak's {len(evidence.totals)} cases are missing from the "
                f"last night, more than {LOST_SHARE:.0%}",
            ),
        )
    if gate == "strict" or (gate == "auto" and len(evidence.totals) < FEW_CASES):
        return strict.evaluate(evidence, margin, green_runs, fresh, suspects)
    return statistical.evaluate(evidence, margin, green_runs, fresh, suspects)


def _rules(settings: Settings | Mapping[str, Any] | None) -> tuple[str, float, int]:
    default = Settings()
    if settings is None:
        settings = default
    if isinstance(settings, Mapping):
        gate = settings.get("gate", default.gate)
        margin = settings.get("margin", default.margin)
        green_runs = settings.get("green_runs", default.green_runs)
    else:
        gate, margin, green_runs = settings.gate, settings.margin, settings.green_runs
    if gate not in ("auto", "strict", "statistical"):
        raise UnusableError(f"gate is {gate!r}; it can be auto, strict or statistical")
    if not _is_number(margin) or not 0 < margin < 1:
        raise UnusableError(f"margin is {margin!r}; it must lie between 0 and 1")
    if not _is_number(green_runs) or green_runs < 1 or green_runs != int(green_runs):
        raise UnusableError(f"green_runs is {green_runs!r}; it must be a whole number from 1 up")
    return gate, float(margin), int(green_runs)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)
