"""Where a run is put together: what it says first, its cases, the run report, what is printed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from modelpin_runtime.registry.models import overrides_nothing
from pytest_modelpin.clock import utc_today
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.files import MOVE_JOURNAL
from pytest_modelpin.providers import identify
from pytest_modelpin.registry import Model, Pins, environment_variable
from pytest_modelpin.registry.selection import Selection
from pytest_modelpin.session.final_reports import failed_afterwards
from pytest_modelpin.session.run_processes import WorkerReport, runs_tests, tell_worker
from pytest_modelpin.session.session import Session
from pytest_modelpin.session.unseen import Said, gathered
from pytest_modelpin.session.unused_recordings import UnusedRecordings

if TYPE_CHECKING:
    from pytest_modelpin.results.case import Case
    from pytest_modelpin.results.run import Run
    from pytest_modelpin.session.live_progress import LiveProgress


class ControllerHooks:
    """The hooks of the one process that reports: the only one, or pytest-xdist's controller."""

    def __init__(
        self, config: pytest.Config, session: Session, samples: int, seen: WorkerReport
    ) -> None:
        self.config = config
        self.session = session
        self.samples = samples
        self.seen = seen
        self.run: Run | None = None
        self._cases: dict[str, Case] = {}
        self._pins: dict[str, Case] = {}
        """What the pins say in the same cases, as recorded; where another version was tried."""
        self._failed: set[str] = set()
        self._unused = UnusedRecordings()
        self._said: list[str] = []
        self._said_of_keys = False
        self._told: list[Said] = []
        """What the tests' ends said."""
        self._began = time.time()
        self._progress = self._live_progress()

    def _live_progress(self) -> LiveProgress | None:
        if not (self.session.is_reported and self.session.interceptor.sends):
            return None
        from pytest_modelpin.session.live_progress import live_progress

        return live_progress(self.config, self.session.pins.settings.prices)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        tell_worker(self.config, node, self.session.pins)

    def pytest_report_header(self) -> list[str]:
        urgent = headlines(self.session.pins, utc_today(), self.config.rootpath)
        return header(self.session.selection, urgent)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if self._progress and runs_tests(self.config):
            self._progress.begin(len(session.items))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        if self._progress:  # each worker collects all tests; the first says how many
            self._progress.begin(len(ids))
        self._say_without_keys()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "teardown" and report.outcome != "failed":
            return  # what a test's end tells travels in its teardown's report
        unused = getattr(report, "modelpin_unused", ())
        if unused or report.failed:
            self._unused.add_report(report.nodeid, failed=report.failed, unused=unused)
        if report.failed:
            self._failed.add(report.nodeid)
        self._told += getattr(report, "modelpin_said", ())
        # pytest keeps every report to the end; the case as JSON would be kept with it.
        data = report.__dict__.pop("modelpin", None)
        pin = report.__dict__.pop("modelpin_pin", None)
        if data is not None:
            self._hear_case(data, pin)
        if self._progress and report.when == "teardown":
            self._progress.end(report.nodeid)

    def _hear_case(self, data: Any, pin: Any) -> None:
        from pytest_modelpin.results.report_file import case_from_json

        case = case_from_json(data)
        if getattr(self.config.option, "dist", "no") == "each" and case.id in self._cases:
            other = self._cases[case.id]  # another worker's, of which each runs all tests
            case = replace(
                case,
                samples=(*other.samples, *case.samples),
                left_out=other.left_out or case.left_out,
            )
        self._cases[case.id] = case
        if self._progress:
            self._progress.add(case)
        self._pins.pop(case.id, None)  # an earlier try's
        if pin is not None:
            self._pins[case.id] = case_from_json(pin)

    def _say_without_keys(self) -> None:
        """As `WorkerHooks.pytest_report_collectionfinish`, which a worker's pytest shows nobody."""
        if self._said_of_keys or not self.session.interceptor.sends:
            return
        self._said_of_keys = True
        from pytest_modelpin.providers.api_keys import Keys

        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        for lacking in Keys(self.session.selection).lacking():
            if reporter is not None and not lacking.has_other_ways:
                reporter.write_line(lacking.said())

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        if not hasattr(node, "workeroutput"):
            self.seen.faults.append(
                f"{node.gateway.id}, a worker of pytest-xdist, ended before it could say what it "
                "saw: a test, or a plugin's limit of time, ended its process"
            )
        self.seen.merge(getattr(node, "workeroutput", {}))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        stopped = bool(session.shouldfail or session.shouldstop)
        if session.testsfailed and self.session.interceptor.sends:
            self._shorten_failures()
        try:
            if self.seen.aliases is not None:
                self.session.recordings.move_settled(self.seen.aliases)
        except ModelpinError as error:
            self._said.append(str(error))
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if not stopped:
            self._settle_unused()
        if self.session.is_reported:
            self.run = self._assemble(stopped)
        if self.run and self.config.option.model_report:
            self._write_report(self.run, session)

    def _assemble(self, stopped: bool) -> Run:
        from pytest_modelpin.results.run import Run, assemble

        self.seen.faults += failed_afterwards(self._cases.values(), self._failed)
        heard = Run(
            selection={},
            cases=tuple(self._cases.values()),
            started=datetime.fromtimestamp(self._began, UTC).isoformat(timespec="seconds"),
            seconds=time.time() - self._began,
            samples=min(self.samples, self._most_samples()),
            # A run that stopped early left out some tests, nobody counted how many.
            deselected=len(self.seen.left_out) + stopped,
            left_out=tuple(self.seen.left_out),
            unseen=tuple(dict.fromkeys(self.seen.unseen)),
            faults=tuple(dict.fromkeys(self.seen.faults)),
            unrecorded=tuple(sorted(self.seen.unrecorded)),
            failed_unasked=tuple(sorted(self._failed - self._cases.keys())),
            notes=(*dict.fromkeys(self.seen.notes), *self._missing_keys(), *gathered(self._told)),
            commit=self._commit(),
        )
        return assemble(heard, self.session.selection, judge=self.session.judge_id)

    def _most_samples(self) -> int:
        """A replay can't have more than were recorded, however many are wanted."""
        return max((len(case.samples) for case in self._cases.values()), default=self.samples)

    def _commit(self) -> str:
        """Of what was run; looked up only where somebody will read it."""
        if not (self.config.option.model_report or self.config.option.model_html):
            return ""
        from pytest_modelpin.upgrade.git import commit

        return commit(self.config.rootpath)

    def _missing_keys(self) -> list[str]:
        from pytest_modelpin.providers.api_keys import Keys

        called = {name for case in self._cases.values() for name in case.models}
        return Keys(self.session.selection).missing(called)

    def _shorten_failures(self) -> None:
        from pytest_modelpin.session.before_and_after import reported_without_key, shorten

        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            failed = (*reporter.stats.get("failed", ()), *reporter.stats.get("error", ()))
            shorten(failed, reported_without_key(self.session))

    def _settle_unused(self) -> None:
        update = bool(getattr(self.config.option, "update_snapshots", False))
        try:
            self._unused.add_whole_modules(self.seen.modules)
            sentence = self._unused.settle(
                self.config.rootpath, update=update, samples=self.samples
            )
            if update and sentence:
                from pytest_modelpin.upgrade.bump.kept_answers import in_force, refresh_readable

                refresh_readable(self.config.rootpath, in_force(self.session.pins))
        except ModelpinError as error:
            sentence = str(error)
        self._said += [sentence] if sentence else []

    def _write_report(self, run: Run, session: pytest.Session) -> None:
        from pytest_modelpin.results import report_file

        folder = Path(self.config.invocation_params.dir)
        try:
            report_file.write(run, folder / self.config.option.model_report, self.session.secrets())
        except ModelpinError as error:
            self._said.append(str(error))
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        tell = partial(self._tell, terminalreporter)
        if self._said:
            tell(*self._said)
        if self.run is not None:
            terminalreporter.section("models", sep="=")
            self._tell_run(self.run, tell)
            return
        for sentence in dict.fromkeys((*gathered(self._told), *self.seen.unseen, *self.seen.notes)):
            from pytest_modelpin.report.escape import job_log, terminal  # mostly there is none

            terminalreporter.write_line(job_log(terminal(sentence)))

    def _tell_run(self, run: Run, tell: Callable[..., None]) -> None:
        """Tell of a run whose report is compared by whoever started it without loading what
        compares, half of the start of such a run; compare any other.
        """
        from pytest_modelpin.session.before_and_after import reported_without_key, without_reported
        from pytest_modelpin.upgrade.suite import JUDGED_LATER

        notes = tuple(without_reported(run.notes, reported_without_key(self.session)))
        shown = replace(run, notes=notes)
        if JUDGED_LATER in os.environ and not self.config.option.model_html:
            from pytest_modelpin.report.terminal import summary

            tell(*summary(shown, None))
            return
        from pytest_modelpin.session.summary import FinishedRun, tell_summary

        tell_summary(FinishedRun(run, shown, self._pins, self.session, self.config), tell)

    def _tell(self, terminalreporter: Any, *lines: str) -> None:
        """Print lines without secrets, in colour where pytest prints in colour."""
        from pytest_modelpin.redaction.redact import redact
        from pytest_modelpin.report.ansi import Palette, painted
        from pytest_modelpin.report.escape import job_log

        # pytest's own switch: it knows `--color`, NO_COLOR and what it writes to.
        colours = Palette(on=terminalreporter.hasmarkup)
        secrets = self.session.secrets()
        shown = [job_log(redact(line, secrets)) for line in lines]
        for line in painted(shown, colours):
            terminalreporter.write_line(line)


