"""One night of one logical model: run, compare, confirm, and tell what to write down."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from modelpin_runtime.registry.models import Model, Pins, Settings
from pytest_modelpin.clock import utc_now
from pytest_modelpin.collector import collector_paused
from pytest_modelpin.compare.comparison import Comparison, compare
from pytest_modelpin.compare.decide import decide, night_counts, served_version
from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.ledger.night import Night, Streak
from pytest_modelpin.ledger.streak import streak
from pytest_modelpin.providers import identify
from pytest_modelpin.providers.prices import price
from pytest_modelpin.redaction.written import write_redacted
from pytest_modelpin.report.page import NightPoint, PageContext, comparison_page
from pytest_modelpin.results.fingerprint import fingerprint
from pytest_modelpin.results.run import Run
from pytest_modelpin.upgrade.suite import Suite
from pytest_modelpin.wording import counted

CONFIRMATION_SAMPLES = 8  # fresh samples a side for a flagged case; see docs/verdict.md

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
        f"--model-samples={watch.pins.settings.samples}",
        report=watch.folder / "production.json",
    )
    cases = counted(len(run.cases), "case")
    watch.say(f"production: {cases} replayed in {time.monotonic() - began:.1f} s")
    return run


@collector_paused()  # both runs and their comparison are kept to the end
def one_night(watch: Watch, model: Model, production: Run, past: Sequence[Night]) -> Finding:
    """Run the candidate live, compare it with production, and judge the night.

    `past` are the ledger's nights of this logical model, oldest first. Nothing is written to the
    ledger here. A suite that could not be run is an inconclusive night, never a red one.
    """
    folder = watch.folder / model.name
    recordings = folder / "recordings"
    began = time.monotonic()
    watch.say(f"{model.name}: asking {model.staging} live …")
    try:
        candidate = watch.suite.run(
            f"--model={model.name}=candidate",
            f"--model-samples={watch.pins.settings.samples}",
            f"--model-budget={watch.pins.settings.budget_usd}",
            f"--model-recordings={recordings}",
            report=folder / "candidate.json",
        )
    except UpgradeError as error:
        return _not_run(watch, model, past, str(error), time.monotonic() - began)
    comparison = compare(
        production, candidate, model.name, watch.pins.settings, jobs=os.cpu_count() or 1
    )
    served, _ = served_version(comparison.candidate)
    answered = counted(comparison.called, "case") if comparison.called else "no case"
    by = f" by {served or 'an unknown version'}" if comparison.called else ""
    watch.say(f"{model.name}: {answered} answered{by} in {time.monotonic() - began:.1f} s")
    night = _blank(watch, model, served, _fingerprint(watch, model, production))
    earlier = [past_night.cases for past_night in _streak_with(past, night).nights]
    verdict = decide(comparison, earlier, watch.pins.settings)
    if verdict.flagged:
        left = watch.pins.settings.budget_usd - spent(candidate, watch.pins.settings)
        confirmations = _confirm(watch, model, verdict.flagged, folder / "confirmation", left)
        verdict = decide(comparison, earlier, watch.pins.settings, confirmations)
    night = replace(
        night,
        colour=verdict.colour,
        reasons=verdict.reasons,
        cases=night_counts(comparison),
        lost=comparison.suite_candidate.lost,
        drifted=_drift_counts(comparison),
        estimate=verdict.estimate,
        lower_bound=verdict.lower_bound,
        cost_usd=comparison.suite_candidate.cost_usd,
        seconds=round(time.monotonic() - began, 1),
    )
    context = _page_context(watch, model, night, past)
    page = comparison_page(comparison, verdict, production, candidate, context)
    write_redacted(folder / "report.html", page)
    return Finding(night, verdict, streak([*past, night]), comparison, recordings)


def _page_context(watch: Watch, model: Model, night: Night, past: Sequence[Night]) -> PageContext:
    """What the page tells beside the comparison: the version's nights, and who retires when."""
    nights = [each for each in (*past, night) if each.served == night.served]
    return PageContext(
        nights=[
            NightPoint(
                date=each.day,
                colour=each.colour,
                served=each.served or "",
                estimate=each.estimate,
                lower_bound=each.lower_bound,
                cost_usd=each.cost_usd,
                url=each.run_url or "",
            )
            for each in nights
        ],
        margin=watch.pins.settings.margin,
        made=f"{watch.day} UTC",
        run_url=watch.run_url or "",
    )


