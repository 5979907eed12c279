"""A run: every case of one pytest session under one selection of models; which versions served,
what was odd, and the suite's fingerprint, which is the same whatever the model. And the parts of
a suite that ran on several machines, as the one run that they make up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from pytest_modelpin.errors import RunReportError
from pytest_modelpin.providers import identify, proven, served_id
from pytest_modelpin.providers.prices import Prices, price
from pytest_modelpin.registry.selection import Selected, Selection
from pytest_modelpin.results.case import Call, Case
from pytest_modelpin.typed_json import Count
from pytest_modelpin.wording import some


def fingerprint(cases: Iterable[Case], settings: str = "") -> str:
    """Hash of which cases there are, their tests' files, and what each asks which model.

    The first sample's requests count, in no order: a test may ask several at once, and any of them
    comes first. One that quotes an earlier answer counts with it, so that only replays of the same
    recordings have the same fingerprint. `settings` holds whatever else a verdict depends on, such
    as the judge's id.
    """
    digest = hashlib.sha256(settings.encode())
    for case in sorted(cases, key=lambda case: case.id):
        digest.update(f"\n{case.id} {case.source}".encode("utf-8", "surrogatepass"))
        for name, request in sorted(_requests(case)):
            digest.update(f"\n  {name} {request}".encode())
    return digest.hexdigest()[:16]


def _requests(case: Case) -> set[tuple[str, str]]:
    return {
        (call.name, call.request)
        for sample in case.samples[:1]
        for call in (*sample.shared, *sample.calls)
    }


def prompts_of(cases: Iterable[Case], name: str) -> dict[str, str]:
    """Hashes by name of the prompts that the cases of a logical model asked for."""
    found = {key: sha for case in cases if name in case.models for key, sha in case.prompts.items()}
    return dict(sorted(found.items()))


def fresh_calls(cases: Iterable[Case]) -> list[Call]:
    """Every live reply, also those of the judge."""
    return [
        call
        for case in cases
        for sample in case.samples
        for call in (*sample.calls, *sample.judging)
        if call.fresh
    ]


def spent_on(cases: Iterable[Case], prices: Prices) -> tuple[float, int]:
    """US dollars that the live replies cost, and of how many the price is known."""
    known = (price(call.reply, prices) for call in fresh_calls(cases))
    priced = [dollars for dollars in known if dollars is not None]
    return sum(priced), len(priced)


def unjudged(case: Case) -> Mapping[str, str]:
    """By snapshot, why none of the case's samples has a usable judgement of it."""
    found: dict[str, str] = {}
    usable = set()
    for answer in (answer for sample in case.samples for answer in sample.answers):
        if answer.judged is not None and answer.judged.better is None:
            found.setdefault(answer.snapshot, answer.judged.reason)
        elif answer.judged is not None:
            usable.add(answer.snapshot)
    return {snapshot: why for snapshot, why in found.items() if snapshot not in usable}


def unjudged_notes(cases: Iterable[Case]) -> list[str]:
    """A sentence for each reason why answers went without their judgement."""
    by_reason: dict[str, list[str]] = {}
    for case in cases:
        for snapshot, why in unjudged(case).items():
            by_reason.setdefault(why, []).append(snapshot)
    return [
        f"the judge gave no usable answer for {some(snapshots)}: {why}"
        for why, snapshots in by_reason.items()
    ]


SCHEMA = 1
"""Version of the run report's JSON. A reader refuses any other and says so."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run selected for one logical model, and which versions served it."""

    name: str
    production: str
    """The pin in models.yml."""
    which: str
    """production, candidate, fallback, canary, previous, or id."""
    id: str
    """The id that was sent."""
    record: str
    """none, new or all."""
    served: tuple[str, ...] = ()
    """The versions that answered, sorted; empty where the wire named none."""
    echoes: bool = False
    """True where `served` proves nothing: the wire only echoes the id asked for, or names one of
    which nobody knows whether it moves."""

    @property
    def unproven(self) -> str:
        """Why no version is known, as the end of a sentence."""
        if not self.served:
            return "the replies name none"
        served = identify(self.served[0])
        if served.kind == "unknown":
            return f"the replies name {served.id} ({served.rule.rstrip('.')})"
        if self.served == (self.id,):
            return "the replies only echo the id"
        return f"the replies name {served.id}, an alias too"


