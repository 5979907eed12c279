"""Two runs of the same suite, side by side: per case what drifted, and the suite's figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare.case_comparison import (
    CaseComparison,
    Categories,
    as_information,
    breaks_contract,
    configured,
    failed_over_others,
    first_refusal,
    refusals,
)
from pytest_modelpin.compare.comparable import has_other_prompt, in_order_of
from pytest_modelpin.compare.figures import ProfileRow, Side, asked, side, suite_profile
from pytest_modelpin.compare.neighbours import CaseNeighbours, Neighbourhood, neighbourhood
from pytest_modelpin.compare.opinions import asks_judge
from pytest_modelpin.compare.samples import case_change, figure_drifts
from pytest_modelpin.errors import RunReportError
from pytest_modelpin.gate.evidence import Counts
from pytest_modelpin.judge.difference import Opinion
from pytest_modelpin.results.case import Case, LeftOut
from pytest_modelpin.results.run import Asked, Run, unjudged, unjudged_notes
from pytest_modelpin.wording import some

__all__ = ["CaseComparison", "Comparison", "Side", "compare", "night_counts"]

MOST_PROFILED = 400
"""Cases of which the profile is made, spread over the suite: more would not make it truer."""

FEWEST_FOR_PROCESSES = 1000  # cases; below, starting processes takes longer than they save

Task = tuple[
    Case, Case, str, Settings, Mapping[str, frozenset[str]], bool, Mapping[str, Opinion],
    CaseNeighbours | None,
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class RunPair:
    """Two runs that are compared, and the settings by which."""

    production: Run
    candidate: Run
    settings: Settings


@dataclass(frozen=True, slots=True)
class Comparison:
    """All cases of one logical model, production against candidate."""

    name: str
    production: Asked
    candidate: Asked
    cases: tuple[CaseComparison, ...]
    """Cases that both runs hold and that called this logical model, sorted by id."""
    suite_production: Side = field(default_factory=Side)
    suite_candidate: Side = field(default_factory=Side)
    categories: Mapping[str, tuple[Side, Side]] = field(default_factory=dict)
    """Production's and the candidate's figures by category."""
    only_production: tuple[str, ...] = ()  # case ids
    only_candidate: tuple[str, ...] = ()
    unrecorded: tuple[str, ...] = ()
    """Cases of both runs that asked the pin what no recording answers: they did not fail by it."""
    stale: int = 0
    """Candidate replies for which no model was asked: replayed, or out of a gateway's cache."""
    called: int = 0
    """Cases in which the candidate answered at least once."""
    refused: str = ""
    """What it said instead of an answer, where it answered nothing at all; empty where it did."""
    deselected: int = 0
    not_run: tuple[str, ...] = ()
    """Node ids of those that were deselected, as far as they are known."""
    left_out: Mapping[str, LeftOut] = field(default_factory=dict)
    """Cases, of whatever logical model, that asked unseen or heard nothing fresh, by id."""
    unseen: tuple[str, ...] = ()
    """What asked a model unseen while no test ran, a sentence each."""
    fingerprint: str = ""
    notes: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()
    """Notes that hold until somebody changes the suite: said once, not night after night."""
    profile: tuple[ProfileRow, ...] = ()
    """How the answers as a whole changed, beside the pin's own spread."""
    faults: tuple[str, ...] = ()
    """Why nothing follows from the two runs, as reasons for the verdict."""
    failed_over_others: tuple[str, ...] = ()
    neighbours: Neighbourhood | None = None
    """What became of the neighbours of embedded texts; None where nothing was embedded."""

    @property
    def moved_together(self) -> tuple[str, ...]:
        """Cases that asked the candidate with another prompt than the pin."""
        return tuple(case.id for case in self.cases if case.moved_together)