def promotable(finding: Finding, model: Model) -> tuple[bool, str]:
    """Whether this finding should move the pin, and why not; ``""`` where it only has to wait."""
    served, pin = finding.night.served, model.overridden or model.production
    if served is None:
        return False, "which version served is unknown, so there is nothing to pin"
    if served == pin:
        return False, f"{model.staging} is served by the pin itself; nothing to promote"
    if served in model.ignore:
        return False, f"{served} is on `ignore` in models.yml"
    if identify(served).kind == "floating":
        return False, f"{served} is itself a floating alias; set `staging:` to a version to pin"
    if model.policy == "float":
        return False, "policy is `float`: watched only"
    if not finding.verdict.bump_due:
        return False, ""
    return True, f"{pin} -> {served}"


def _confirm(
    watch: Watch, model: Model, flagged: Sequence[str], folder: Path, budget: float
) -> Mapping[str, tuple[int, int, int, int]] | None:
    """Fresh samples of both sides for the flagged cases; None where they can't be had.

    `budget` is what the night may still spend, in US dollars, on both sides together.
    """
    watch.say(
        f"{model.name}: {counted(len(flagged), 'case')} looks worse; "
        f"asking both sides {CONFIRMATION_SAMPLES} times more …"
    )
    pin = model.overridden or model.production
    sides = []
    try:
        for side, version in (("production", pin), ("candidate", str(model.staging))):
            run = watch.suite.run(
                f"--model={model.name}={version}",
                "--model-record=all",
                f"--model-samples={CONFIRMATION_SAMPLES}",
                f"--model-budget={max(0.0, budget):.6f}",
                f"--model-recordings={folder / 'recordings'}",
                report=folder / f"{side}.json",
                tests=flagged,
            )
            budget -= spent(run, watch.pins.settings)
            sides.append(run)
    except UpgradeError as error:
        watch.say(f"{model.name}: no confirmation: {str(error).splitlines()[0]}")
        return None
    return {
        case: counts
        for case, counts in night_counts(compare(sides[0], sides[1], model.name)).items()
        if case in flagged
    }


def spent(run: Run, settings: Settings) -> float:
    """US dollars that a run's live replies cost, the judge's too, as far as prices are known."""
    calls = (
        call
        for case in run.cases
        for sample in case.samples
        for call in (*sample.calls, *sample.judging)
        if call.fresh
    )
    return sum(price(call.reply, settings.prices) or 0.0 for call in calls)


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
        pin=model.overridden or model.production,
        asked=str(model.staging),
        served=served,
        fingerprint=fingerprint,
        colour="inconclusive",
        run_url=watch.run_url,
        at=utc_now().isoformat(timespec="milliseconds"),
    )


def _streak_with(past: Sequence[Night], tonight: Night) -> Streak:
    """The streak that tonight would continue, without tonight."""
    if tonight.served is None:
        return Streak(tonight.name, None, tonight.fingerprint)
    going = streak([*past, replace(tonight, colour="green")])
    return replace(going, nights=tuple(night for night in going.nights if night.day != tonight.day))


def _fingerprint(watch: Watch, model: Model, production: Run) -> str:
    """Of the cases that call this model, taken from the replayed run: an answer that the
    candidate lost to an outage must not look like a changed suite.
    """
    judge = watch.pins.settings.judge
    return fingerprint(
        (case for case in production.cases if model.name in case.models),
        watch.pins[judge] if judge else "",
    )


def _drift_counts(comparison: Comparison) -> Mapping[str, int]:
    counts = Counter(
        kind
        for case in comparison.cases
        for kind in {drift.kind for drift in case.drifts if drift.kind != "identical"}
    )
    return dict(sorted(counts.items()))