_MODES = {"none": "replay", "new": "replay, record what is new", "all": "live"}
_MOST_HEADLINES = 3  # a header is no list


def header(selection: Selection, headlines: Sequence[str] = ()) -> list[str]:
    """One line a logical model that is not simply replayed on its pin, else one line in all.

    Below it a line for each of the `headlines`, which are what is urgent about the pins.
    """
    from pytest_modelpin.report.escape import terminal

    return [*_selected(selection), *(f"alarm: {terminal(line)}" for line in headlines)]


def _selected(selection: Selection) -> list[str]:
    chosen = selection.models.values()
    if all(model.which == "production" and model.record == "none" for model in chosen):
        pins = ", ".join(f"{model.name} = {model.id}" for model in chosen)
        return [f"models: {pins} (pinned, replayed)"]
    width = max(len(model.name) for model in chosen)
    return [
        f"models: {model.name:<{width}}  {model.id} ({model.which}, {_MODES[model.record]})"
        for model in chosen
    ]


def headlines(pins: Pins, today: date, root: Path) -> tuple[str, ...]:
    """A sentence each: a pin's move in `root` that was broken off, overrides in force or mistyped,
    pins about to retire, floating ids.

    A small part of what `pytest-modelpin check` says, from models.yml and the bundled table alone:
    a few milliseconds at the start of a run.
    """
    found = list(_half_moved(root))
    found += [
        f"{variable} overrides no pin; is {meant} meant?"
        for variable, meant in overrides_nothing(pins.models, os.environ)
    ]
    found += [
        f"{model.name}: {sentence}"
        for model in pins.models.values()
        for sentence in _of_model(model, today, pins.settings.urgent_days)
    ]
    if len(found) <= _MOST_HEADLINES:
        return tuple(found)
    more = f"and {len(found) - _MOST_HEADLINES} more: run `pytest-modelpin check`"
    return (*found[:_MOST_HEADLINES], more)


def _half_moved(root: Path) -> Iterator[str]:
    """A pin's move that was killed: the folder holds half of it, and tests may fail by that."""
    if not (root / MOVE_JOURNAL).exists():
        return
    from pytest_modelpin.upgrade.bump.journal import half_done

    try:
        if half := half_done(root):
            yield ". ".join(half)
    except ModelpinError as error:
        yield str(error)


def _of_model(model: Model, today: date, urgent_days: int) -> Iterator[str]:
    from pytest_modelpin.providers.retirements import retirement_of_pin, when

    if model.overridden:
        variable = environment_variable(model.name)
        yield f"{variable} overrides the pin {model.overridden} with {model.production}"
    listed = retirement_of_pin(model.production, model.provider)
    day = model.retires or (listed.retires if listed else None)
    if day and (day - today).days <= urgent_days:
        yield f"the pin {model.production} {when(day, today)}"
    kind = identify(model.production, model.provider).kind
    if kind == "floating" and model.policy == "pin":
        yield f"{model.production} is floating, what it answers can change any day"
