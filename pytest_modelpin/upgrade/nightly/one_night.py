"""One night of one logical model: run, compare, confirm, and tell what to write down."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from modelpin_runtime.registry.models import Model, Pins
from pytest_modelpin.clock import utc_now
from pytest_modelpin.collector import collector_paused
from pytest_modelpin.compare.comparison import Comparison, compare
from pytest_modelpin.compare.decide import (
    decide,
    inconclusive_reasons,
    night_counts,
    served_version,
)
from pytest_modelpin.compare.judged import judged
from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.gate.evidence import NightCounts
from pytest_modelpin.gate.flags import confirming_samples
from pytest_modelpin.gate.verdict import Verdict, some
from pytest_modelpin.judge.judge import Judge
from pytest_modelpin.ledger.decision import Decision, accepted_cases
from pytest_modelpin.ledger.night import Night, Streak
from pytest_modelpin.ledger.nights import streak
from pytest_modelpin.ledger.version import evidence_of
from pytest_modelpin.providers import identify
from pytest_modelpin.redaction.written import write_redacted
from pytest_modelpin.report.changed_answers import ChangedAnswer, changed_answers
from pytest_modelpin.report.page import comparison_page
from pytest_modelpin.results.run import Run, prompts_of
from pytest_modelpin.upgrade.nightly.confirming import Fresh, confirm, spent
from pytest_modelpin.upgrade.nightly.dashboard import page_context
from pytest_modelpin.upgrade.nightly.holding import (
    confirmed,
    own_yardstick,
    to_hold,
    with_live_pin,
    without_accepted,
)
from pytest_modelpin.upgrade.nightly.live_pin import ask_pin
from pytest_modelpin.upgrade.nightly.marks import expected_mark, mark_of, mark_with
from pytest_modelpin.upgrade.nightly.outcome import keep_outcome
from pytest_modelpin.upgrade.nightly.sampling import (
    asking_of,
    too_late,
    with_the_rest_lost,
    write_samples,
)
from pytest_modelpin.upgrade.suite import Suite
from pytest_modelpin.wording import counted

ALL_RECORDED = 50
"""Samples of the pin to replay, at most; a replay has no more than were recorded."""

Say = Callable[[str], None]
"""Tells the user how far the work is, a line at a time."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What a night needs to know besides the model."""

    suite: Suite
    pins: Pins
    folder: Path
    """Where this night's reports and recordings go."""
    day: str
    """UTC, YYYY-MM-DD."""
    run_url: str | None = None
    say: Say = print
    live_baseline: int | None = None
    """Samples of every case for which the pin is asked live, too; None: from its recordings."""
    judge: Judge | None = None
    """Of the whole round, so that all its models share one budget."""


@dataclass(frozen=True, slots=True)
class Finding:
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


def watched(pins: Pins, names: Sequence[str]) -> list[Model]:
    """The logical models that have a candidate; `names` narrows them."""
    unknown = [name for name in names if name not in pins.models]
    if unknown:
        raise UpgradeError(
            f"{pins.path} names no {', '.join(map(repr, unknown))}; "
            f"it names: {', '.join(pins.models)}."
        )
    chosen = [pins.models[name] for name in names] if names else list(pins.models.values())
    found = [model for model in chosen if model.staging]
    if not found:
        raise UpgradeError(
            f"No logical model in {pins.path} has a candidate to watch; add a line such as "
            "`staging: claude-sonnet-4-5` below a model's `production:`."
        )
    return found


def production_run(watch: Watch) -> Run:
    """The pinned suite, replayed. Raises UpgradeError where pytest could not run it."""
    began = time.monotonic()
    run = watch.suite.run(
        "--model=production",
        "--model-tolerant",
        f"--model-samples={ALL_RECORDED}",
        report=watch.folder / "production.json",
    )
    cases = counted(len(run.cases), "case")
    watch.say(f"production: {cases} replayed in {time.monotonic() - began:.1f} s")
    return run