@dataclass(frozen=True, slots=True)
class NightOutcome:
    """How a run came out beside the pin's, and the samples that were asked for it afterwards.

    Without them the two reports would say less than the night that they are of.
    """

    beside: str
    """When the pin's run began that this one was compared with."""
    day: str
    """UTC, YYYY-MM-DD."""
    colour: Literal["green", "red", "inconclusive"]
    """The earlier nights of the version count in it, too."""
    reasons: tuple[str, ...] = ()
    fresh: Mapping[str, tuple[int, int, int, int]] = field(default_factory=dict)
    """By case: passes and samples of both sides, asked anew to confirm what looked changed."""
    live: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """By case: passes and samples of the pin, where it was asked live beside the candidate."""
    accepted: tuple[str, ...] = ()
    """Cases whose changes a person had accepted; `*` stands for all."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one pytest session found; all that passes from pytest to the command line."""

    selection: Mapping[str, Asked]
    """By logical name."""
    cases: tuple[Case, ...]
    """Sorted by id; only those that called a model or used `model_snapshot`."""
    started: str = ""
    """ISO 8601, UTC."""
    seconds: float = 0.0
    samples: Count = 1
    deselected: Count = 0
    """Tests that pytest collected and did not run (-k, -m, --deselect, -x, --lf)."""
    left_out: tuple[str, ...] = ()
    """Their node ids, sorted, so that parts run on several machines can be merged."""
    fingerprint: str = ""
    """Of the prompts and the tests: it changes where either does."""
    unseen: tuple[str, ...] = ()
    """Sentences: what asked a model unseen while no test ran, for which no case is left out."""
    faults: tuple[str, ...] = ()
    """Sentences: what of the suite did not run or was not checked, so that nothing follows."""
    unrecorded: tuple[str, ...] = ()
    """Node ids, sorted, of the tests that asked what no recording answers."""
    failed_unasked: tuple[str, ...] = ()
    """Those of tests that failed and are no cases: they may judge what other tests were told."""
    notes: tuple[str, ...] = ()
    """Sentences for the user: what was odd about this run."""
    commit: str = ""
    """Short id of the commit that was checked out; empty where none is known."""
    night: NightOutcome | None = None
    """Of a night's candidate: how it came out, and what was asked anew for that."""
    schema: int = field(default=SCHEMA)

    def night_beside(self, production: Run) -> NightOutcome | None:
        """What a night kept of this run and that one; None where it is of another pair."""
        return self.night if self.night and self.night.beside == production.started else None


def assemble(heard: Run, selection: Selection, *, judge: str = "") -> Run:
    """The run in order, with what its cases tell of the `selection` that it was under.

    `judge` is the judge's pinned id; it is part of the fingerprint.
    """
    ordered = tuple(sorted(heard.cases, key=lambda case: case.id))
    asked = {name: _asked(selected, ordered) for name, selected in selection.models.items()}
    return replace(
        heard,
        selection=asked,
        cases=ordered,
        left_out=tuple(sorted(heard.left_out)),
        fingerprint=fingerprint(ordered, judge),
        notes=(*heard.notes, *_oddities(asked.values()), *unjudged_notes(ordered)),
    )


def _asked(selected: Selected, cases: Sequence[Case]) -> Asked:
    replies = [call.reply for call in _calls(selected.name, cases) if call.reply.status < 400]
    served = {served_id(selected.id, reply) for reply in replies if reply.served_model}
    echoes = bool(replies) and not all(
        reply.served_model and proven(selected.id, reply.served_model, reply.provider)
        for reply in replies
    )
    return Asked(
        name=selected.name,
        production=selected.production,
        which=selected.which,
        id=selected.id,
        record=selected.record,
        served=tuple(sorted(served)),
        echoes=echoes,
    )


def _calls(name: str, cases: Sequence[Case]) -> Iterable[Call]:
    return (
        call
        for case in cases
        for sample in case.samples
        for call in (*sample.shared, *sample.calls)
        if call.name == name
    )


def _oddities(selection: Iterable[Asked]) -> list[str]:
    found = []
    for asked in selection:
        others, kind = [one for one in asked.served if one != asked.id], identify(asked.id).kind
        if asked.which == "production" and kind != "floating" and others and not asked.echoes:
            found.append(
                f"{asked.name}: the pin {asked.id} was answered by {', '.join(others)}; "
                "a pin should answer as itself."
            )
        if asked.which == "candidate" and others and kind == "pinned":
            found.append(
                f"{asked.name}: {asked.id} names one version and was asked for, and "
                f"{', '.join(others)} answered: what is found is of that one."
            )
        if asked.which == "candidate" and asked.id == asked.production:
            found.append(
                f"{asked.name}: the candidate is the pin itself ({asked.id}); "
                "set `staging:` in models.yml to the alias or version to watch."
            )
    return found


