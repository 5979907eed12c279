"""How each model does right now, by its critical cases; and the small file that says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from modelpin_runtime.registry.models import Model, Pins
from pytest_modelpin.compare.comparison import CaseComparison, Comparison
from pytest_modelpin.gate.evidence import Counts
from pytest_modelpin.gate.verdict import died, looks_worse
from pytest_modelpin.providers import identify
from pytest_modelpin.recordings.capture import NEVER_SENT
from pytest_modelpin.report.escape import terminal
from pytest_modelpin.results.case import Sample
from pytest_modelpin.results.run import Run
from pytest_modelpin.wording import counted, some

State = Literal["unknown", "ok", "degraded", "down"]
"""`unknown`: nothing was sent, or a limit of one's own kept samples back; nothing speaks ill of it.
It is not written down, so that traffic stays as it is."""
_RANK: Mapping[str, int] = {"unknown": -1, "ok": 0, "degraded": 1, "down": 2}

MOST_LOST = 0.5
"""From this share of samples lost to provider errors on, a model is down."""
SLOWER = 3.0
"""A median reply that takes so many times the recorded one, and a second more, is degraded."""
_LEAST_SECONDS = 1.0
_WERE = ("sample was", "samples were")


@dataclass(frozen=True, slots=True)
class Health:
    """How one version does."""

    id: str
    state: State
    why: tuple[str, ...] = ()
    """Sentences, none where it is well."""


def targets(pins: Pins, model: Model) -> tuple[str, ...]:
    """Whom the cases of a logical model can ask: its pin, and fallbacks that speak the same API.

    A fallback of another provider is reached by the cases of a logical model of its own.
    """
    pin = model.pin
    own = model.provider or identify(pin).provider
    others = (id for id in pins.fallbacks(model.name) if identify(id).provider == own)
    return tuple(dict.fromkeys((pin, *others)))


def without_stand_ins(live: Run, name: str) -> Run:
    """The run with each sample as lost in which the model asked gave no answer.

    A case that asks along a chain passes by the fallback, which says nothing good of the pin.
    """

    def told(sample: Sample) -> Sample:
        heard = {call.name for call in (*sample.calls, *sample.shared)}
        if name in heard or sample.outcome not in ("passed", "failed"):
            return sample
        others = ", ".join(sorted(heard)) or "another"  # one that models.yml lacks is not heard
        instead = f"{others} answered in its place, or none"
        return replace(sample, outcome="lost", message=instead, lost_to="provider")

    return replace(
        live,
        cases=tuple(replace(case, samples=tuple(map(told, case.samples))) for case in live.cases),
    )


def judge(id: str, asked: Comparison, on_drift: str) -> Health:
    """How a version does whose live answers are `asked`, put beside the pin's recorded ones."""
    counts: dict[str, Counts] = {
        case.id: case.counts(on_drift)
        for case in asked.cases
        if case.production.samples and case.candidate.samples
    }
    all_lost = [case for case in asked.cases if case.candidate.lost]
    gone = [case for case in all_lost if case.lost_to not in NEVER_SENT]
    held_back = [case for case in all_lost if case not in gone]
    lost = sum(case.candidate.lost for case in gone)
    unsent = sum(case.candidate.lost for case in held_back)
    answered = sum(each[3] for each in counts.values())
    why = []
    if lost:
        why.append(f"{lost} of {counted(lost + answered, *_WERE)} lost{_first_line(gone)}")
        if lost >= MOST_LOST * (lost + answered):
            return Health(id, "down", tuple(why))
    worse = tuple(case for case, each in sorted(counts.items()) if died(each) or looks_worse(each))
    if worse:
        why.append(f"worse than its recordings: {some(worse)}")
    slow = _slow(asked.suite_production.latency_p50, asked.suite_candidate.latency_p50)
    why += [slow] if slow else []
    if why:
        return Health(id, "degraded", tuple(why))
    if unsent:
        total = unsent + answered
        waits = f"{unsent} of {counted(total, *_WERE)} not sent{_first_line(held_back)}"
        return Health(id, "unknown", (waits,))
    if not answered:
        return Health(id, "unknown", ("no critical case asked it",))
    return Health(id, "ok")


def _first_line(cases: Sequence[CaseComparison]) -> str:
    message = next((case.message for case in cases if case.message), "")
    return f": {message.splitlines()[0]}" if message else ""


def worst_of_each(found: Iterable[Health]) -> tuple[Health, ...]:
    """One entry an id: of two logical models that share it, the worse word counts."""
    by_id: dict[str, Health] = {}
    for each in found:
        known = by_id.get(each.id)
        if known is None or _RANK[each.state] > _RANK[known.state]:
            by_id[each.id] = each
    return tuple(by_id.values())


def status(found: Sequence[Health], at: float, fresh_seconds: float) -> dict[str, Any]:
    """What the status file holds: `modelpin_runtime.health` reads it; `at` is seconds from 1970."""
    each_once = worst_of_each(found)
    return {
        "at": round(at, 3),
        "fresh_seconds": fresh_seconds,
        "models": {each.id: each.state for each in each_once if each.state != "unknown"},
        "why": {each.id: list(each.why) for each in each_once if each.why},
    }


def lines(name: str, found: Sequence[Health], left: Sequence[str]) -> Iterator[str]:
    """For a person; `left` are fallbacks that these cases can't ask."""
    yield terminal(name)
    for each in found:
        yield f"  {each.state:9} {terminal(each.id)}"
        for reason in each.why:
            yield f"            {terminal(reason)}"
    for id in left:
        yield (
            f"  not asked {terminal(id)}: another provider's; give it a logical name with cases "
            "of its own"
        )


def _slow(before: float | None, now: float | None) -> str:
    if before is None or now is None or now < SLOWER * before or now < before + _LEAST_SECONDS:
        return ""
    return f"a median reply takes {now:.1f} s, {before:.1f} s when it was recorded"
