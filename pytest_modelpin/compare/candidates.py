"""Several candidates beside one pin: who is not inferior, what each costs, who refuses what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Literal

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.compare.comparison import Comparison
from pytest_modelpin.drift.pair import refused
from pytest_modelpin.drift.text.non_answers import refuses
from pytest_modelpin.gate.verdict import Verdict, points
from pytest_modelpin.providers.wire import Reply
from pytest_modelpin.results.case import Case
from pytest_modelpin.results.run import Run
from pytest_modelpin.wording import dollars, some

Pick = Literal["cheapest", "best"]


@dataclass(frozen=True, slots=True)
class Refusals:
    """What changed in what is declined: the safety delta, both ways."""

    newly: tuple[str, ...] = ()
    """Cases that the pin always answers, and of which the candidate declines a sample."""
    no_longer: tuple[str, ...] = ()
    """Cases of which the pin declines every sample, and the candidate answers one."""

    def __str__(self) -> str:
        said = [
            f"{label}: {', '.join(cases[:3])}" + (" …" if len(cases) > 3 else "")
            for label, cases in (("newly", self.newly), ("no longer", self.no_longer))
            if cases
        ]
        return "; ".join(said) or "as on the pin"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate's standing."""

    id: str
    """The version that served, else the id asked for."""
    comparison: Comparison
    verdict: Verdict
    refusals: Refusals

    @property
    def not_inferior(self) -> bool:
        """Whether this run alone gives no reason against it."""
        return self.verdict.colour == "green"

    @property
    def cost(self) -> float | None:
        """US dollars a sample; None where a price is unknown."""
        side = self.comparison.suite_candidate
        return side.per_sample(side.cost_usd)


def refusals(production: Run, candidate: Run, name: str) -> Refusals:
    """Which cases of a logical model are declined on one side and answered on the other."""
    pins = {case.id: case for case in production.cases}
    newly, no_longer = [], []
    for case in candidate.cases:
        pin = pins.get(case.id)
        before, after = _replies(pin, name) if pin else [], _replies(case, name)
        if not before or not after or _is_known(after, before):
            continue
        if any(map(_declines, after)) and not any(map(_declines, before)):
            newly.append(case.id)
        elif not all(map(_declines, after)) and all(map(_declines, before)):
            no_longer.append(case.id)
    return Refusals(tuple(newly), tuple(no_longer))


def pick(candidates: Sequence[Candidate], by: Pick, settings: Settings) -> Candidate | None:
    """The cheapest, or the best, of those that are not inferior; None where none is.

    The best passes more of the suite, and of equals refuses less that the pin answers. The cheapest
    has to have a known price. The first named wins a tie.
    """
    fit = [each for each in candidates if each.not_inferior]
    if by == "cheapest":
        priced = [each for each in fit if each.cost is not None]
        return min(priced, key=lambda each: each.cost or 0.0, default=None)
    ranked = {id(each): (_rate(each, settings), -len(each.refusals.newly)) for each in fit}
    return max(fit, key=lambda each: ranked[id(each)], default=None)


def why_none(candidates: Sequence[Candidate]) -> str:
    """Why `pick` names none, and what helps."""
    fit = [each.id for each in candidates if each.not_inferior]
    if not fit:
        return "none, since none of them is green"
    return (
        f"none, since nobody lists what {some(fit)} costs: name it under `settings: prices:` in "
        "models.yml"
    )


def rows(candidates: Sequence[Candidate]) -> list[tuple[str, ...]]:
    """The rows of a table, its heading first, a candidate a row."""
    told: list[tuple[str, ...]] = [
        ("candidate", "verdict", "difference", "passes", "a sample", "p50", "refusals")
    ]
    for each in candidates:
        side = each.comparison.suite_candidate
        told.append(
            (
                each.id,
                each.verdict.colour,
                "" if each.verdict.estimate is None else points(each.verdict.estimate),
                f"{side.passes}/{side.samples}",
                "price unknown" if each.cost is None else dollars(each.cost),
                "" if side.latency_p50 is None else f"{side.latency_p50:.2f} s",
                str(each.refusals),
            )
        )
    return told


def _rate(each: Candidate, settings: Settings) -> float:
    cases = [case for case in each.comparison.cases if case.candidate.samples]
    rates = [case.passes(settings.on_drift) / case.candidate.samples for case in cases]
    return sum(rates) / len(rates) if rates else 0.0


def _replies(case: Case, name: str) -> list[tuple[Reply, ...]]:
    """What each sample heard of the model; without those that were lost or heard nothing."""
    heard = (
        tuple([call.reply for call in sample.calls if call.name == name])
        for sample in case.samples
        if sample.outcome != "lost"
    )
    return [replies for replies in heard if replies]


def _is_known(after: Iterable[Sequence[Reply]], before: Iterable[Sequence[Reply]]) -> bool:
    """Whether the pin gives every reply as well, so that none is declined on one side only."""
    known = {tuple(map(_telling, replies)) for replies in before}
    return all(tuple(map(_telling, replies)) in known for replies in after)


_telling = attrgetter("text", "refusal", "finish_reason")
"""Of a reply all that tells whether it declines."""


def _declines(replies: Iterable[Reply]) -> bool:
    return any(refused(reply) or refuses(reply.text) for reply in replies)
