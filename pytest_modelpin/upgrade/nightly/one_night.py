"""One night of one logical model: run, compare, confirm, and tell what to write down."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from modelpin_runtime.registry.models import Model, Settings
from pytest_modelpin.clock import utc_now
from pytest_modelpin.compare.comparable import prompts_mark
from pytest_modelpin.compare.comparison import Comparison, RunPair, compare
from pytest_modelpin.compare.decide import (
    decide,
    inconclusive_reasons,
    night_counts,
    served_version,
)
from pytest_modelpin.compare.judged import judged
from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.gate.evidence import EarlierNights
from pytest_modelpin.gate.verdict import Verdict, confirming_samples
from pytest_modelpin.ledger import Night, Streak
from pytest_modelpin.ledger.decision import Decision, accepted_cases, accepted_since
from pytest_modelpin.ledger.nights import earlier_nights, streak
from pytest_modelpin.redaction.written import write_redacted
from pytest_modelpin.report.comparison_text import ChangedAnswer, changed_answers
from pytest_modelpin.report.page import comparison_page
from pytest_modelpin.results.report_file import collector_paused
from pytest_modelpin.results.run import NightOutcome, Run, fingerprint, prompts_of
from pytest_modelpin.upgrade.nightly import (
    NightlyContext,
    by_one_suite,
    nothing_recorded,
    unrecorded,
)
from pytest_modelpin.upgrade.nightly.live_runs import (
    FreshSamples,
    LiveRuns,
    asking_of,
    spent,
    too_late,
    with_the_rest_lost,
)
from pytest_modelpin.upgrade.nightly.outcome import (
    confirmed,
    keep_outcome,
    page_context,
    reason_to_hold,
    to_hold,
    unsettled,
    waiting_for,
    why_not,
    with_accepted_answers,
    with_live_pin,
    without_accepted,
)
from pytest_modelpin.wording import counted

_AND = "+"
"""Between a night's fingerprint of the suite and that of prompts that moved with the model."""


@dataclass(frozen=True, slots=True)
class NightResult:
    """What a night found."""

    night: Night
    verdict: Verdict
    streak: Streak
    """Including this night."""
    comparison: Comparison | None = None
    """None where the suite could not be run."""
    recordings: Path | None = None
    """Where the candidate's answers were recorded."""
    answers: tuple[ChangedAnswer, ...] = ()
    """Those that read otherwise than the pin's, the worst case first."""


