"""pytest's face of pytest-modelpin: options, fixtures, header, summary. All logic lives below.

Nothing of the package is imported until models.yml is found or an option asks for it, so that a
repository without models pays next to nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_modelpin import PLACES

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from pytest_modelpin.providers import Reply
    from pytest_modelpin.run.case import Case, Judged
    from pytest_modelpin.run.judging import Hearing
    from pytest_modelpin.run.session import Session, Test

_TEST = pytest.StashKey["Test"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, all of which start with `--model`, and the ini values."""
    group = parser.getgroup("modelpin", "LLM versions (pytest-modelpin)")
    group.addoption(
        "--model",
        action="append",
        default=[],
        metavar="WHICH",
        help="production (default), candidate, fallback, canary, previous, a model id, "
        "or NAME=any of those for one logical model; repeatable",
    )
    group.addoption(
        "--model-record",
        choices=("none", "new", "all"),
        help="none: replay only; new: record what is not known; all: always live. "
        "Default: none for production, all for every other selection",
    )
    group.addoption("--model-samples", type=int, metavar="N", help="run each case N times")
    group.addoption("--model-jobs", type=int, metavar="N", help="live calls at once, at most")
    group.addoption(
        "--model-budget", type=float, metavar="USD", help="stop live calls before they cost more"
    )
    group.addoption("--model-report", metavar="PATH", help="write the run report (JSON) to PATH")
    group.addoption(
        "--model-recordings",
        metavar="DIR",
        help="write recordings below DIR instead of beside the tests",
    )
    parser.addini("modelpin_registry", "where models.yml is, from the root folder")
    parser.addini(
        "modelpin_ignore_fields",
        "request fields (dotted paths) that do not decide whether two requests are the same",
        type="linelist",
        default=[],
    )


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Wake up only where there is a models.yml or a `--model`."""
    config.addinivalue_line(
        "markers",
        "modelpin(samples, similarity, critical, category, models, ignore): "
        "how this test's answers are sampled and compared",
    )
    root = config.rootpath
    explicit = config.getini("modelpin_registry")
    if not (config.option.model or explicit or any((root / place).is_file() for place in PLACES)):
        return
    from pytest_modelpin.errors import ModelpinError

    try:
        config.pluginmanager.register(_Active(config), "modelpin-active")
    except ModelpinError as error:
        raise pytest.UsageError(str(error)) from None


class _Active:
    """The hooks of a session that has a models.yml."""

    def __init__(self, config: pytest.Config) -> None:
        from pytest_modelpin.run.leftovers import Leftovers
        from pytest_modelpin.run.opening import open_session
        from pytest_modelpin.snapshot import hide_from_other_extensions

        self.config = config
        hide_from_other_extensions(config)
        self.session: Session = open_session(
            config.rootpath,
            registry=config.getini("modelpin_registry") or None,
            wanted=config.option.model,
            record=config.option.model_record,
            recordings=config.option.model_recordings,
            ignore_fields=config.getini("modelpin_ignore_fields"),
            judge_answer=_judge_answer,
        )
        given = config.option.model_samples
        self._limit_live_calls()
        self.samples: int = 1 if given is None else given
        if self.samples < 1:
            raise pytest.UsageError("--model-samples must be a whole number from 1.")
        self.cases: dict[str, Case] = {}
        self.deselected = 0
        self.collected: list[pytest.Item] = []
        self.left_out: list[str] = []
        self.leftovers = Leftovers()
        self.unused = ""
        self.notes: list[str] = []
        self.started = time.time()
        self.running_samples = 1

    # Which process does what: with pytest-xdist the controller only gathers.

    @property
    def _runs_tests(self) -> bool:
        return not getattr(self.config.option, "numprocesses", None) or self._is_worker

    @property
    def _is_worker(self) -> bool:
        return hasattr(self.config, "workerinput")

    def _limit_live_calls(self) -> None:
        from pytest_modelpin.recording.budget import Budget
        from pytest_modelpin.recording.interceptor import JOBS

        option = self.config.option
        jobs = JOBS if option.model_jobs is None else option.model_jobs
        if jobs < 1:
            raise pytest.UsageError("--model-jobs must be a whole number from 1.")
        usd = option.model_budget
        if usd is not None and not 0 <= usd < float("inf"):
            raise pytest.UsageError("--model-budget must be a number of US dollars from 0.")
        workers = self.config.workerinput["workercount"] if self._is_worker else 1  # type: ignore[attr-defined]
        budget = Budget(usd and usd / workers, self._price)
        self.session.interceptor.limit(max(1, jobs // workers), budget)

    def _price(self, reply: Reply) -> float | None:
        from pytest_modelpin.compare.prices import price

        return price(reply, self.session.pins.settings.prices)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        if self._runs_tests:
            from pytest_modelpin.recording import hooks

            self.session.start()
            hooks.install(self.session.interceptor)

    def pytest_unconfigure(self) -> None:
        if self._runs_tests:
            from pytest_modelpin.recording import hooks

            hooks.uninstall()
            self.session.stop()

    def pytest_report_header(self) -> list[str]:
        from pytest_modelpin.report.headlines import headlines
        from pytest_modelpin.report.terminal import header

        today = datetime.now(UTC).date()
        return header(self.session.selection, headlines(self.session.pins, today))

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        from pytest_modelpin.errors import ModelpinError

        self.collected = list(items)
        for item in items:
            if item.get_closest_marker("modelpin"):
                try:
                    self._test(item)
                except ModelpinError as error:
                    raise pytest.UsageError(str(error)) from None

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        self.deselected += len(items)
        self.left_out += [item.nodeid for item in items]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        if self._runs_tests and not self._is_worker:
            self._look_ahead(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput["modelpin_dist"] = self.config.option.dist

    def _look_ahead(self, items: list[pytest.Item]) -> None:
        ahead = self.session.interceptor.ahead
        models = self.session.selection.models.values()
        if ahead is None or all(model.record != "all" for model in models):
            return
        from pytest_modelpin.run.upcoming import upcoming

        ahead.plan(upcoming(items, self._test, self._samples_of, self.config.rootpath))

    def _samples_of(self, test: Test) -> int:
        return self.session.samples(test, test.mark.samples or self.samples)

    # The life of a sample

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> object | None:
        if self._is_worker:
            from pytest_modelpin.run.upcoming import queued

            self._look_ahead(queued(self.config, item, nextitem))
        test = self._test(item)
        samples = self._samples_of(test)
        if samples == 1:
            return None
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        self._run_samples(item, nextitem, samples)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def _run_samples(self, item: pytest.Item, nextitem: pytest.Item | None, samples: int) -> None:
        from _pytest.runner import runtestprotocol

        from pytest_modelpin.run.sampling import one_case_of

        tries = []
        for number in range(1, samples + 1):
            self.running_samples = number
            # The parent as "next item" tears down what belongs to the test and nothing that its
            # module's other tests share.
            following: Any = nextitem if number == samples else item.parent
            tries.append(runtestprotocol(item, log=False, nextitem=following))
        self.running_samples = 1
        for report in one_case_of(tries):
            item.ihook.pytest_runtest_logreport(report=report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self.session.begin(self._test(item), self.running_samples)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        if fixturedef.scope == "function":
            return (yield)
        from pytest_modelpin.run.opening import fixture_owner

        owner = fixture_owner(
            fixturedef.func,
            fixturedef.argname,
            fixturedef.scope,
            parameter=getattr(request, "param_index", 0) if fixturedef.params else None,
            root=self.config.rootpath,
        )
        self.session.begin_shared(owner)
        try:
            return (yield)
        finally:
            self.session.end_shared()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if call.excinfo is not None:
            self._shorten(report, call.excinfo)
        if report.when == "call" and report.passed and (misses := self.session.misses()):
            report.outcome = "failed"
            report.longrepr = misses[0]
        if report.skipped:
            self.session.see("skipped")
        elif report.failed and report.when != "teardown":
            self.session.see("failed", _first_lines(report.longreprtext))
        if report.when == "teardown":
            self._end_sample(report)
        return report

    def _shorten(
        self, report: pytest.TestReport, raised: pytest.ExceptionInfo[BaseException]
    ) -> None:
        from pytest_modelpin.errors import ModelpinError

        if raised.errisinstance(ModelpinError):
            report.longrepr = str(raised.value)

    def _end_sample(self, report: pytest.TestReport) -> None:
        from pytest_modelpin.errors import ModelpinError
        from pytest_modelpin.run.leftovers import unasked_as_json
        from pytest_modelpin.run.report_file import case_as_json
        from pytest_modelpin.run.session import is_case

        try:
            case = self.session.end()
        except ModelpinError as error:
            report.outcome = "failed"
            report.longrepr = str(error)
        else:
            if is_case(case):
                report.modelpin = case_as_json(case)  # type: ignore[attr-defined]
            if unasked := self.session.unasked():
                report.modelpin_unasked = unasked_as_json(unasked)  # type: ignore[attr-defined]

    def _test(self, item: pytest.Item) -> Test:
        from pytest_modelpin.run.opening import describe

        if _TEST not in item.stash:
            mark = item.get_closest_marker("modelpin")
            item.stash[_TEST] = describe(item.nodeid, item.path, mark.kwargs if mark else {})
        return item.stash[_TEST]

    # Gathering, in the one process that reports

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self._is_worker:
            return
        unasked = getattr(report, "modelpin_unasked", ())
        self.leftovers.hear(report.nodeid, failed=report.failed, unasked=unasked)
        # pytest keeps every report to the end; the case as JSON would be kept with it.
        data = report.__dict__.pop("modelpin", None)
        if data is None:
            return
        from pytest_modelpin.run.report_file import case_from_json

        case = case_from_json(data)
        self.cases[case.id] = case

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        # Every worker collects, and deselects, the same tests.
        output = getattr(node, "workeroutput", {})
        self.left_out = max(self.left_out, output.get("modelpin_left_out", []), key=len)
        self.deselected = max(self.deselected, len(self.left_out))
        self.leftovers.know(output.get("modelpin_modules", {}))
        self.notes += output.get("modelpin_notes", ())

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.notes += self.session.interceptor.stop_sending()
        if self._is_worker:
            output = self.config.workeroutput  # type: ignore[attr-defined]
            output["modelpin_left_out"] = self.left_out
            output["modelpin_modules"] = self._whole_modules()
            output["modelpin_notes"] = self.notes
            return
        if session.shouldfail or session.shouldstop:
            self.deselected += 1
        else:
            self._settle_unused()
        from pytest_modelpin.run.assemble import assemble

        self.run = assemble(
            self.session.selection,
            self.cases.values(),
            started=datetime.fromtimestamp(self.started, UTC).isoformat(timespec="seconds"),
            seconds=time.time() - self.started,
            samples=self.samples,
            deselected=self.deselected,
            left_out=self.left_out,
            judge=self.session.judge_id,
            notes=list(dict.fromkeys(self.notes)),
        )
        if self.config.option.model_report:
            self._write_report(Path(self.config.invocation_params.dir))

    def _whole_modules(self) -> dict[str, list[str]]:
        from pytest_modelpin.run.leftovers import whole_modules

        option = self.config.option
        if getattr(option, "lf", False) or any("::" in argument for argument in self.config.args):
            return {}  # modules may be collected in part
        return whole_modules(self.collected, self.left_out, self.session.interceptor.judged)

    def _settle_unused(self) -> None:
        from pytest_modelpin.errors import ModelpinError

        try:
            self.leftovers.know(self._whole_modules())
            self.unused = self.leftovers.settle(
                self.config.rootpath,
                update=bool(getattr(self.config.option, "update_snapshots", False)),
            )
        except ModelpinError as error:
            self.unused = str(error)

    def _write_report(self, folder: Path) -> None:
        from pytest_modelpin.run import report_file

        report_file.write(self.run, folder / self.config.option.model_report)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.unused:
            terminalreporter.write_line(self.unused)
        if not self.config.option.model and not self.config.option.model_report:
            return
        from pytest_modelpin.compare.within import drifts_within
        from pytest_modelpin.report.terminal import summary

        terminalreporter.section("models", sep="=")
        for line in summary(self.run, drifts_within(self.run, self.session.pins.settings)):
            terminalreporter.write_line(line)


def _judge_answer(hearing: Hearing) -> Judged:
    from pytest_modelpin.compare.judging import judge_answer

    return judge_answer(hearing)


def _first_lines(text: str) -> str:
    """The lines of a failure that say why, without the source around them."""
    why = [line[1:].strip() for line in text.splitlines() if line.startswith("E")]
    return "\n".join(why[:6] or text.strip().splitlines()[-1:])


@pytest.fixture
def model_snapshot(request: pytest.FixtureRequest) -> SnapshotAssertion:
    """The accepted answer of this case: `assert answer == model_snapshot`."""
    from pytest_modelpin.snapshot import make_model_snapshot
    from pytest_modelpin.snapshot.watcher import Unwatched

    active = request.config.pluginmanager.get_plugin("modelpin-active")
    return make_model_snapshot(request, active.session if active else Unwatched())


@pytest.fixture
def model_id(request: pytest.FixtureRequest) -> Callable[[str], str] | str:
    """The model id in force; `model_id("claude")` where models.yml names several."""
    from pytest_modelpin.run.model_id import model_id_of

    return model_id_of(_session(request))


@pytest.fixture
def modelpin(request: pytest.FixtureRequest) -> Session:
    """The models of this run: `.selection`, `.pins`, `.id(name)`."""
    return _session(request)


def _session(request: pytest.FixtureRequest) -> Session:
    active = request.config.pluginmanager.get_plugin("modelpin-active")
    if active is None:
        pytest.fail(
            f"There is no models.yml in {request.config.rootpath}; "
            "run `pytest-modelpin init` to write one.",
            pytrace=False,
        )
    session: Session = active.session
    return session