def compare(
    production: Run,
    candidate: Run,
    name: str,
    settings: Settings | None = None,
    *,
    jobs: int = 1,
    beside: Run | None = None,
) -> Comparison:
    """Compare all cases of the logical model `name`; pure and deterministic.

    A big suite is spread over `jobs` processes; the result is the same whatever their number.
    Raises RunReportError where a run does not know `name`. Runs that can't be compared, or only
    in part, are compared as far as they go; `faults` says why nothing follows from it. Where the
    candidate's run is of a part of the suite, `beside` holds what else its side embedded.
    """
    settings = settings or Settings()
    asked_production, asked_candidate = _asked(production, name), _asked(candidate, name)
    before = {case.id: case for case in production.cases}
    after = {case.id: case for case in candidate.cases}
    concerned = {case.id for case in (*production.cases, *candidate.cases) if _concerns(case, name)}
    pairs = [(before[id], after[id]) for id in sorted(concerned) if id in before and id in after]
    both = {case.id for case, _ in pairs}
    calls = [[call for sample in case.samples for call in asked(sample, name)] for _, case in pairs]
    # Before the cases: what this loads, like the list of prices, is there for every process.
    suite_production = side((old for old, _ in pairs), name, settings.prices)
    suite_candidate = side((new for _, new in pairs), name, settings.prices)
    neighbours = neighbourhood(
        production.cases, candidate.cases, name, beside.cases if beside else ()
    )
    unjudged = unjudged_notes(candidate.cases)
    compared = _all_compared(pairs, name, settings, jobs, neighbours)
    return Comparison(
        name=name,
        production=asked_production,
        candidate=asked_candidate,
        cases=compared,
        suite_production=suite_production,
        suite_candidate=suite_candidate,
        categories=_categories(pairs, name, settings),
        only_production=tuple(sorted(concerned - after.keys())),
        only_candidate=tuple(sorted(concerned - before.keys())),
        unrecorded=tuple(id for id in production.unrecorded if id in both),
        stale=sum(not call.fresh for of_case in calls for call in of_case),
        called=sum(map(bool, calls)),
        refused="" if any(calls) else first_refusal((new for _, new in pairs), name),
        deselected=max(production.deselected, candidate.deselected),
        not_run=max(production.left_out, candidate.left_out, key=len),
        left_out=_left_out((*candidate.cases, *production.cases)),
        unseen=tuple(dict.fromkeys((*candidate.unseen, *production.unseen))),
        fingerprint=production.fingerprint,
        notes=tuple(dict.fromkeys((*production.notes, *candidate.notes, *unjudged))),
        standing=tuple(_standing(compared)),
        profile=suite_profile(case.profile for case in compared),
        faults=tuple(_faults(production, candidate, name)),
        failed_over_others=tuple(failed_over_others(production, candidate)),
        neighbours=neighbours,
    )


def with_opinions(
    comparison: Comparison, runs: RunPair, opinions: Mapping[str, Opinion]
) -> Comparison:
    """The same comparison after a judge gave its opinions, by the keys of `unsure` readings."""
    if not opinions:
        return comparison
    before = {case.id: case for case in runs.production.cases}
    after = {case.id: case for case in runs.candidate.cases}
    known = Categories(before[case.id] for case in comparison.cases)
    about = _about(comparison.neighbours, comparison.name)

    def again(case: CaseComparison) -> CaseComparison:
        if not any(each.key in opinions for each in case.unsure):
            return case
        old, new = before[case.id], after[case.id]
        settings = runs.settings
        task = (old, new, comparison.name, settings, known.of(new), False, opinions, about(new))
        return replace(_compared(task), profile=case.profile)

    return replace(comparison, cases=tuple(map(again, comparison.cases)))


def night_counts(comparison: Comparison, on_drift: str = "fail") -> Mapping[str, Counts]:
    """Each case's passes and samples on both sides, as the gate and the ledger take them.

    A sample that breaks what the pin always says in a contract has failed, by `on_drift`.

    Missing are cases that were lost, skipped or left out, and those whose prompt moved with the
    model: they did not fail. A case that has samples on one side only, and not because of a
    provider's error, stays, for the gate to name.
    """
    return {
        case.id: case.counts(on_drift)
        for case in comparison.cases
        if not (case.lost or case.left_out or case.held_out)
        and (case.production.samples or case.candidate.samples)
    }


