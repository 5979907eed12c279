"""From a comparison to a verdict: may anything be concluded, and does anything else forbid green?

The rules in their order: a night that says nothing of the whole suite is inconclusive; what the
team has set as a limit, and a category far below the margin, is red; the rest is for the gate.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare.case_comparison import lost_to, passed_without_answers, unanswered
from pytest_modelpin.compare.comparable import nothing_recorded_of
from pytest_modelpin.compare.comparison import CaseComparison, Comparison, night_counts
from pytest_modelpin.compare.figures import increase
from pytest_modelpin.gate.bound import is_beyond_chance
from pytest_modelpin.gate.evaluation import LOST_SHARE, evaluate
from pytest_modelpin.gate.evidence import (
    NO_NIGHTS,
    EarlierNights,
    NightCounts,
    UnusableError,
    check,
    gather,
)
from pytest_modelpin.gate.verdict import Verdict, points, worse_together, worst_of
from pytest_modelpin.providers import bare, identify
from pytest_modelpin.results.run import Asked
from pytest_modelpin.wording import counted, plural, some

__all__ = ["decide", "inconclusive_reasons", "night_counts", "served_version"]

FEWEST_OF_CATEGORY = 20
"""Smaller categories are reported, but decide nothing."""


def decide(
    comparison: Comparison,
    settings: Settings | None = None,
    earlier: EarlierNights = NO_NIGHTS,
    confirmations: NightCounts | None = None,
) -> Verdict:
    """The verdict on the night that `comparison` is of, after the version's `earlier` ones.

    `confirmations` are fresh samples of both sides for the cases that an earlier call named in
    `flagged`. Never raises for what the runs hold: the reason of an inconclusive verdict names it.
    """
    verdict = _decided(comparison, settings or Settings(), earlier, confirmations)
    if comparison.neighbours is None:
        return verdict
    first, rest = verdict.reasons[:1], verdict.reasons[1:]
    return replace(verdict, reasons=(*first, comparison.neighbours.said, *rest))


def _decided(
    comparison: Comparison,
    settings: Settings,
    earlier: EarlierNights,
    confirmations: NightCounts | None,
) -> Verdict:
    unusable = tuple(inconclusive_reasons(comparison))
    if unusable:
        return Verdict("inconclusive", reasons=unusable)
    counts = night_counts(comparison, settings.on_drift)
    moved = tuple(_moved_together(comparison))
    over_others = (*comparison.failed_over_others, *_unjudged(comparison))
    if moved and not counts:
        return Verdict("inconclusive", reasons=moved)
    categories = _worse_categories(comparison, counts, settings.margin)
    suspects = {
        *_suspects(comparison, settings.on_drift),
        *(set(earlier.open) & counts.keys()),
        *(case for category in categories for case in category.worst),
    }
    verdict = evaluate(counts, settings, earlier, confirmations, suspects)
    unknown = tuple(_unknown_limits(comparison, settings))
    limits = () if moved else _limits_exceeded(comparison, settings)
    worse = tuple(_confirmed(categories, confirmations or {}))
    if red := (*limits, *worse):
        gate = verdict.reasons if verdict.colour == "red" else ()
        confirmed = verdict.confirmed or bool(worse)
        reasons = (*gate, *red, *moved, *over_others)
        return replace(_without_bump(verdict), colour="red", confirmed=confirmed, reasons=reasons)
    if (undecided := (*(moved or unknown), *over_others)) and verdict.colour == "green":
        return replace(_without_bump(verdict), colour="inconclusive", reasons=undecided)
    named = verdict.flagged if verdict.colour == "red" else ()
    counted_too = _drift_counted(comparison) if settings.on_drift == "fail" else ()
    worth_a_look = _worth_a_look(comparison, named)
    return replace(
        verdict, reasons=(*verdict.reasons, *counted_too, *moved, *over_others, *worth_a_look)
    )


def _drift_counted(comparison: Comparison) -> Iterable[str]:
    """Why fewer samples pass here than in the tests' own figures, beside which this is read."""
    told = [case for case in comparison.cases if case.drifted_samples and not case.held_out]
    if told:
        yield (
            "counted as failed, because they change what the pin always says, though their own "
            f"asserts hold: {counted(sum(case.drifted_samples for case in told), 'sample')} of "
            f"{some(tuple(case.id for case in told))}"
        )


def _without_bump(verdict: Verdict) -> Verdict:
    return replace(verdict, bump_due=False, bump_reasons=())