def merge(runs: Sequence[Run]) -> Run:
    """The run that one process would have reported, from the reports of its parts.

    A case that several parts hold has the samples of all, in the order given. A test counts as
    left out only where no part ran it. Raises RunReportError where there is nothing to merge, or
    where the parts did not ask the same versions of the same models.
    """
    if not runs:
        raise RunReportError("There is no run report to merge; name at least one.")
    first, asked = runs[0], runs[0].selection
    for number, run in enumerate(runs[1:], 2):
        if run.schema != first.schema:
            raise RunReportError(
                f"Run report {number} has schema {run.schema} and the first has {first.schema}; "
                "make all parts with the same version of pytest-modelpin."
            )
        if _asked_for(run) != _asked_for(first):
            raise RunReportError(
                f"Run report {number} asked for {_listed(run)}, and the first for "
                f"{_listed(first)}; only parts of one suite under one selection can be merged."
            )
    cases = _cases(case for run in runs for case in run.cases)
    left_out = tuple(sorted(set(first.left_out).intersection(*(run.left_out for run in runs))))
    return replace(
        first,
        selection={name: _of_all([run.selection[name] for run in runs]) for name in asked},
        cases=cases,
        started=min(run.started for run in runs),
        seconds=max(run.seconds for run in runs),
        samples=max(run.samples for run in runs),
        deselected=max(len(left_out), _unnamed(runs)),
        left_out=left_out,
        fingerprint=_fingerprint(runs, cases),
        unseen=tuple(dict.fromkeys(sentence for run in runs for sentence in run.unseen)),
        faults=tuple(dict.fromkeys(fault for run in runs for fault in run.faults)),
        unrecorded=tuple(sorted({test for run in runs for test in run.unrecorded})),
        failed_unasked=tuple(sorted({test for run in runs for test in run.failed_unasked})),
        notes=tuple(dict.fromkeys(note for run in runs for note in run.notes)),
        night=None,  # of each part alone
    )


def _asked_for(run: Run) -> dict[str, tuple[str, str]]:
    return {name: (asked.id, asked.record) for name, asked in run.selection.items()}


def _listed(run: Run) -> str:
    asked = run.selection.items()
    return ", ".join(f"{name}={each.id}" for name, each in sorted(asked)) or "no model"


def _cases(parts: Iterable[Case]) -> tuple[Case, ...]:
    merged: dict[str, Case] = {}
    for case in parts:
        if seen := merged.get(case.id):
            case = replace(
                seen,
                samples=(*seen.samples, *case.samples),
                models=tuple(dict.fromkeys((*seen.models, *case.models))),
                left_out=seen.left_out or case.left_out,
                left_out_cure=(seen if seen.left_out else case).left_out_cure,
            )
        merged[case.id] = case
    return tuple(sorted(merged.values(), key=lambda case: case.id))


def _of_all(parts: Sequence[Asked]) -> Asked:
    """What all parts asked; a part in which no test called the model says nothing of echoes."""
    served = {version for part in parts for version in part.served}
    return replace(
        parts[0], served=tuple(sorted(served)), echoes=any(part.echoes for part in parts)
    )


def _unnamed(runs: Sequence[Run]) -> int:
    """Tests left out of a part without their names: nobody can tell whether another ran them."""
    return max(run.deselected if run.deselected > len(run.left_out) else 0 for run in runs)


def _fingerprint(runs: Sequence[Run], cases: tuple[Case, ...]) -> str:
    """The fingerprint of all cases, made as the parts' own were: with the judge's id, or without.

    Parts of which neither is true get a fingerprint of their fingerprints, which changes with the
    way the suite is divided, but never stays where a prompt has changed.
    """
    asked = runs[0].selection.values()
    for judge in ("", *sorted({id for each in asked for id in (each.production, each.id)})):
        if all(run.fingerprint == fingerprint(run.cases, judge) for run in runs):
            return fingerprint(cases, judge)
    return fingerprint(cases, " ".join(sorted(run.fingerprint for run in runs)))
