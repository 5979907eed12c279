"""A night as the ledger keeps it: whose it is, by which suite, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from modelpin_runtime.registry.models import Model
from pytest_modelpin.clock import utc_now
from pytest_modelpin.compare.comparable import prompts_mark
from pytest_modelpin.compare.comparison import Comparison
from pytest_modelpin.compare.decide import inconclusive_reasons, night_counts
from pytest_modelpin.gate.evidence import NightCounts
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.ledger import Night
from pytest_modelpin.results.run import Run, fingerprint
from pytest_modelpin.upgrade.nightly import NightlyContext

_AND = "+"
"""Between a night's fingerprint of the suite and that of prompts that moved with the model."""


def blank_entry(
    nightly: NightlyContext,
    model: Model,
    past: Sequence[Night],
    served: str | None,
    fingerprint: str,
) -> Night:
    """Tonight before anything came of it: inconclusive. `past` are the model's, oldest first."""
    at = utc_now()
    if past and past[-1].day == nightly.day:
        # A clock that was put back must not have an earlier run of the day count instead.
        with suppress(ValueError, TypeError):
            at = max(at, datetime.fromisoformat(past[-1].at) + timedelta(milliseconds=1))
    return Night(
        day=nightly.day,
        name=model.name,
        pin=model.pin,
        asked=str(model.staging),
        served=served,
        fingerprint=fingerprint,
        colour="inconclusive",
        run_url=nightly.run_url,
        at=at.isoformat(timespec="milliseconds"),
        file=nightly.file,
    )


def with_verdict(
    night: Night,
    comparison: Comparison,
    verdict: Verdict,
    *,
    on_drift: str,
    fresh: NightCounts,
    held: tuple[str, ...],
) -> Night:
    """The night with what came of it.

    `fresh` are samples of both sides that were asked to confirm it, and `held` the cases with a
    confirmed change that holds a bump.
    """
    tried = comparison.suite_candidate
    return replace(
        night,
        colour=verdict.colour,
        reasons=verdict.told,
        cases=night_counts(comparison, on_drift),
        lost=tried.lost,
        drifted=_drift_counts(comparison),
        estimate=verdict.estimate,
        lower_bound=verdict.lower_bound,
        cost_usd=tried.cost_usd,
        latency=tried.latency_p50,
        tokens=tried.per_sample(tried.output_tokens),
        usable=not says_nothing(comparison),
        fresh={case: fresh[case] for case in verdict.flagged if case in fresh},
        open=verdict.flagged if verdict.colour != "green" else (),
        held=held,
        moved=tuple(case.id for case in comparison.cases if case.held_out),
    )


def says_nothing(comparison: Comparison) -> bool:
    """Whether nothing follows from the night for the suite as a whole."""
    return any(True for _ in inconclusive_reasons(comparison))


def _drift_counts(comparison: Comparison) -> Mapping[str, int]:
    counts = Counter(
        kind
        for case in comparison.cases
        for kind in {drift.kind for drift in case.drifts if drift.kind != "identical"}
        if not case.held_out
    )
    return dict(sorted(counts.items()))


def suite_fingerprint(nightly: NightlyContext, model: Model, production: Run) -> str:
    """Of the cases that call this model, and of the judge: nights whose fingerprints differ are of
    no streak.

    Taken from the replayed run: an answer that the candidate lost to an outage must not look like
    a changed suite.
    """
    judge = nightly.pins.settings.judge
    asking = (case for case in production.cases if model.name in case.models)
    return fingerprint(asking, nightly.pins[judge] if judge else "")


def with_prompts(suite: str, comparison: Comparison, candidate: Run) -> str:
    """With the candidate's own prompts, where it was asked by other ones than the pin."""
    moved = prompts_mark(candidate.cases, comparison.moved_together, comparison.name)
    return f"{suite}{_AND}{moved}" if moved else suite


def expected_fingerprint(past: Sequence[Night], suite: str) -> str:
    """Tonight's as far as it is known before the candidate is asked.

    Prompts of its own are taken for those of the night before.
    """
    last = past[-1].fingerprint if past else ""
    return last if last.partition(_AND)[0] == suite else suite
