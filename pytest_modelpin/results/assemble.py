"""From cases to a Run: which versions served, and what was odd."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_modelpin.providers import proven, served_id
from pytest_modelpin.registry.selection import Selected, Selection
from pytest_modelpin.results.case import Call, Case
from pytest_modelpin.results.fingerprint import fingerprint
from pytest_modelpin.results.run import Asked, Run
from pytest_modelpin.results.unjudged import unjudged_notes


def assemble(
    selection: Selection,
    cases: Iterable[Case],
    *,
    started: str,
    seconds: float,
    samples: int,
    deselected: int,
    left_out: Sequence[str] = (),
    judge: str = "",
    unseen: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> Run:
    """The run that these cases make up.

    `judge` is the judge's pinned id; it is part of the fingerprint.
    """
    ordered = tuple(sorted(cases, key=lambda case: case.id))
    asked = {name: _asked(selected, ordered) for name, selected in selection.models.items()}
    return Run(
        selection=asked,
        cases=ordered,
        started=started,
        seconds=seconds,
        samples=samples,
        deselected=deselected,
        left_out=tuple(sorted(left_out)),
        fingerprint=fingerprint(ordered, judge),
        unseen=tuple(unseen),
        notes=(*notes, *_oddities(asked.values()), *unjudged_notes(ordered)),
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
        others = [version for version in asked.served if version != asked.id]
        if asked.which == "production" and others and not asked.echoes:
            found.append(
                f"{asked.name}: the pin {asked.id} was answered by {', '.join(others)}; "
                "a pin should answer as itself."
            )
        if asked.which == "candidate" and asked.id == asked.production:
            found.append(
                f"{asked.name}: the candidate is the pin itself ({asked.id}); "
                "set `staging:` in models.yml to the alias or version to watch."
            )
    return found
