"""What to do with a canary: hold it, advance it to its next share, or roll it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from modelpin_runtime.registry.models import Canary
from pytest_modelpin.production.counts import METRICS, Counts
from pytest_modelpin.production.evalues import Evidence, worse
from pytest_modelpin.wording import counted

Action = Literal["hold", "advance", "roll back"]

ALPHA = 0.01
"""The chance that a canary as good as the pin is ever rolled back, over all metrics and steps, for
ever: each step's evidence begins anew, so each has an equal part of it."""
_SHARES: Mapping[str, float] = {
    "error": 0.4, "schema": 0.2, "refusal": 0.1, "latency": 0.1, "cost": 0.1, "feedback": 0.1,
}  # fmt: skip
"""How α is divided; together 1."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the observations say."""

    action: Action
    percent: float
    """The share that the canary should have."""
    reasons: tuple[str, ...]
    """Sentences, the deciding one first."""
    evidence: Mapping[str, Evidence]
    """By metric."""
    finished: bool = False
    """Whether it has served its last step for long enough without anything shown worse."""


def decide(canary: Canary, counts: Counts) -> Decision:
    """Roll back where a metric is shown worse, advance where enough was seen, else hold.

    Pure. Nothing is decided where the pin had no traffic: there is nothing to compare with.
    """
    evidence = {metric: worse(counts.batches.get(metric, ())) for metric in METRICS}
    alpha = ALPHA / len(canary.steps)
    bad = [metric for metric in METRICS if evidence[metric].rejects(alpha * _SHARES[metric])]
    if bad:
        return Decision("roll back", 0.0, tuple(_worse(m, evidence[m]) for m in bad), evidence)
    waits = tuple(_waits(canary, counts))
    if waits:
        return Decision("hold", canary.percent, waits, evidence)
    following = next((step for step in canary.steps if step > canary.percent), None)
    requests = counted(counts.canary, "request")
    seen = f"{requests} in {counts.hours:.1f} hours, and no metric shown worse"
    if following is None:
        done = "it serves all traffic: move the pin" if canary.percent >= 100 else "no further step"
        return Decision("hold", canary.percent, (f"{seen}; {done}.",), evidence, finished=True)
    return Decision("advance", following, (f"{seen}: from {canary.percent:g} to {following:g} %.",),
                    evidence)  # fmt: skip


def _waits(canary: Canary, counts: Counts) -> list[str]:
    if not counts.pin and canary.percent < 100:
        return ["The pin had no traffic, so there is nothing to compare the canary with."]
    waits = []
    if counts.canary < canary.min_requests:
        waits.append(f"{counts.canary:,} of {counted(canary.min_requests, 'request')} so far.")
    if counts.hours < canary.min_hours:
        waits.append(f"{counts.hours:.1f} of {canary.min_hours:g} hours so far.")
    return waits


def _worse(metric: str, evidence: Evidence) -> str:
    def share(rate: float | None) -> str:
        return "unknown" if rate is None else f"{rate:.2%}"

    return (
        f"{metric}: {share(evidence.canary_rate)} of the canary's "
        f"{counted(evidence.canary, 'request')}, {share(evidence.pin_rate)} of the pin's; the odds "
        "against chance are "
        f"{min(evidence.highest / 2.302585, 99):.0f} digits long."
    )