@collector_paused()  # both runs and their comparison are kept to the end
def one_night(
    nightly: NightlyContext,
    model: Model,
    production: Run,
    past: Sequence[Night],
    decisions: Sequence[Decision] = (),
) -> NightResult:
    """Run the candidate live, compare it with production, and judge the night.

    `past` are the ledger's nights of this logical model, oldest first, and `decisions` what
    people decided about its versions. Nothing is written to the ledger here. A suite that could
    not be run, or that has no recording of the pin, is an inconclusive night, never a red one.
    """
    if unrecorded(production, [model]):
        return _not_run(nightly, model, past, nothing_recorded([model]), 0.0)
    settings = nightly.pins.settings
    began = time.monotonic()
    deadline = began + 60 * settings.night_minutes
    folder = nightly.folder / model.name
    live = LiveRuns(nightly.suite, settings, model, production, folder, deadline, nightly.judge)
    judge = settings.judge
    suite = _suite_fingerprint(production, model, nightly.pins[judge] if judge else "")
    last_served = past[-1].served if past else None
    expected = _blank(nightly, model, past, last_served, expected_fingerprint(past, suite))
    settled = partial(accepted_since, decisions)
    known = earlier_nights(past, expected, settled)
    plan = asking_of(production, model, known, settings, past)
    nightly.say(f"{model.name}: asking {model.staging} live …")
    try:
        candidate = live.candidate(plan, settings.budget_usd)
        by_one_suite(model, production, candidate)
    except UpgradeError as error:
        return _not_run(nightly, model, past, str(error), time.monotonic() - began)
    late = time.monotonic() >= deadline
    if late:
        candidate = with_the_rest_lost(candidate, production, model)
    comparison = _compared(nightly, model, production, candidate, late=late)
    served, _ = served_version(comparison.candidate)
    answered = counted(comparison.called, "case") if comparison.called else "no case"
    by = f" by {served or 'an unknown version'}" if comparison.called else ""
    nightly.say(f"{model.name}: {answered} answered{by} in {time.monotonic() - began:.1f} s")

    night = _blank(nightly, model, past, served, _with_prompts(suite, comparison, candidate))
    accepted = accepted_cases(decisions, served)
    left = settings.budget_usd - spent(candidate, settings)
    if plan.live or nightly.live_baseline:
        nightly.say(f"{model.name}: asking the pin live, too …")
    pin = live.pin(plan, left, every=nightly.live_baseline)
    if pin.problem:
        nightly.say(f"{model.name}: the recorded pin has to do: {pin.problem}")
    comparison = with_live_pin(without_accepted(comparison, accepted), pin.counts)
    sampled_live = frozenset(pin.counts if nightly.live_baseline else ())
    earlier = replace(earlier_nights(past, night, settled), live=sampled_live)
    judgement = _judgement(
        nightly, replace(live, tonight=candidate), comparison, earlier, accepted, left - pin.usd,
        with_accepted_answers(production, candidate, accepted),
    )  # fmt: skip
    night = replace(
        _written(night, comparison, settings, judgement),
        live=tuple(sorted(pin.counts)),
        prompts=prompts_of(candidate.cases, model.name),
        seconds=round(time.monotonic() - began, 1),
    )
    verdict, fresh = judgement.verdict, judgement.fresh
    context = page_context(
        model,
        night,
        past,
        margin=settings.margin,
        commit=candidate.commit,
        fresh={**fresh.kept, **fresh.of(verdict.flagged)},
        accepted=accepted,
    )
    outcome = NightOutcome(
        production.started, nightly.day, verdict.colour, verdict.told,
        fresh=fresh.counts, live=pin.counts, accepted=tuple(sorted(accepted)),
    )  # fmt: skip
    keep_outcome(folder / "candidate.json", candidate, outcome)
    page = comparison_page(comparison, verdict, production, candidate, context)
    write_redacted(folder / "report.html", page)
    answers = changed_answers(comparison, production, candidate)
    if any(each.served == served and each.day != nightly.day for each in past):
        comparison = replace(comparison, standing=())  # said on the version's first night
    recordings = folder / "recordings"
    return NightResult(night, verdict, streak([*past, night]), comparison, recordings, answers)