def _all_compared(
    pairs: Sequence[tuple[Case, Case]],
    name: str,
    settings: Settings,
    jobs: int,
    neighbours: Neighbourhood | None,
) -> tuple[CaseComparison, ...]:
    known = Categories(old for old, _ in pairs)
    about = _about(neighbours, name)
    every = max(len(pairs) // MOST_PROFILED, 1)
    tasks: list[Task] = [
        (old, new, name, settings, known.of(new), place % every == 0, {}, about(new))
        for place, (old, new) in enumerate(pairs)
    ]
    if jobs < 2 or len(tasks) < FEWEST_FOR_PROCESSES:
        return tuple(_compared(task) for task in tasks)
    from pytest_modelpin.compare.processes import shared_out

    return shared_out(_compared, tasks, jobs)


def _about(neighbours: Neighbourhood | None, name: str) -> Callable[[Case], CaseNeighbours | None]:
    return lambda case: neighbours.about(case, name) if neighbours else None


def _compared(task: Task) -> CaseComparison:
    pin, tried, name, settings, known, profiled, opinions, neighbours = task
    old, new = in_order_of(pin, pin), in_order_of(pin, tried)
    context = configured(new, settings, known)
    before, after = side([old], name, settings.prices), side([new], name, settings.prices)
    given = opinions if asks_judge(settings) else None
    change = case_change(old, new, name, context, profiled=profiled, opinions=given)
    apart, broken = neighbours.drifts(context) if neighbours else ((), frozenset())
    drifted = (*change.drifts, *apart, *figure_drifts(before, after, context))
    passed = {place for place, sample in enumerate(new.samples) if sample.outcome == "passed"}
    failed = [sample.message for sample in new.samples if sample.outcome == "failed"]
    lost = [sample for sample in new.samples if sample.outcome == "lost"]
    moved = has_other_prompt(old, new, name)
    refused = refusals(old, new)
    compared = CaseComparison(
        id=new.id,
        production=before,
        candidate=after,
        drifts=drifted,
        critical=new.critical,
        category=new.category,
        broken=(bool(failed) and before.passes == before.samples)
        or any(breaks_contract(drift) for drift in drifted),
        message=next(iter((*failed, *(sample.message for sample in lost))), ""),
        lost_to=next((sample.lost_to or "provider" for sample in lost), None),
        judged=any(answer.judged for sample in new.samples for answer in sample.answers),
        unjudged=next(iter(unjudged(new).values()), ""),
        drifted_samples=len(passed & (change.broken | broken)),
        watched_samples=len(passed & change.watched),
        skipped_samples=sum(each.outcome == "skipped" for each in new.samples if before.samples),
        refused_samples=len(refused),
        refusal=next(iter(refused), ""),
        contradiction=change.contradiction,
        profile=change.profile,
        left_out=bool(old.left_out or new.left_out),
        unsure=() if moved else change.unsure,
        moved_together=moved,
    )
    return as_information(compared) if moved else compared


def _left_out(cases: Iterable[Case]) -> dict[str, LeftOut]:
    """The first reason of each case."""
    reasons: dict[str, LeftOut] = {}
    for case in cases:
        if case.left_out:
            reasons.setdefault(case.id, LeftOut(case.left_out, case.left_out_cure))
    return reasons


def _categories(
    pairs: Sequence[tuple[Case, Case]], name: str, settings: Settings
) -> Mapping[str, tuple[Side, Side]]:
    by_category: dict[str, list[tuple[Case, Case]]] = {}
    for old, new in pairs:
        if new.category is not None:
            by_category.setdefault(new.category, []).append((old, new))
    return {
        category: (
            side((old for old, _ in members), name, settings.prices),
            side((new for _, new in members), name, settings.prices),
        )
        for category, members in sorted(by_category.items())
    }


def _asked(run: Run, name: str) -> Asked:
    try:
        return run.selection[name]
    except KeyError:
        known = ", ".join(run.selection) or "none"
        raise RunReportError(
            f"A run report says nothing of the logical model {name!r}; it names: {known}. "
            "Make both reports with the same models.yml."
        ) from None


def _concerns(case: Case, name: str) -> bool:
    return name in case.models or any(
        call.name == name for sample in case.samples for call in (*sample.shared, *sample.calls)
    )


def _standing(cases: Iterable[CaseComparison]) -> Iterable[str]:
    """What the pin's own samples leave open."""
    alone = 0
    for case in cases:
        if case.contradiction:
            yield (
                f"{case.id}: the pin's own samples contradict each other ({case.contradiction}), "
                "so that neither is held against the candidate"
            )
        alone += case.production.samples == 1
    if alone:
        yield (
            f"{alone} {'case has' if alone == 1 else 'cases have'} one sample of the pin, so that "
            "what may vary is not known there and a change of prose is for review at most; "
            "`pytest-modelpin record` takes more, save of a fixture that tests share"
        )


def stood_in(before: Asked, anew: Asked) -> tuple[str, ...]:
    """Versions that answered anew in place of those before: an alias may move within a night, and a
    gateway may fall back to another model.
    """
    known = {*before.served, before.id}
    return tuple(version for version in anew.served if version not in known)


def _faults(production: Run, candidate: Run, name: str) -> Iterable[str]:
    yield from dict.fromkeys((*candidate.faults, *production.faults))
    for other, beside in candidate.selection.items():
        before = production.selection.get(other)
        if other == name or before is None or {before.which, beside.which} != {"production"}:
            continue
        if others := stood_in(before, beside):
            yield (
                f"{other} stays on {beside.id}, which was answered by {some(others)} beside the "
                f"candidate and by {some(before.served or (before.id,))} beside the pin, so that "
                "the two were not held to the same: pin it to one version, or record it anew"
            )
    if production.schema != candidate.schema:
        yield (
            f"the two run reports are of different schemas ({production.schema} and "
            f"{candidate.schema}); make both with the same version of pytest-modelpin"
        )