def inconclusive_reasons(comparison: Comparison) -> Iterable[str]:
    """Why nothing follows from this night for the suite as a whole; empty where something does."""
    yield from comparison.faults
    if comparison.deselected:
        left_out = counted(comparison.deselected, "test was", "tests were")
        which = f": {some(comparison.not_run)}" if comparison.not_run else ""
        yield f"the whole suite did not run: {left_out} left out{which}"
    if only := comparison.only_production:
        yield f"the candidate's run holds no answer of {some(only)}, and production's does"
    if only := comparison.only_candidate:
        yield nothing_recorded_of(only)
    if unrecorded := comparison.unrecorded:
        ask = plural(len(unrecorded), "asks", "ask")
        yield (
            f"the recordings of the pin do not answer all that {some(unrecorded)} {ask} now, so "
            "that nothing is known of it there: `pytest-modelpin record`"
        )
    if comparison.left_out:
        yield left_out_reason(comparison)
    if comparison.unseen:
        yield f"a model was asked unseen: {some(comparison.unseen)}"
    lost = tuple(case for case in comparison.cases if case.lost)
    if not comparison.called:
        if not lost:
            yield unanswered(comparison.name, comparison.candidate.id, comparison.refused)
            return
        first = next((f": {case.message}" for case in lost if case.message), "")
        every = "the one case was" if len(lost) == 1 else f"all {len(lost):,} cases were"
        yield f"{every} lost to {lost_to(lost)}{first}"
        return
    if comparison.stale:
        yield (
            f"{comparison.stale} of the candidate's replies were replayed, not fetched, or came "
            "out of a gateway's cache; only fresh replies count"
        )
    _, why = served_version(comparison.candidate)
    if why:
        yield why
    if len(lost) > LOST_SHARE * len(comparison.cases):
        yield (
            f"{len(lost)} of {counted(len(comparison.cases), 'case was', 'cases were')} lost to "
            f"{lost_to(lost)}, "
            f"more than {LOST_SHARE:.0%}: {some(tuple(case.id for case in lost))}"
        )
    if skipped := [case for case in comparison.cases if case.skipped_samples and not case.left_out]:
        yield (
            "samples of the candidate were skipped, though not all of the pin's are, and what a "
            f"test skips for an answer is not checked: {some(tuple(case.id for case in skipped))}"
        )
    yield from passed_without_answers(comparison.cases)


def left_out_reason(comparison: Comparison) -> str:
    """That cases were left out, as a reason of the verdict."""
    said = tuple(f"{case} {each.why}" for case, each in comparison.left_out.items())
    return f"{counted(len(said), 'case was', 'cases were')} left out: {some(said)}"


def _unjudged(comparison: Comparison) -> Iterable[str]:
    """That too many cases whose tests ask for a judge went without; of fewer a note tells."""
    due = [case for case in comparison.cases if case.judged and not case.accepted]
    without = [case for case in due if case.unjudged]
    if len(without) > LOST_SHARE * len(due):
        yield (
            f"the judge gave no usable answer for {some(tuple(case.id for case in without))} "
            f"({len(without)} of {counted(len(due), 'case')} that it was to judge, more than "
            f"{LOST_SHARE:.0%}): {without[0].unjudged}"
        )


def served_version(asked: Asked) -> tuple[str | None, str]:
    """The one version that answered, and otherwise why it is not known.

    Where the wire names none, or only echoes it, the id asked for is the version if it is a pin.
    """
    if len(asked.served) > 1:
        return None, f"more than one version answered for {asked.id}: {some(asked.served)}"
    if asked.served and not asked.echoes:
        return asked.served[0], ""
    if identify(asked.id).kind == "pinned" and not {*asked.served} - {asked.id, bare(asked.id)}:
        return asked.id, ""
    return None, (
        f"which version answered for {asked.id} is not known: {asked.unproven}; "
        "ask for a pinned id instead"
    )


def _suspects(comparison: Comparison, on_drift: str) -> Iterable[str]:
    """Cases to confirm whatever their counts say over the version's nights."""
    counts = night_counts(comparison, on_drift)
    for case in comparison.cases:
        broken = on_drift == "fail" and case.contract_broken
        if case.id in counts and (broken or (case.critical and _suffers(case))):
            yield case.id


def _suffers(case: CaseComparison) -> bool:
    worse = _rate_difference(case) < 0
    return worse or any(drift.severity == "regression" for drift in case.drifts)