def _compared(
    nightly: NightlyContext, model: Model, production: Run, candidate: Run, *, late: bool
) -> Comparison:
    """Both runs side by side, with the judge's opinions; `late` where the night's time was up."""
    settings = nightly.pins.settings
    comparison = compare(production, candidate, model.name, settings, jobs=os.cpu_count() or 1)
    if late:
        comparison = replace(comparison, faults=(*comparison.faults, too_late(settings)))
    return judged(
        comparison, RunPair(production, candidate, settings), nightly.judge,
        measured_on=[case for case in production.cases if model.name in case.models],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Judgement:
    """What the gate says, after fresh samples of what looked worse or changed."""

    verdict: Verdict
    fresh: FreshSamples
    held: tuple[str, ...]
    """Cases with a confirmed change that holds a bump."""


def _judgement(
    nightly: NightlyContext,
    live: LiveRuns,
    comparison: Comparison,
    earlier: EarlierNights,
    accepted: frozenset[str],
    budget: float,
    baseline: Run,
) -> _Judgement:
    """The verdict, confirmed where it flags a case or a change that would hold a bump."""
    settings, name = live.settings, live.model.name
    verdict = decide(comparison, settings, earlier)
    holding = () if _says_nothing(comparison) else to_hold(comparison, settings, earlier.held)
    fresh = FreshSamples()
    if wanted := tuple(sorted({*verdict.flagged, *holding})):
        nightly.say(
            f"{name}: {counted(len(wanted), 'case')} changed or worse; asking both sides "
            f"{confirming_samples(len(wanted))} times more …"
        )
        fresh = live.confirm(wanted, budget, baseline=baseline)
        if fresh.problem:
            nightly.say(f"{name}: no confirmation: {fresh.problem}")
        verdict = decide(comparison, settings, earlier, fresh.of(verdict.flagged))
    verdict = waiting_for(unsettled(fresh.kept, holding), verdict)
    known = () if "*" in accepted else earlier.held - accepted
    held = tuple(sorted({*confirmed(fresh.kept, holding), *known}))
    if held and verdict.colour == "green":
        verdict = replace(verdict, bump_reasons=(*verdict.bump_reasons, reason_to_hold(held, name)))
    return _Judgement(verdict, fresh, held)


def _written(
    night: Night, comparison: Comparison, settings: Settings, judgement: _Judgement
) -> Night:
    """The night as the ledger keeps it."""
    tried, verdict, fresh = comparison.suite_candidate, judgement.verdict, judgement.fresh
    return replace(
        night,
        colour=verdict.colour,
        reasons=verdict.told,
        cases=night_counts(comparison, settings.on_drift),
        lost=tried.lost,
        drifted=_drift_counts(comparison),
        estimate=verdict.estimate,
        lower_bound=verdict.lower_bound,
        cost_usd=tried.cost_usd,
        latency=tried.latency_p50,
        tokens=tried.per_sample(tried.output_tokens),
        usable=not _says_nothing(comparison),
        fresh={case: fresh.counts[case] for case in verdict.flagged if case in fresh.counts},
        open=verdict.flagged if verdict.colour != "green" else (),
        held=judgement.held,
        moved=tuple(case.id for case in comparison.cases if case.held_out),
    )


def promotable(result: NightResult, model: Model) -> tuple[bool, str]:
    """Whether this night should move the pin, and why not; ``""`` where it only has to wait."""
    if result.comparison is None:
        return False, ""  # the verdict says what kept the suite from running
    if not result.comparison.called:
        return False, ""  # nobody answered, so nothing is to be said of a version
    if why := why_not(result.night, model):
        return False, why
    if not result.verdict.bump_due:
        return False, ""
    return True, f"{model.pin} -> {result.night.served}"


def _says_nothing(comparison: Comparison) -> bool:
    return any(True for _ in inconclusive_reasons(comparison))


def _not_run(
    nightly: NightlyContext, model: Model, past: Sequence[Night], why: str, seconds: float
) -> NightResult:
    verdict = Verdict("inconclusive", reasons=(why,))
    night = replace(
        _blank(nightly, model, past, None, ""),
        reasons=(why.splitlines()[0],),
        seconds=round(seconds, 1),
    )
    return NightResult(night, verdict, streak([*past, night]))


def _blank(
    nightly: NightlyContext,
    model: Model,
    past: Sequence[Night],
    served: str | None,
    fingerprint: str,
) -> Night:
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
    )


def _drift_counts(comparison: Comparison) -> Mapping[str, int]:
    counts = Counter(
        kind
        for case in comparison.cases
        for kind in {drift.kind for drift in case.drifts if drift.kind != "identical"}
        if not case.held_out
    )
    return dict(sorted(counts.items()))


def _suite_fingerprint(production: Run, model: Model, judge: str) -> str:
    """Of the cases that call this model: nights whose fingerprints differ are of no streak.

    Taken from the replayed run: an answer that the candidate lost to an outage must not look like
    a changed suite. `judge` is the judge's id.
    """
    return fingerprint((case for case in production.cases if model.name in case.models), judge)


def _with_prompts(suite: str, comparison: Comparison, candidate: Run) -> str:
    """With the candidate's own prompts, where it was asked by other ones than the pin."""
    moved = prompts_mark(candidate.cases, comparison.moved_together, comparison.name)
    return f"{suite}{_AND}{moved}" if moved else suite


def expected_fingerprint(past: Sequence[Night], suite: str) -> str:
    """Tonight's as far as it is known before the candidate is asked.

    Prompts of its own are taken for those of the night before.
    """
    last = past[-1].fingerprint if past else ""
    return last if last.partition(_AND)[0] == suite else suite
