"""What a run says at its end: drifts with the judge's opinions of them, and the pages."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pytest_modelpin.compare.accepted_drifts import (
    drifts_within,
    neighbours_within,
    uncompared_within,
    unsure_within,
)
from pytest_modelpin.compare.judged import mistrust
from pytest_modelpin.compare.opinions import asks_judge
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.intercept import hooks
from pytest_modelpin.judge.difference import Opinion
from pytest_modelpin.judge.judge import judge_of
from pytest_modelpin.report.terminal import summary
from pytest_modelpin.results.case import Case
from pytest_modelpin.results.run import Run
from pytest_modelpin.session.api_keys import told_before, untold
from pytest_modelpin.session.session import Session
from pytest_modelpin.upgrade.suite import JUDGED_LATER


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that is over."""

    run: Run
    pins: Mapping[str, Case]
    """By case id: the pin's recorded replies, where another version was tried."""
    session: Session
    config: pytest.Config


def tell_summary(ended: Ended, tell: Callable[..., None]) -> None:
    """Tell of the run, line by line, and write the pages that `--model-html` asks for."""
    session, run, pins = ended.session, ended.run, ended.pins
    shown = replace(run, notes=tuple(untold(run.notes, told_before(session))))
    pages = ended.config.option.model_html
    if JUDGED_LATER in os.environ and not pages:
        # Whoever reads the report compares it.
        tell(*summary(shown, None))
        return
    settings = session.pins.settings
    try:
        opinions = _opinions(ended)
        if opinions.note:
            tell(f"note: {opinions.note}")
        neighbours = neighbours_within(run, pins)
        drifts = drifts_within(run, settings, opinions.opinions, pins, neighbours)
    except ModelpinError as error:  # the weights of `settings.embedding` can't be had
        tell(str(error))
        return
    said = {name: each.said for name, each in neighbours.items()}
    lines = summary(shown, drifts, uncompared_within(run, pins), said)
    tell(*lines)
    if pages:
        _write_pages(ended, tell)


def _write_pages(ended: Ended, tell: Callable[..., None]) -> None:
    from pytest_modelpin.report.page.session_pages import write_pages

    place = Path(ended.config.invocation_params.dir, ended.config.option.model_html)
    models, secrets = ended.session.pins, ended.session.secrets()
    try:
        for page in write_pages(place, ended.run, ended.pins, models, secrets):
            tell(f"page: {page}")
    except ModelpinError as error:
        tell(str(error))


@dataclass(frozen=True, slots=True)
class _Opinions:
    """What the judge said, by the keys of readings, and what kept it from more."""

    opinions: Mapping[str, Opinion] = field(default_factory=dict)
    note: str = ""


def _opinions(ended: Ended) -> _Opinions:
    """The judge's, of what the detectors are unsure of.

    Asked in runs that send anyway; a run that only replays knows what was asked before. None where
    the run's report goes on to be compared with the pin's own samples. Tests are over, so the
    hooks of HTTP clients are taken out first: the judge's calls are its own.
    """
    session, run = ended.session, ended.run
    settings = session.pins.settings
    if not asks_judge(settings) or JUDGED_LATER in os.environ:
        return _Opinions()
    tried = [each for each in session.selection.models.values() if each.id != each.production]
    readings = unsure_within(run, settings, ended.pins) if tried else ()
    judge = judge_of(session.pins, ended.config.rootpath)
    if not readings or judge is None:
        return _Opinions()
    for selected in tried:
        ids = {selected.production, selected.id, *run.selection[selected.name].served}
        if why := judge.why_not(selected.name, ids):
            return _Opinions(note=why)
    if why := mistrust(judge):
        return _Opinions(note=why)
    if all(selected.record == "none" for selected in tried):
        return _Opinions(judge.known(readings))
    hooks.uninstall()
    found = judge.opinions(readings)
    problem = f"some answers stayed for review: {judge.problem}" if judge.problem else ""
    return _Opinions(found, problem)