def _moved_together(comparison: Comparison) -> Iterable[str]:
    """That something is held out of the model's evidence, and how it comes to a decision."""
    if moved := tuple(case.id for case in comparison.cases if case.held_out):
        yield (
            f"prompt and model moved together in {some(moved)}: what changed there is of both, so "
            "it is held against neither, and nothing follows for the version; ask it with the "
            "pin's prompt first, or have both judged as one by `pytest-modelpin accept "
            f"{comparison.name} CASE`"
        )


def _is_pair(case: CaseComparison) -> bool:
    return case.moved_together and case.accepted


def _worth_a_look(comparison: Comparison, named: Collection[str]) -> Iterable[str]:
    """What no test caught: it decides nothing, and a reviewer should see it first.

    `named` are the cases that a reason has named already.
    """
    if paired := tuple(case.id for case in comparison.cases if _is_pair(case)):
        yield (
            f"prompt and model move together in {some(paired)}, as a person has accepted: they are "
            "judged as one"
        )
    passing = tuple(
        case.id
        for case in comparison.cases
        if case.id not in named
        and case.candidate.passes == case.candidate.samples
        and any(drift.severity == "regression" for drift in case.drifts)
    )
    if passing:
        yield f"no test fails, but read what changed in: {some(passing)}"


@dataclass(frozen=True, slots=True)
class _Category:
    """A category that looks worse."""

    told: str
    worst: tuple[str, ...]
    """Its cases to ask anew."""


def _worse_categories(
    comparison: Comparison, counts: NightCounts, margin: float
) -> tuple[_Category, ...]:
    """Categories of enough cases that are below −2 × margin, and below 0 beyond chance."""
    found = []
    for category in comparison.categories:
        members = {
            case.id: counts[case.id]
            for case in comparison.cases
            if case.category == category and case.id in counts
        }
        if len(members) < FEWEST_OF_CATEGORY:
            continue
        try:
            evidence = gather([members])
        except UnusableError:
            continue  # the gate names what is wrong with the counts
        mean = evidence.estimate
        if mean < -2 * margin and is_beyond_chance(evidence):
            found.append(
                _Category(
                    f"the category {category} ({len(members)} cases) is worse by {points(mean)}, "
                    f"below twice the margin ({points(-2 * margin)})",
                    worst_of(evidence),
                )
            )
    return tuple(found)


def _confirmed(categories: Iterable[_Category], fresh: NightCounts) -> Iterable[str]:
    """The categories that fresh samples of both sides confirm to be worse."""
    for category in categories:
        asked = {case: fresh[case] for case in category.worst if case in fresh}
        if _is_usable(asked) and worse_together(asked):
            yield f"{category.told}, confirmed on fresh samples of {counted(len(asked), 'case')}"


def _is_usable(fresh: NightCounts) -> bool:
    """Counts that can't be judged are named by the gate, and confirm nothing."""
    try:
        return bool(check(fresh, "confirmations"))
    except UnusableError:
        return False


def _rate_difference(case: CaseComparison) -> float:
    before, after = case.production, case.candidate
    if not before.samples or not after.samples:
        return 0.0
    return after.passes / after.samples - before.passes / before.samples


def _limits(
    comparison: Comparison, settings: Settings
) -> Iterable[tuple[str, str, float, float | None]]:
    """Each limit that is set: its key, what it limits, how much is allowed, how much there is."""
    before, after = comparison.suite_production, comparison.suite_candidate
    for key, what, limit, old, new in (
        (
            "max_cost_increase",
            "cost a sample",
            settings.max_cost_increase,
            before.per_sample(before.cost_usd),
            after.per_sample(after.cost_usd),
        ),
        (
            "max_latency_increase",
            "median latency",
            settings.max_latency_increase,
            before.latency_p50,
            after.latency_p50,
        ),
        (
            "max_token_increase",
            "tokens a sample",
            settings.max_token_increase,
            before.per_sample(before.tokens),
            after.per_sample(after.tokens),
        ),
    ):
        if limit is not None:
            yield key, what, limit, increase(old, new)


def _limits_exceeded(comparison: Comparison, settings: Settings) -> Iterable[str]:
    for key, what, limit, found in _limits(comparison, settings):
        if found is not None and found > limit:
            yield f"{what} rose by {found:.0%}, more than {key} allows ({limit:.0%})"


def _unknown_limits(comparison: Comparison, settings: Settings) -> Iterable[str]:
    for key, what, _, found in _limits(comparison, settings):
        if found is None:
            yield f"{key} is set, but the {what} of one side is not known"
