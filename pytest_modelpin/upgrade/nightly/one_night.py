"""One night of one logical model: run, compare, confirm, and tell what to write down."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from modelpin_runtime.registry.models import Model
from pytest_modelpin.compare.comparison import Comparison, RunPair, compare
from pytest_modelpin.compare.decide import (
    decide,
    served_version,
)
from pytest_modelpin.compare.judged import judged
from pytest_modelpin.compare.opinions import MOST_ANSWERS
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
from pytest_modelpin.results.run import NightOutcome, Run, prompts_of
from pytest_modelpin.upgrade.accepted_files import refuse_written
from pytest_modelpin.upgrade.nightly import (
    NightlyContext,
    by_one_suite,
    nothing_recorded,
    unrecorded,
)
from pytest_modelpin.upgrade.nightly.live_runs import (
    Asking,
    FreshSamples,
    LivePin,
    LiveRuns,
    asking_of,
    spent,
    too_late,
    with_the_rest_lost,
)
from pytest_modelpin.upgrade.nightly.night_entry import (
    blank_entry,
    expected_fingerprint,
    says_nothing,
    suite_fingerprint,
    with_prompts,
    with_verdict,
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
        nothing = nothing_recorded([model], nightly.suite.root)
        return _not_run(nightly, model, past, nothing, 0.0)
    began = time.monotonic()
    settings = nightly.pins.settings
    live = _live_runs(nightly, model, production, began)
    settled = partial(accepted_since, decisions)
    suite = suite_fingerprint(nightly, model, production)
    plan = _asking(nightly, live, past, suite, settled)
    try:
        candidate, late = _asked(nightly, live, plan)
    except UpgradeError as error:
        return _not_run(nightly, model, past, str(error), time.monotonic() - began)
    comparison = _compared(nightly, live, candidate, late=late)
    served, _ = served_version(comparison.candidate)
    _say_answered(nightly, comparison, served, time.monotonic() - began)
    comparison = _read_by_judge(nightly, live, candidate, comparison)

    left = settings.budget_usd - spent(candidate, settings)
    pin = _live_pin(nightly, live, plan, left)
    night = blank_entry(nightly, model, past, served, with_prompts(suite, comparison, candidate))
    accepted = accepted_cases(decisions, served)
    comparison = with_live_pin(without_accepted(comparison, accepted), pin.counts)
    sampled_live = frozenset(pin.counts if nightly.live_baseline else ())
    earlier = replace(earlier_nights(past, night, settled), live=sampled_live)
    judgement = _judgement(
        nightly, replace(live, tonight=candidate), comparison, earlier, accepted, left - pin.usd,
        with_accepted_answers(production, candidate, accepted),
    )  # fmt: skip
    night = replace(
        with_verdict(
            night,
            comparison,
            judgement.verdict,
            on_drift=settings.on_drift,
            fresh=judgement.fresh.counts,
            held=judgement.held,
        ),
        live=tuple(sorted(pin.counts)),
        prompts=prompts_of(candidate.cases, model.name),
        seconds=round(time.monotonic() - began, 1),
    )
    outcome = NightOutcome(
        production.started, nightly.day, judgement.verdict.colour, judgement.verdict.told,
        fresh=judgement.fresh.counts, live=pin.counts, accepted=tuple(sorted(accepted)),
    )  # fmt: skip
    keep_outcome(live.folder / "candidate.json", candidate, outcome)
    _write_page(live, candidate, comparison, judgement, [*past, night], accepted)
    answers = changed_answers(comparison, production, candidate)
    if any(each.served == served and each.day != nightly.day for each in past):
        comparison = replace(comparison, standing=())  # said on the version's first night
    return NightResult(
        night, judgement.verdict, streak([*past, night]), comparison,
        live.folder / "recordings", answers,
    )  # fmt: skip


def _live_runs(nightly: NightlyContext, model: Model, production: Run, began: float) -> LiveRuns:
    """How both sides are asked in this night, which `began` by `time.monotonic`."""
    settings = nightly.pins.settings
    return LiveRuns(
        nightly.suite,
        settings,
        model,
        production,
        folder=nightly.folder / model.name,
        deadline=began + 60 * settings.night_minutes,
        judge=nightly.judge,
    )


def _asking(
    nightly: NightlyContext,
    live: LiveRuns,
    past: Sequence[Night],
    suite: str,
    settled: Callable[[Night], frozenset[str]],
) -> Asking:
    """How often each case is asked, if what served last time serves tonight."""
    served = past[-1].served if past else None
    expected = blank_entry(nightly, live.model, past, served, expected_fingerprint(past, suite))
    known = earlier_nights(past, expected, settled)
    return asking_of(live.production, live.model, known, live.settings, past)


def _asked(nightly: NightlyContext, live: LiveRuns, plan: Asking) -> tuple[Run, bool]:
    """The candidate's run, and whether the night's time was up before it ended.

    Raises UpgradeError where it could not be run, was run by another suite than the pin's, or may
    have been compared with what it wrote itself.
    """
    nightly.say(f"{live.model.name}: asking {live.model.staging} live …")
    candidate = live.candidate(plan, live.settings.budget_usd)
    by_one_suite(live.model, live.production, candidate)
    if nightly.commit:
        root = nightly.suite.root
        files = {case.id.partition("::")[0] for case in candidate.cases}
        refuse_written(
            root, nightly.modified, [root / nightly.suite.from_here(each) for each in files]
        )
    late = live.deadline is not None and time.monotonic() >= live.deadline
    return with_the_rest_lost(candidate, live.production, live.model) if late else candidate, late


def _compared(nightly: NightlyContext, live: LiveRuns, candidate: Run, *, late: bool) -> Comparison:
    """Both runs side by side; `late` where the night's time was up."""
    settings, name = live.settings, live.model.name
    comparison = compare(live.production, candidate, name, settings, jobs=os.cpu_count() or 1)
    if late:
        comparison = replace(comparison, faults=(*comparison.faults, too_late(settings)))
    return comparison


