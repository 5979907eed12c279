"""The parts of a suite that ran on several machines, as the one run that they make up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pytest_modelpin.errors import RunReportError
from pytest_modelpin.results.case import Case
from pytest_modelpin.results.run import Asked, Run, fingerprint


def merge(runs: Sequence[Run]) -> Run:
    """The run that one process would have reported, from the reports of its parts.

    A case that several parts hold has the samples of all, in the order given. A test counts as
    left out only where no part ran it. Raises RunReportError where there is nothing to merge, or
    where the parts did not ask the same versions of the same models.
    """
    if not runs:
        raise RunReportError("There is no run report to merge; name at least one.")
    first = runs[0]
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
        selection={name: _asked([run.selection[name] for run in runs]) for name in first.selection},
        cases=cases,
        started=min(run.started for run in runs),
        seconds=max(run.seconds for run in runs),
        samples=max(run.samples for run in runs),
        deselected=max(len(left_out), _unnamed(runs)),
        left_out=left_out,
        fingerprint=_fingerprint(runs, cases),
        unseen=tuple(dict.fromkeys(sentence for run in runs for sentence in run.unseen)),
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
        seen = merged.get(case.id)
        if seen is None:
            merged[case.id] = case
        else:
            merged[case.id] = replace(
                seen,
                samples=(*seen.samples, *case.samples),
                models=tuple(dict.fromkeys((*seen.models, *case.models))),
                left_out=seen.left_out or case.left_out,
            )
    return tuple(sorted(merged.values(), key=lambda case: case.id))


def _asked(parts: Sequence[Asked]) -> Asked:
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
