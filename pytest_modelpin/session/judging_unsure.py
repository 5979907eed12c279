"""At the end of a run by hand: the judge's opinions of what the detectors are unsure of."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pytest_modelpin.compare.accepted_drifts import unsure_within
from pytest_modelpin.compare.judged import mistrust
from pytest_modelpin.compare.opinions import asks_judge
from pytest_modelpin.intercept import hooks
from pytest_modelpin.judge.difference import Opinion
from pytest_modelpin.judge.judge import judge_of
from pytest_modelpin.results.case import Case
from pytest_modelpin.results.run import Run
from pytest_modelpin.session.session import Session
from pytest_modelpin.upgrade.suite import JUDGED_LATER


@dataclass(frozen=True, slots=True)
class Opinions:
    """What the judge said, by the keys of readings, and what kept it from more."""

    opinions: Mapping[str, Opinion] = field(default_factory=dict)
    note: str = ""


def opinions_of_run(run: Run, pins: Mapping[str, Case], session: Session, root: Path) -> Opinions:
    """Asked in runs that send anyway; a run that only replays knows what was asked before.

    `pins` are the pin's recorded replies by case id.
    Tests are over, so the hooks of HTTP clients are taken out first: the judge's calls are its own.
    """
    settings = session.pins.settings
    if not asks_judge(settings) or JUDGED_LATER in os.environ:
        return Opinions()
    tried = [each for each in session.selection.models.values() if each.id != each.production]
    readings = unsure_within(run, settings, pins) if tried else ()
    judge = judge_of(session.pins, root)
    if not readings or judge is None:
        return Opinions()
    for selected in tried:
        ids = {selected.production, selected.id, *run.selection[selected.name].served}
        if why := judge.why_not(selected.name, ids):
            return Opinions(note=why)
    if why := mistrust(judge):
        return Opinions(note=why)
    if all(selected.record == "none" for selected in tried):
        return Opinions(judge.known(readings))
    hooks.uninstall()
    found = judge.opinions(readings)
    problem = f"some answers stayed for review: {judge.problem}" if judge.problem else ""
    return Opinions(found, problem)