def _read_by_judge(
    nightly: NightlyContext, live: LiveRuns, candidate: Run, comparison: Comparison
) -> Comparison:
    """The comparison with the judge's opinions, of which a wait is told: it may take minutes."""
    settings, production, name = live.settings, live.production, live.model.name
    unsure = sum(len(case.unsure[:MOST_ANSWERS]) for case in comparison.cases)
    if nightly.judge is not None and unsure:
        nightly.say(f"{name}: {counted(unsure, 'changed answer')} for the judge …")
    return judged(
        comparison, RunPair(production, candidate, settings), nightly.judge,
        measured_on=[case for case in production.cases if name in case.models],
    )  # fmt: skip


def _say_answered(
    nightly: NightlyContext, comparison: Comparison, served: str | None, seconds: float
) -> None:
    answered = counted(comparison.called, "case") if comparison.called else "no case"
    by = f" by {served or 'an unknown version'}" if comparison.called else ""
    nightly.say(f"{comparison.name}: {answered} answered{by} in {seconds:.1f} s")


def _live_pin(nightly: NightlyContext, live: LiveRuns, plan: Asking, budget: float) -> LivePin:
    """The pin beside the candidate, where the plan or `--live-baseline` asks it."""
    if plan.live or nightly.live_baseline:
        nightly.say(f"{live.model.name}: asking the pin live, too …")
    pin = live.pin(plan, budget, every=nightly.live_baseline)
    if pin.problem:
        nightly.say(f"{live.model.name}: the recorded pin has to do: {pin.problem}")
    return pin


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
    holding = () if says_nothing(comparison) else to_hold(comparison, settings, earlier.held)
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


def _write_page(
    live: LiveRuns,
    candidate: Run,
    comparison: Comparison,
    judgement: _Judgement,
    nights: Sequence[Night],
    accepted: frozenset[str],
) -> None:
    """The night's page for people; tonight is the last of `nights`."""
    verdict, fresh = judgement.verdict, judgement.fresh
    *past, night = nights
    context = page_context(
        live.model,
        night,
        past,
        margin=live.settings.margin,
        commit=candidate.commit,
        fresh={**fresh.kept, **fresh.of(verdict.flagged)},
        accepted=accepted,
    )
    page = comparison_page(comparison, verdict, live.production, candidate, context)
    write_redacted(live.folder / "report.html", page)


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


def _not_run(
    nightly: NightlyContext, model: Model, past: Sequence[Night], why: str, seconds: float
) -> NightResult:
    verdict = Verdict("inconclusive", reasons=(why,))
    night = replace(
        blank_entry(nightly, model, past, None, ""),
        reasons=(why.splitlines()[0],),
        seconds=round(seconds, 1),
    )
    return NightResult(night, verdict, streak([*past, night]))