@collector_paused()  # both runs and their comparison are kept to the end
def one_night(
    watch: Watch,
    model: Model,
    production: Run,
    past: Sequence[Night],
    decisions: Sequence[Decision] = (),
) -> Finding:
    """Run the candidate live, compare it with production, and judge the night.

    `past` are the ledger's nights of this logical model, oldest first, and `decisions` what
    people decided about its versions. Nothing is written to the ledger here. A suite that could
    not be run is an inconclusive night, never a red one.
    """
    settings = watch.pins.settings
    folder = watch.folder / model.name
    recordings = folder / "recordings"
    began = time.monotonic()
    deadline = began + 60 * settings.night_minutes
    judge = watch.pins.settings.judge
    marked = mark_of(production, model, watch.pins[judge] if judge else "")
    expected = _blank(watch, model, past[-1].served if past else None, expected_mark(past, marked))
    plan = asking_of(production, model, evidence_of(past, expected), settings, past)
    watch.say(f"{model.name}: asking {model.staging} live …")
    try:
        candidate = watch.suite.run(
            f"--model={model.name}=candidate",
            f"--model-samples={plan.base}",
            f"--model-samples-of={write_samples(plan.more, folder / 'samples.json')}",
            f"--model-budget={settings.budget_usd}",
            f"--model-recordings={recordings}",
            report=folder / "candidate.json",
            deadline=deadline,
        )
    except UpgradeError as error:
        return _not_run(watch, model, past, str(error), time.monotonic() - began)
    late = time.monotonic() >= deadline
    if late:
        candidate = with_the_rest_lost(candidate, production, model)
    comparison = compare(production, candidate, model.name, settings, jobs=os.cpu_count() or 1)
    if late:
        comparison = replace(comparison, faults=(*comparison.faults, too_late(settings)))
    comparison = judged(
        comparison, production, candidate, settings, watch.judge,
        measured_on=[case for case in production.cases if model.name in case.models],
    )  # fmt: skip
    served, _ = served_version(comparison.candidate)
    answered = counted(comparison.called, "case") if comparison.called else "no case"
    by = f" by {served or 'an unknown version'}" if comparison.called else ""
    watch.say(f"{model.name}: {answered} answered{by} in {time.monotonic() - began:.1f} s")
    night = _blank(watch, model, served, mark_with(marked, comparison, candidate))
    evidence = evidence_of(past, night)
    accepted = accepted_cases(decisions, served)
    left = settings.budget_usd - spent(candidate, settings)
    if plan.live or watch.live_baseline:
        watch.say(f"{model.name}: asking the pin live, too …")
    live, left, problem = ask_pin(
        watch.suite, settings, model, plan, production, folder / "pin",
        every=watch.live_baseline, budget=left, deadline=deadline, judge=watch.judge,
    )  # fmt: skip
    if problem:
        watch.say(f"{model.name}: the recorded pin has to do: {problem}")
    comparison = with_live_pin(without_accepted(comparison, accepted), live)

    def decided(confirmations: NightCounts | None = None) -> Verdict:
        return decide(
            comparison,
            evidence.nights,
            settings,
            confirmations,
            fresh=evidence.fresh,
            live=live if watch.live_baseline else (),
            greens=evidence.greens,
            reds=evidence.reds,
            again=evidence.open,
        )

    verdict = decided()
    holding = () if _says_nothing(comparison) else to_hold(comparison, settings, evidence.held)
    fresh = Fresh()
    if wanted := tuple(sorted({*verdict.flagged, *holding})):
        watch.say(
            f"{model.name}: {counted(len(wanted), 'case')} changed or worse; asking both sides "
            f"{confirming_samples(len(wanted))} times more …"
        )
        fresh = confirm(
            watch.suite, settings, model, wanted, production, folder / "confirmation",
            budget=left, deadline=deadline, judge=watch.judge,
            yardstick=own_yardstick(production, candidate, accepted),
        )  # fmt: skip
        if fresh.problem:
            watch.say(f"{model.name}: no confirmation: {fresh.problem}")
        verdict = decided(fresh.of(verdict.flagged))
    held = sorted(
        {*confirmed(fresh.kept, holding), *(() if "*" in accepted else evidence.held - accepted)}
    )
    if held and verdict.colour == "green":
        verdict = replace(verdict, reasons=(*verdict.reasons, _held(held)))
    tried = comparison.suite_candidate
    night = replace(
        night,
        colour=verdict.colour,
        reasons=verdict.reasons,
        cases=night_counts(comparison, settings.on_drift),
        lost=tried.lost,
        drifted=_drift_counts(comparison),
        estimate=verdict.estimate,
        lower_bound=verdict.lower_bound,
        cost_usd=tried.cost_usd,
        latency=tried.latency_p50,
        tokens=tried.per_sample(tried.output_tokens),
        seconds=round(time.monotonic() - began, 1),
        usable=not _says_nothing(comparison),
        fresh={case: fresh.counts[case] for case in verdict.flagged if case in fresh.counts},
        open=verdict.flagged if verdict.colour != "green" else (),
        held=tuple(held),
        live=tuple(sorted(live)),
        moved=tuple(case.id for case in comparison.cases if case.held_out),
        prompts=prompts_of(candidate.cases, model.name),
    )
    context = page_context(
        model,
        night,
        past,
        margin=settings.margin,
        day=watch.day,
        fresh={**fresh.kept, **fresh.of(verdict.flagged)},
        accepted=accepted,
    )
    keep_outcome(
        folder / "candidate.json", production, candidate, verdict,
        day=watch.day, fresh=fresh.counts, live=live, accepted=accepted,
    )  # fmt: skip
    page = comparison_page(comparison, verdict, production, candidate, context)
    write_redacted(folder / "report.html", page)
    answers = changed_answers(comparison, production, candidate)
    if any(each.served == served and each.day != watch.day for each in past):
        comparison = replace(comparison, standing=())  # said on the version's first night
    return Finding(night, verdict, streak([*past, night]), comparison, recordings, answers)


