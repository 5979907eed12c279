"""Changes that no test fails over: confirmed, and then a reason to hold a bump until a person
accepts them; and how a night came out, kept in its candidate's report, so that the two reports say
what the night said, whoever compares them again; and what its page tells beside the comparison.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

from modelpin_runtime.registry.models import Model, Settings
from pytest_modelpin.compare.case_comparison import CaseComparison, as_information
from pytest_modelpin.compare.comparison import Comparison, RunPair
from pytest_modelpin.compare.decide import decide
from pytest_modelpin.gate.evidence import Counts, NightCounts
from pytest_modelpin.gate.statistics import at_most, fisher_worse, holm, smallest_p
from pytest_modelpin.gate.verdict import CONFIRMING_LEVEL, Verdict, died, looks_worse
from pytest_modelpin.ledger import Night
from pytest_modelpin.ledger.nights import last_of_each_day
from pytest_modelpin.providers import identify
from pytest_modelpin.report.page import PageContext
from pytest_modelpin.report.page.head import ends_of, made_of
from pytest_modelpin.results import report_file
from pytest_modelpin.results.case import Case
from pytest_modelpin.results.run import NightOutcome, Run
from pytest_modelpin.upgrade.proposal.branch_commit import branch_of
from pytest_modelpin.wording import some


def to_hold(
    comparison: Comparison, settings: Settings, known: Collection[str] = ()
) -> tuple[str, ...]:
    """Cases that changed in a way which holds a bump, if fresh samples confirm it.

    A reply that no test gave to `model_snapshot` is watched; with `on_drift: hold` so is one that
    was. `known` are those that an earlier night has confirmed.
    """
    if settings.on_drift == "report":
        return ()
    return tuple(
        case.id
        for case in comparison.cases
        if case.id not in known and _changed(case, changed_samples(case, settings))
    )


def changed_samples(case: CaseComparison, settings: Settings) -> int:
    """The candidate's samples with a change that holds a bump."""
    if settings.on_drift == "hold":
        return max(case.drifted_samples, case.watched_samples)
    return case.watched_samples


def confirmed(fresh: NightCounts, cases: Collection[str]) -> frozenset[str]:
    """Which of the cases fresh samples of both sides confirm to have changed."""
    p_values = {case: fisher_worse(*fresh[case]) for case in cases if case in fresh}
    missing = {case: 1.0 for case in cases if case not in fresh}
    return holm({**p_values, **missing}, CONFIRMING_LEVEL)


def without_unread(fresh: NightCounts, unread: Collection[str]) -> NightCounts:
    """Fresh samples without those of cases that a judge could not read: they may confirm what is
    worse all the same, but clear nobody.
    """
    return {
        case: counts
        for case, counts in fresh.items()
        if case not in unread or at_most(fisher_worse(*counts), CONFIRMING_LEVEL)
    }


def unsettled(fresh: NightCounts, cases: Collection[str]) -> tuple[str, ...]:
    """Which of the cases had too few fresh samples of both sides to confirm any change."""
    return tuple(
        case
        for case in cases
        if case not in fresh
        or not at_most(smallest_p(fresh[case][1], fresh[case][3]), CONFIRMING_LEVEL)
    )


def waiting_for(cases: Sequence[str], verdict: Verdict) -> Verdict:
    """The green verdict, in which a bump waits for what `unsettled` gave."""
    if not cases or verdict.colour != "green":
        return verdict
    waits = (
        f"a bump waits: what changed in {some(cases)} could be neither confirmed nor cleared: too "
        "few fresh samples of both sides came, for want of budget, of time, or of the provider"
    )
    before = () if verdict.bump_due else verdict.bump_reasons
    return replace(verdict, bump_due=False, bump_reasons=(*before, waits))


def reason_to_hold(cases: Collection[str], name: str) -> str:
    """What a green night says of changes that hold the bump of the logical model `name`."""
    return (
        "what the pin always says has changed, confirmed on fresh samples of both sides: "
        f"{some(tuple(cases))}; that turns no night red, but the pull request opens as a draft "
        f"until a person accepts it: `pytest-modelpin accept {name}`"
    )


def without_accepted(comparison: Comparison, accepted: Collection[str]) -> Comparison:
    """The comparison in which what a person has accepted is a finding and no more.

    `accepted` are case ids; `*` stands for all of them.
    """
    if not accepted:
        return comparison
    return replace(
        comparison,
        cases=tuple(
            replace(as_information(case), accepted=True)
            if "*" in accepted or case.id in accepted
            else case
            for case in comparison.cases
        ),
    )


def with_accepted_answers(production: Run, candidate: Run, accepted: Collection[str]) -> Run:
    """The pin's run in which accepted cases hold what the candidate answered tonight.

    Fresh samples of the candidate are held to it: what all of its own samples share is what may
    not break from now on. What these cases embedded is left out: vectors of two models are no
    neighbours.
    """
    if not accepted:
        return production
    own = {case.id: _without_vectors(case) for case in candidate.cases if case.tries}
    return replace(
        production,
        cases=tuple(
            own[case.id] if case.id in own and ({"*", case.id} & {*accepted}) else case
            for case in production.cases
        ),
    )


