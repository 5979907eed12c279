"""Where tests run: each sample's begin and end, the HTTP hooks, what is sent ahead."""

from __future__ import annotations

import sys
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_modelpin.errors import ModelpinError, RecordingError
from pytest_modelpin.intercept import hooks
from pytest_modelpin.intercept.model_call_failed import failed_call
from pytest_modelpin.intercept.waiting import MayBeEnded, listen
from pytest_modelpin.providers.api_keys import Keys
from pytest_modelpin.recordings.owner import FOLDER
from pytest_modelpin.session import before_and_after
from pytest_modelpin.session.opening import describe
from pytest_modelpin.session.run_processes import (
    WorkerReport,
    is_worker,
    queued,
    runs_tests,
    upcoming,
)
from pytest_modelpin.session.running_tests import Test, is_marked, why_failed
from pytest_modelpin.session.sampling import Samples, one_case_of, run_samples
from pytest_modelpin.session.session import Session
from pytest_modelpin.session.shared_fixtures import SharedFixtures
from pytest_modelpin.session.unseen import unpinned
from pytest_modelpin.session.unused_recordings import is_doctest, unused_as_json, whole_modules

if TYPE_CHECKING:
    from pytest_modelpin.results.case import Case

_TEST = pytest.StashKey[Test]()


