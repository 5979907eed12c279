"""Answers that a judge should have looked at, and why none did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pytest_modelpin.results.case import Case

_SHOWN = 5  # answers named in one sentence


def unjudged(case: Case) -> Mapping[str, str]:
    """By snapshot, why none of the case's samples has a usable judgement of it."""
    found: dict[str, str] = {}
    usable = set()
    for sample in case.samples:
        for answer in sample.answers:
            if answer.judged is None:
                continue
            if answer.judged.better is None:
                found.setdefault(answer.snapshot, answer.judged.reason)
            else:
                usable.add(answer.snapshot)
    return {snapshot: why for snapshot, why in found.items() if snapshot not in usable}


def unjudged_notes(cases: Iterable[Case]) -> list[str]:
    """A sentence for each reason why answers went without their judgement."""
    by_reason: dict[str, list[str]] = {}
    for case in cases:
        for snapshot, why in unjudged(case).items():
            by_reason.setdefault(why, []).append(snapshot)
    return [said_of(snapshots, why) for why, snapshots in by_reason.items()]


def said_of(snapshots: list[str], why: str) -> str:
    """That the judge said nothing usable of these answers, and why."""
    more = len(snapshots) - _SHOWN
    shown = ", ".join(snapshots[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return f"the judge gave no usable answer for {shown}: {why}"