def _without_vectors(case: Case) -> Case:
    samples = tuple(
        replace(
            sample,
            calls=tuple(call for call in sample.calls if call.vectors is None),
            shared=tuple(call for call in sample.shared if call.vectors is None),
        )
        for sample in case.samples
    )
    return case if samples == case.samples else replace(case, samples=samples)


def with_live_pin(comparison: Comparison, live: Mapping[str, tuple[int, int]]) -> Comparison:
    """The comparison in which production's counts are those of live samples, where there are any.

    `live` holds passes and samples by case id.
    """
    return replace(
        comparison,
        cases=tuple(
            replace(
                case,
                production=replace(
                    case.production, passes=live[case.id][0], samples=live[case.id][1]
                ),
            )
            if case.id in live
            else case
            for case in comparison.cases
        ),
    )


def _changed(case: CaseComparison, changed: int) -> bool:
    samples = case.candidate.samples
    if not changed or not samples or not case.production.samples:
        return False
    pin = case.production.samples
    counts: Counts = (pin, pin, samples - changed, samples)
    return died(counts) or looks_worse(counts)


def keep_outcome(report: Path, candidate: Run, outcome: NightOutcome) -> None:
    """Write the candidate's report anew, with how it came out."""
    report_file.write(replace(candidate, night=outcome), report)


def decided_again(comparison: Comparison, runs: RunPair) -> tuple[Comparison, Verdict]:
    """The comparison and its verdict, with what a night kept of these two runs.

    Earlier nights of the version are in no report: where they made the night come out otherwise,
    a note says so.
    """
    settings = runs.settings
    outcome = runs.candidate.night_beside(runs.production)
    if outcome is None:
        return comparison, decide(comparison, settings)
    comparison = with_live_pin(without_accepted(comparison, outcome.accepted), outcome.live)
    verdict = decide(comparison, settings)
    asked = {case: outcome.fresh[case] for case in verdict.flagged if case in outcome.fresh}
    if asked:
        verdict = decide(comparison, settings, confirmations=asked)
    if (verdict.colour, verdict.told) != (outcome.colour, outcome.reasons):
        reasons = "; ".join(outcome.reasons)
        note = f"judged on {outcome.day}, with the nights before it, it came out {outcome.colour}"
        said = f"{note}: {reasons}" if reasons else note
        comparison = replace(comparison, notes=(*comparison.notes, said))
    return comparison, verdict


_RUN = re.compile(r"(https://[^/]+/[^/]+/[^/]+)/actions/runs/.*")


def page_context(
    model: Model,
    night: Night,
    past: Sequence[Night],
    *,
    margin: float,
    fresh: Mapping[str, Counts],
    accepted: Collection[str],
    commit: str,
) -> PageContext:
    """The page's context for a night of `model`.

    `past` are the ledger's nights, oldest first; `fresh` the samples by which changes were
    confirmed or not, by case; `accepted` the cases whose changes a person has accepted, `*` for
    all.
    """
    branch = branch_of(model.group or model.name)
    return PageContext(
        nights=[*reversed([*last_of_each_day([*past, night])])],
        margin=margin,
        made=made_of(night.day, commit),
        run_url=night.run_url or "",
        retirements=ends_of(night.pin, night.served, date.fromisoformat(night.day), model),
        fresh=fresh,
        held=night.held,
        accepted=tuple(sorted(accepted)),
        branch=branch,
        pulls_url=_pulls(night.run_url or "", branch),
        not_proposed=why_not(night, model),
    )


def why_not(night: Night, model: Model) -> str:
    """Why no pin moves to what served this night, however green it was; else empty."""
    served, pin = night.served, model.pin
    if served is None:
        return "which version served is unknown, so there is nothing to pin"
    if served == pin:
        return f"{model.staging} is served by the pin itself; nothing to promote"
    if served in model.ignore:
        return f"{served} is on `ignore` in models.yml, so it is not proposed"
    if identify(served).kind == "floating":
        return f"{served} is itself a floating alias; set `staging:` to a version to pin"
    if model.policy == "float":
        return "policy is `float`: watched only"
    if model.staging != served and _is_older(served, pin):
        return (
            f"{model.staging} is served by {served}, which is older than the pin {pin}; nothing "
            f"to promote (`staging: {served}` in models.yml proposes it all the same)"
        )
    return ""


_DATE = re.compile(r"(?<!\d)(20\d\d)-?(\d\d)-?(\d\d)(?!\d)|-(2[3-9]|3\d)(0[1-9]|1[0-2])$")
"""Of a version: 2024-08-06, 20250929, or a year and month such as Mistral's 2411. OpenAI's 0613 is
a month and a day of no known year."""


def _is_older(served: str, pin: str) -> bool:
    """Whether both are versions of one model, and the pin's date is the later one.

    An alias may lag: for a year `gpt-4o` was served by 2024-08-06, when 2024-11-20 was there.
    """
    (one, then), (other, later) = (
        (_DATE.sub("*", id), ["".join(filter(None, each)) for each in _DATE.findall(id)])
        for id in (served, pin)
    )
    return one == other and then < later


def _pulls(run: str, branch: str) -> str:
    """Where GitHub lists the branch's pull request; empty where the run is not GitHub's."""
    found = _RUN.fullmatch(run)
    return f"{found[1]}/pulls?{urlencode({'q': f'is:pr head:{branch}'})}" if found else ""