class WorkerHooks:
    """The hooks of a process that runs tests; a controller of pytest-xdist has them, idle."""

    def __init__(
        self,
        config: pytest.Config,
        session: Session,
        shared: SharedFixtures,
        samples: Samples,
        seen: WorkerReport,
    ) -> None:
        self.config = config
        self.session = session
        self._shared = shared
        self.samples = samples
        self.seen = seen
        self._is_worker = is_worker(config)
        self._keys = Keys(session.selection)
        self._unheard = True
        """Whether no model has answered a test of this process yet."""
        self._unrecorded = False
        self._sample = 1
        self._tried_again = False
        """Whether another plugin had the running sample, which had failed, tried again."""
        self._is_called = False
        """Whether a test's own code runs: what is reported meanwhile is a subtest's."""
        self._collected: list[pytest.Item] = []
        self._marked = True
        """Whether any test may bear our marker."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        if runs_tests(self.config):
            before_and_after.hand_over(self.config, self.session.monitor)
            self._keys.stand_in()
            bare = before_and_after.KeylessImports(self.session, self._keys, self.config.rootpath)
            self.config.pluginmanager.register(bare)
            hooks.install(self.session.interceptor)
            self.session.watch()
            self.config.add_cleanup(listen())

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self, config: pytest.Config) -> None:
        if runs_tests(self.config):
            hooks.uninstall(self.session.interceptor)
            self.session.unwatch(ends_with_process=before_and_after.ends_with_process(config))
            self._keys.take_back()

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        # Else pytest looks at every recording, whether it may be a test.
        return True if collection_path.name == FOLDER else None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, items: list[pytest.Item]
    ) -> Generator[None, None, None]:
        self._collected = list(items)
        yield  # others may mark tests
        above: dict[Any, bool] = {}
        marked = [item for item in self._collected if is_marked(item, above)]
        self._marked = bool(marked)
        for item in marked:
            try:
                self._test(item)
            except ModelpinError as error:
                raise pytest.UsageError(str(error)) from None

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        self.seen.left_out += [item.nodeid for item in items]

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        self.seen.notes += self.session.interceptor.stop_sending()
        self.seen.notes += self._unpinned()
        self.seen.unseen += self.session.outside()
        self.seen.unrecorded += self.session.unrecorded
        if runs_tests(self.config):
            self.seen.aliases = self.session.recordings.aliases
        self.seen.modules.update(self._whole_modules())
        if is_worker(self.config):
            self.config.workeroutput.update(self.seen.as_output())  # type: ignore[attr-defined]

    def pytest_report_collectionfinish(self) -> list[str]:
        if not (runs_tests(self.config) and self.session.interceptor.sends):
            return []
        # Now, since a conftest or a module may have read a .env file.
        return [each.said() for each in self._keys.lacking() if not each.has_other_ways]

    # What is sent ahead

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Load what else a test with a fake file system would be the first to load.

        It would hold the fake `os` and `Path` for good.
        """
        if "pyfakefs" not in sys.modules:
            return
        if any("model_snapshot" in getattr(item, "fixturenames", ()) for item in session.items):
            from pytest_modelpin.snapshot import extension  # noqa: F401

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        if not self._is_worker and runs_tests(self.config):
            self._look_ahead(session.items)
        self._unrecorded = before_and_after.replays_nothing(
            self.session, session.items, self.config.rootpath
        )
        if self._unrecorded:
            self._keys.take_back()

    def _look_ahead(self, items: list[pytest.Item]) -> None:
        ahead = self.session.interceptor.ahead
        if ahead is None or not self.session.selection.asked_anew:
            return
        ahead.plan(upcoming(items, self._test, self._samples_of, self.config.rootpath))

    # The life of a sample

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> object | None:
        if self._is_worker:
            self._look_ahead(queued(self.config, item, nextitem))
        samples = self._samples_of(self._test(item))
        if samples == 1 and not (self._each_try_counts() or self._sends_in_a_fork(item)):
            return None
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        tries = run_samples(item, nextitem, samples, self._begin, cases=self.session.is_reported)
        for report in one_case_of(tries):
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def _begin(self, sample: int) -> None:
        self._sample = sample

    def _each_try_counts(self) -> bool:
        """Whether what failed once has failed: no plugin takes a candidate's sample back."""
        return bool(self.session.selection.asked_anew)

    def _sends_in_a_fork(self, item: pytest.Item) -> bool:
        """Whether a plugin would run the test in a forked process, where nobody watches how long a
        reply takes and what is spent is not counted: it runs here instead.
        """
        return self.session.interceptor.sends and any(
            getattr(item.config.option, name, False) or item.get_closest_marker(name)
            for name in ("forked", "isolate")
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if self.session.has_begun:
            if not self.session.runs(item.nodeid):
                self.session.refuse_another(item.nodeid)
                return
            # pytest-retry tries it again before it has ended
            if self._each_try_counts():
                self.session.see("failed", "it failed, and another plugin tried it again")
                self._tried_again = True
                return
            self.session.end(self._shared.of(item))
        self._tried_again = False
        self.session.begin(self._test(item), self._sample)
        if getattr(self.config.option, "setuponly", False):  # with --setup-plan, too
            self.session.see("skipped")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        self._is_called = True
        try:
            with MayBeEnded(self.session.misses(self._shared.of(item))):
                return (yield)
        finally:
            self._is_called = False

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        with MayBeEnded(self.session.misses(self._shared.of(item))):
            return (yield)

    def see_report(
        self, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport
    ) -> pytest.TestReport:
        """What a phase of a sample came to; what it says of the models travels in its report."""
        when, outcome = report.when, report.outcome
        if when == "setup" and outcome == "passed":
            return report
        # Of each test, as it ends: one that passed may be the one that was answered.
        self._unheard = self._unheard and not self.session.interceptor.names_called()
        if call.excinfo is not None and call.excinfo.errisinstance(ModelpinError):
            report.longrepr = str(call.excinfo.value)
        elif call.excinfo is not None and report.failed:
            asks = before_and_after.Asker(self.session, self._keys, self._unheard, self._unrecorded)
            before_and_after.say_why_unasked(asks, item, report, call.excinfo)
        shared = [] if _is_skipped_by_mark(call) else self._shared.of(item)
        misses = () if when == "teardown" else self.session.misses(shared)
        if misses and outcome != "failed":  # nor is it skipped, or what was expected to fail
            report.outcome = outcome = "failed"
            report.longrepr = misses[0]
            vars(report).pop("wasxfail", None)
        else:  # what runs the app, such as a web framework's client, may hide or bury the reason
            if outcome == "failed" and call.excinfo and (told := failed_call(call.excinfo.value)):
                report.longrepr = str(told)
            hidden = [miss for miss in misses if miss not in report.longreprtext]
            report.sections += [("not recorded", miss) for miss in hidden[:1]]
        if self._tried_again and when == "call" and outcome != "failed":
            report.outcome = outcome = "failed"
            report.longrepr = _TRIED_AGAIN.format(item.nodeid)
        if misses:
            from pytest_modelpin.recordings.drawn import DRAWN, is_drawn

            report.sections += [("hypothesis", DRAWN)] if is_drawn(item) else []
        if outcome == "skipped" and (self._is_called or not hasattr(report, "wasxfail")):
            if not self._is_called:  # of a subtest, which others follow
                self.session.see("skipped")
        elif outcome != "passed":  # also at its end, by a fixture, and where that was expected
            self.session.see("failed", why_failed(report.longreprtext))
        if when == "teardown":
            self._end_sample(item, report)
        return report

    def _end_sample(self, item: pytest.Item, report: pytest.TestReport) -> None:
        """The case and what it left unused travel in the report, from a worker too."""
        if not self.session.runs(item.nodeid):
            return
        try:
            shared = self._shared.of(item)
            case = self.session.end(shared)
        except ModelpinError as error:
            report.outcome, report.longrepr = "failed", str(error)
            return
        finally:
            self._shared.ended.clear()
        said, pin = list(self.session.said()), None
        try:
            pin = self.session.on_pin(case, self._test(item), shared) if case else None
        except ModelpinError as error:  # the pin's file is torn: that is not the candidate's doing
            said.append((str(error), ""))
        if case is not None:
            from pytest_modelpin.results.report_file import case_as_json

            report.modelpin = case_as_json(case)  # type: ignore[attr-defined]
            if getattr(self.config.option, "xmlpath", None):
                report.user_properties += self._junit_properties(case)
            if pin is not None:
                report.modelpin_pin = case_as_json(pin)  # type: ignore[attr-defined]
        if self.session.refused and not report.failed:
            report.outcome, report.longrepr = "failed", self.session.refused
        if said:
            report.modelpin_said = said  # type: ignore[attr-defined]
        if unused := self.session.unused():
            report.modelpin_unused = unused_as_json(unused)  # type: ignore[attr-defined]

    def _junit_properties(self, case: Case) -> list[tuple[str, str]]:
        from pytest_modelpin.redaction.redact import redact
        from pytest_modelpin.session.case_builder import junit_properties

        models = {name: each.id for name, each in self.session.selection.models.items()}
        found, secrets = junit_properties(case, models), self.session.secrets()
        return [(name, redact(value, secrets)) for name, value in found.items()]

    def _test(self, item: pytest.Item) -> Test:
        test = item.stash.get(_TEST, None)
        if test is None:
            mark = item.get_closest_marker("modelpin") if self._marked else None
            root = self.config.rootpath if self.session.is_reported else None
            test = describe(
                item.nodeid, item.path, mark, self.session.pins,
                root=root, of_doctest=is_doctest(item),
            )  # fmt: skip
            item.stash[_TEST] = test
        return test

    def _samples_of(self, test: Test) -> int:
        try:
            return self.session.samples(test, self.samples.of(test.id, test.mark.samples))
        except RecordingError:
            return 1  # which fails by what is amiss with the recording

    def _unpinned(self) -> list[str]:
        asked = self.session.interceptor.unnamed
        folders = {Path(item.path).parent for item in self._collected} if asked else ()
        return unpinned(self.session.selection, asked, folders)

    def _whole_modules(self) -> dict[str, list[str]]:
        option = self.config.option
        if getattr(option, "lf", False) or any("::" in argument for argument in self.config.args):
            return {}  # modules may be collected in part
        return whole_modules(self._collected, self.seen.left_out, self.session.selection.judged)


def _is_skipped_by_mark(call: pytest.CallInfo[None]) -> bool:
    """Whether nothing was set up: pytest itself raised it, and no fixture or test."""
    if call.excinfo is None or not call.excinfo.errisinstance(pytest.skip.Exception):
        return False
    return Path(str(call.excinfo.traceback[-1].path)).name in ("skipping.py", "unittest.py")


_TRIED_AGAIN = (
    "{} failed, and another plugin tried it again. Of a candidate's answers one that failed has "
    "failed: how often they do is what it is compared by. The pin's replays may be tried again."
)