def promotable(finding: Finding, model: Model) -> tuple[bool, str]:
    """Whether this finding should move the pin, and why not; ``""`` where it only has to wait."""
    served, pin = finding.night.served, model.pin
    if served is None:
        return False, "which version served is unknown, so there is nothing to pin"
    if served == pin:
        return False, f"{model.staging} is served by the pin itself; nothing to promote"
    if served in model.ignore:
        return False, f"{served} is on `ignore` in models.yml, so it is not proposed"
    if identify(served).kind == "floating":
        return False, f"{served} is itself a floating alias; set `staging:` to a version to pin"
    if model.policy == "float":
        return False, "policy is `float`: watched only"
    if not finding.verdict.bump_due:
        return False, ""
    return True, f"{pin} -> {served}"


def _says_nothing(comparison: Comparison) -> bool:
    return any(True for _ in inconclusive_reasons(comparison))


def _held(cases: Sequence[str]) -> str:
    return (
        "what the pin always says has changed, confirmed on fresh samples of both sides, where no "
        f"test asks for it; read it before the pin moves: {some(tuple(cases))}"
    )


def _not_run(
    watch: Watch, model: Model, past: Sequence[Night], why: str, seconds: float
) -> Finding:
    verdict = Verdict("inconclusive", reasons=(why,))
    night = replace(
        _blank(watch, model, None, ""),
        reasons=(why.splitlines()[0],),
        seconds=round(seconds, 1),
    )
    return Finding(night, verdict, streak([*past, night]))


def _blank(watch: Watch, model: Model, served: str | None, fingerprint: str) -> Night:
    return Night(
        day=watch.day,
        name=model.name,
        pin=model.pin,
        asked=str(model.staging),
        served=served,
        fingerprint=fingerprint,
        colour="inconclusive",
        run_url=watch.run_url,
        at=utc_now().isoformat(timespec="milliseconds"),
    )


def _drift_counts(comparison: Comparison) -> Mapping[str, int]:
    counts = Counter(
        kind
        for case in comparison.cases
        for kind in {drift.kind for drift in case.drifts if drift.kind != "identical"}
        if not case.held_out
    )
    return dict(sorted(counts.items()))
