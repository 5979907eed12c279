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
from pytest_modelpin.compare.comparison import RunPair, compare
from pytest_modelpin.compare.decide import decide
from pytest_modelpin.compare.judged import why_not_believed
from pytest_modelpin.compare.opinions import asks_judge
from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.intercept import hooks
from pytest_modelpin.judge.difference import Opinion
from pytest_modelpin.judge.judge import judge_of
from pytest_modelpin.redaction.written import write_redacted
from pytest_modelpin.report.terminal import summary
from pytest_modelpin.results.case import Answer, Case, Sample
from pytest_modelpin.results.report_file import from_json, redacted
from pytest_modelpin.results.run import Asked, Run
from pytest_modelpin.session.session import Session
from pytest_modelpin.upgrade.suite import JUDGED_LATER


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run that is over."""

    run: Run
    shown: Run
    """The same without what has been said of it already."""
    pins: Mapping[str, Case]
    """By case id: the pin's recorded replies, where another version was tried."""
    session: Session
    config: pytest.Config


def tell_summary(finished: FinishedRun, tell: Callable[..., None]) -> None:
    """Tell of the run, line by line, and write the pages that `--model-html` asks for."""
    run, pins = finished.run, finished.pins
    settings = finished.session.pins.settings
    try:
        opinions = _opinions(finished)
        if opinions.note:
            tell(f"note: {opinions.note}")
        neighbours = neighbours_within(run, pins)
        drifts = drifts_within(run, settings, opinions.opinions, pins, neighbours)
    except ModelpinError as error:  # the weights of `settings.embedding` can't be had
        tell(str(error))
        return
    drifts = _beyond_wording(drifts, run)
    neighbours_said = {name: each.said for name, each in neighbours.items()}
    tell(*summary(finished.shown, drifts, uncompared_within(run, pins), neighbours_said))
    if finished.config.option.model_html:
        try:
            _write_pages(finished, tell)
        except ModelpinError as error:
            tell(str(error))


def _beyond_wording(
    drifts: Mapping[str, tuple[Drift, ...]], run: Run
) -> Mapping[str, tuple[Drift, ...]]:
    """Without the wordings of pins of which several samples are taken, to learn what may vary."""
    tried = {name for name, asked in run.selection.items() if asked.id != asked.production}
    cases = {case.id: case for case in run.cases}
    return {
        id: found
        for id, found in drifts.items()
        if run.samples == 1
        or not tried.isdisjoint(cases[id].models)
        or any(drift.severity != "info" for drift in found)
    }


def _write_pages(finished: FinishedRun, tell: Callable[..., None]) -> None:
    """A page for each logical model that was tried on another version, beside its pin's recordings.

    With several models each page's name ends with its model's.
    """
    from pytest_modelpin.report.page import comparison_page, context_of_runs

    run, pins = finished.run, finished.session.pins
    path = Path(finished.config.invocation_params.dir, finished.config.option.model_html)
    tried = [asked for asked in run.selection.values() if asked.id != asked.production]
    tried = [asked for asked in tried if any(asked.name in case.models for case in run.cases)]
    if not tried:
        tell(
            "--model-html shows a version beside its pin, and no test asked any other version; "
            "add `--model candidate`."
        )
        return
    # The page packs the answers, where no secret can be found any more: they are taken out before.
    run = from_json(redacted(run, finished.session.secrets()))
    for asked in tried:
        named = path if len(tried) == 1 else path.with_stem(f"{path.stem}-{asked.name}")
        production = _pinned_run(run, finished.pins, asked)
        comparison = compare(production, run, asked.name, pins.settings)
        verdict = decide(comparison, pins.settings)
        model = pins.models.get(asked.name)
        context = context_of_runs(comparison, RunPair(production, run, pins.settings), model)
        page = comparison_page(comparison, verdict, production, run, context)
        try:
            write_redacted(named, page)
        except OSError as error:
            tell(f"--model-html {named} can't be written: {error.strerror or error}.")
            return
        tell(f"page: {named}")


def _pinned_run(run: Run, pins: Mapping[str, Case], asked: Asked) -> Run:
    """Production's side, made of the pin's recordings and the accepted answers.

    A case that has neither is left out: it has nothing to be compared with.
    """
    cases = []
    for case in run.cases:
        accepted = _accepted(case)
        samples = pins[case.id].samples if case.id in pins else ()
        if asked.name in case.models and (samples or accepted):
            beside = samples or (Sample("passed"),)
            cases.append(
                replace(case, samples=tuple(replace(each, answers=accepted) for each in beside))
            )
    pin = Asked(asked.name, asked.production, "production", asked.production, "none",
                (asked.production,))  # fmt: skip
    alone = replace(run, selection={asked.name: pin}, cases=tuple(cases))
    return replace(alone, notes=(), unseen=(), faults=())


def _accepted(case: Case) -> tuple[Answer, ...]:
    """What the repository accepts for each of the case's snapshots, as if the pin had said it."""
    answers = case.samples[0].answers if case.samples else ()
    return tuple(
        Answer(each.snapshot, each.accepted, each.accepted)
        for each in answers
        if each.accepted is not None
    )


@dataclass(frozen=True, slots=True)
class _Opinions:
    """What the judge said, by the keys of readings, and what kept it from more."""

    opinions: Mapping[str, Opinion] = field(default_factory=dict)
    note: str = ""


def _opinions(finished: FinishedRun) -> _Opinions:
    """The judge's, of what the detectors are unsure of.

    Asked in runs that send anyway; a run that only replays knows what was asked before. None where
    the run's report goes on to be compared with the pin's own samples. Tests are over, so the
    hooks of HTTP clients are taken out first: the judge's calls are its own.
    """
    session, run = finished.session, finished.run
    settings = session.pins.settings
    if not asks_judge(settings) or JUDGED_LATER in os.environ:
        return _Opinions()
    tried = session.selection.tried
    readings = unsure_within(run, settings, finished.pins) if tried else ()
    judge = judge_of(session.pins, finished.config.rootpath)
    if not readings or judge is None:
        return _Opinions()
    for selected in tried:
        ids = {selected.production, selected.id, *run.selection[selected.name].served}
        if why := judge.why_not(selected.name, ids):
            return _Opinions(note=why)
    if why := why_not_believed(judge):
        return _Opinions(note=why)
    if all(selected.record == "none" for selected in tried):
        return _Opinions(judge.known(readings))
    hooks.uninstall(session.interceptor)
    found = judge.opinions(readings)
    problem = judge.problem and f"some answers stayed without the judge's opinion: {judge.problem}"
    return _Opinions(found, problem)
