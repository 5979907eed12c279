"""What of a suite did not run, or ran without being checked, while no test failed for it.

A run that is compared says so, and nothing is concluded from it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from pytest_modelpin.files import safe_name
from pytest_modelpin.recordings.owner import FOLDER, module_folder, module_name
from pytest_modelpin.session.run_processes import WorkerReport
from pytest_modelpin.session.sampling import CASE
from pytest_modelpin.session.session import Session
from pytest_modelpin.session.shared_fixtures import definitions
from pytest_modelpin.wording import clipped, plural, some

_LONGEST = 300  # characters of a reason: it may quote an answer
_NOT_OF_THE_PROJECT = frozenset({"node_modules", "site-packages", "__pycache__"})


class WholeSuiteHooks:
    """The hooks of a process that runs tests, where somebody reads what the cases came to."""

    def __init__(self, config: pytest.Config, session: Session, seen: WorkerReport) -> None:
        from pytest_modelpin.session.own_options import is_compared

        self._root = config.rootpath
        self._config = config
        self._collected: set[Path] = set()
        self._within: dict[str, None] = {}
        """Node ids of all tests of the modules that were read, and of classes of theirs that were
        not: a node id on the command line takes some of them."""
        self._compared = is_compared(config.option)
        self._session = session
        self._seen = seen
        self._shared: set[Any] = set()
        """The definitions of the fixtures that cases share with others."""
        if sys.flags.optimize:
            seen.faults.append(
                "Python ran with -O (PYTHONOPTIMIZE), which leaves out each assert that does not "
                "stand in a test's own module: run it without"
            )

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        report = yield
        if self._compared and isinstance(collector, (pytest.File, pytest.Class)):
            self._within.pop(collector.nodeid, None)
            below = (
                each for each in report.result if isinstance(each, (pytest.Item, pytest.Class))
            )
            self._within.update(dict.fromkeys(each.nodeid for each in below))
        return report

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            last = report.longreprtext.strip().splitlines()[-1:]
            why = self._told("".join(last).removeprefix("E").strip())
            self._seen.faults.append(
                f"the whole suite did not run: {report.nodeid or 'a file'} could not be collected"
                f"{f' ({why})' if why else ''}"
            )
        elif report.skipped and self._is_recorded(self._root / report.nodeid):
            told = report.longrepr
            why = self._told(told[2] if isinstance(told, tuple) else report.longreprtext)
            self._seen.faults.append(
                f"the whole suite did not run: {report.nodeid}, of which the pin is recorded, was "
                f"skipped as it was collected ({why.removeprefix('Skipped: ')})"
            )

    def _told(self, why: str) -> str:
        """The first line of a reason: without secrets before it is cut, lest a half of one stay."""
        from pytest_modelpin.redaction.redact import redact

        clean = redact(why, self._session.secrets())
        return clipped("".join(clean.splitlines()[:1]), _LONGEST)

    def _is_recorded(self, module: Path) -> bool:
        name, pins = module_name(module), self._session.selection.models.values()
        folders = (module_folder(module.parent, name, each.production) for each in pins)
        return any(folder.is_dir() for folder in folders)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, items: list[pytest.Item]
    ) -> Generator[None, None, None]:
        collected = list(items)
        self._collected.update(item.path for item in items)
        yield
        # A conftest that takes tests out of the list need not tell `pytest_deselected`, and no hook
        # tells what a node id leaves of its module.
        known = {*self._seen.left_out, *(item.nodeid for item in items)}
        told = (*self._within, *(item.nodeid for item in collected))
        self._seen.left_out += dict.fromkeys(nodeid for nodeid in told if nodeid not in known)

    def pytest_collection_finish(self) -> None:
        """Look for what was not collected, where a night plays what it takes for the suite."""
        if not self._compared:
            return
        models = self._session.selection.models.values()
        tried = [each.production for each in models if each.record == "all"]
        patterns, top = self._config.getini("python_files"), self._config.invocation_params.dir
        if tried and (why := unmet(top, tried, self._collected, patterns)):
            self._seen.faults.append(why)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.when != "teardown":
            return report
        if hasattr(report, CASE):
            self._shared.update(each for each in definitions(item) if each.scope != "function")
        if report.failed and call.excinfo is not None:
            for broken in _torn_down(call.excinfo.value):
                if broken in self._shared:
                    error = self._told(call.excinfo.exconly(tryshort=True))
                    self._seen.faults.append(
                        f"what the fixture {broken.argname} does at its end failed, so that "
                        f"nothing is known of the tests that share it ({item.nodeid}: {error})"
                    )
        return report


def _torn_down(error: BaseException) -> Iterator[Any]:
    """The fixtures that outlive a test in whose ends this was raised, alone or with others."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _torn_down(each)
    found: dict[Any, None] = {}
    at = error.__traceback__
    while at is not None:
        ended = at.tb_frame.f_locals.get("self")
        if isinstance(ended, pytest.FixtureDef) and ended.scope != "function":
            found[ended] = None
        at = at.tb_next
    yield from found


def unmet(
    top: Path, pins: Iterable[str], collected: Collection[Path], patterns: Sequence[str]
) -> str:
    """A sentence on modules below `top` that have recordings of `pins` and were not collected.

    A path on the command line, `--ignore`, `collect_ignore` or `testpaths` left them out, and no
    hook of pytest's tells. Empty where there are none. `patterns` say which files are test modules,
    as `python_files` does: what lies under another name is of a fixture, and met with its tests.
    """
    versions = sorted({safe_name(pin) for pin in pins})
    met = {module.resolve() for module in collected}
    missing = [
        module.relative_to(top).as_posix()
        for folder in _with_recordings(top)
        for module in _recorded_modules(folder, versions)
        if module.resolve() not in met and any(fnmatch(module.name, each) for each in patterns)
    ]
    if not missing:
        return ""
    were = plural(len(missing), "was", "were")
    return (
        f"the whole suite did not run: {some(missing)}, of which the pin is recorded, {were} not "
        "collected (by `--tests`, `--ignore`, `testpaths`, `--testmon` or the like)"
    )


def _with_recordings(top: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(top):
        if "pyvenv.cfg" in files:
            names.clear()
            continue
        if FOLDER in names:
            yield Path(folder)
        names[:] = sorted(
            name
            for name in names
            if not name.startswith(".") and name not in _NOT_OF_THE_PROJECT and name != FOLDER
        )


def _recorded_modules(folder: Path, versions: Iterable[str]) -> Iterator[Path]:
    """The modules in `folder` that are still there, by what is recorded beside them."""
    names = {
        module.name
        for version in versions
        for module in _folders(folder / FOLDER / version)
        if any(module.glob("*.json"))
    }
    modules = (folder / f"{name}.py" for name in sorted(names))
    return (module for module in modules if module.is_file())


def _folders(path: Path) -> list[Path]:
    return [each for each in path.iterdir() if each.is_dir()] if path.is_dir() else []
