"""What holds before the session is opened and after it has ended: stand-in keys, and the network
monitor; and what is said of a key that is missing.

A conftest.py may make a client while it is imported, or ask a model there, in `pytest_configure`,
in `pytest_unconfigure` or at the interpreter's exit. No test runs then, and in a replay nothing of
it may be sent.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Generator, Iterable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NamedTuple

import pytest

from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.intercept.model_call_failed import unreached
from pytest_modelpin.intercept.unseen.alarm import POLICIES, Policy
from pytest_modelpin.intercept.unseen.monitor import NetworkMonitor
from pytest_modelpin.providers.api_keys import Keys, briefly, for_want_of_a_key, key_lacked
from pytest_modelpin.registry import Pins, find, load, select
from pytest_modelpin.registry.selection import Selection
from pytest_modelpin.session.opening import model_hosts
from pytest_modelpin.session.run_processes import is_worker

if TYPE_CHECKING:
    from pytest_modelpin.session.session import Session

_EARLY = pytest.StashKey[NetworkMonitor]()
_MAIN = ("main", "_main")
_OF_THE_COMMAND = ("console_main", "_console_main")


def begin(config: pytest.Config) -> None:
    """Before any conftest.py is imported.

    Nothing is done where options or models.yml are wrong: what is wrong is said once pytest is
    configured.
    """
    option = config.known_args_namespace
    try:
        path = find(config.rootpath, config.getini("modelpin_registry") or None)
        if path is None:
            return
        pins = load(path)
        selection = select(pins, option.model, option.model_record)
    except ModelpinError:
        return
    keys = Keys(selection)  # a client may be made there and then
    keys.stand_in(conftests_follow=True)
    config.add_cleanup(keys.take_back)
    monitor = _early_monitor(config, pins, selection)
    monitor.install()
    config.stash[_EARLY] = monitor
    config.add_cleanup(
        lambda: monitor.uninstall(keeps_refusing=monitor.refuses and ends_with_process(config))
    )


def _early_monitor(config: pytest.Config, pins: Pins, selection: Selection) -> NetworkMonitor:
    given = config.getini("modelpin_unseen")
    policy: Policy = next((each for each in POLICIES if each == given), "fail")
    return NetworkMonitor(model_hosts(pins), live=selection.sends, policy=policy)


def hand_over(config: pytest.Config, monitor: NetworkMonitor | None) -> None:
    """The session's own monitor takes the place of the early one, and knows what that one heard."""
    early = config.stash.get(_EARLY, None)
    if early is None:
        return
    early.uninstall()
    if monitor is not None:
        for alarm in early.outside():
            monitor.note_outside(alarm)


def ends_with_process(config: pytest.Config) -> bool:
    """Whether nothing but pytest's end follows on this session in its process.

    It does not where `pytest.main` was called, by a notebook say, or by a test.
    """
    if is_worker(config):
        return True
    frame: FrameType | None = sys._getframe(1)
    inside = False
    while frame is not None:
        if frame.f_globals.get("__name__") == "_pytest.config":
            name = frame.f_code.co_name
            if name in _OF_THE_COMMAND:
                return True
            if inside and name in _MAIN:
                return False
            inside = inside or name in _MAIN
        elif inside:
            return False
        frame = frame.f_back
    return False


def replays_nothing(
    session: Session, nodes: Iterable[pytest.Item | pytest.Module], root: Path
) -> bool:
    """Whether this is a replay, and no recording lies where any of the tests would look for one.

    None needs a stand-in then, and those that ask what a client says without a key fail with one.
    """
    if session.interceptor.sends:
        return False
    folders = {Path(node.path).parent for node in nodes}
    # Fixtures that outlive a test have theirs beside the conftest.py above it.
    above = {each for folder in folders for each in folder.parents if each.is_relative_to(root)}
    return not session.recordings.may_answer(folders | above)


class KeylessImports:
    """Imports modules of tests of which nothing is recorded as they would be without us.

    A `skipif` that asks for a key is decided then, and for good. What can't be imported without
    one, such as a client made there and then, is imported with the stand-in after all. Nothing
    else is imported twice: what a first import leaves behind makes a second another one.
    """

    def __init__(self, session: Session, keys: Keys, root: Path) -> None:
        self._session = session
        self._keys = keys
        self._root = root
        self._again = False

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        if self._again or not self._is_bare(collector):
            return (yield)
        self._keys.take_back()
        try:
            report = yield
        finally:
            self._keys.stand_in()
        if not (report.failed and self._lacks_a_key(str(report.longrepr))):
            return report
        self._again = True
        try:
            again: pytest.CollectReport = collector.ihook.pytest_make_collect_report(
                collector=collector
            )
        finally:
            self._again = False
        return again

    def _lacks_a_key(self, told: str) -> bool:
        return not told.startswith("ImportError while importing") and self._keys.may_lack(told)

    def _is_bare(self, collector: pytest.Collector) -> bool:
        return (
            self._keys.stands_in
            and isinstance(collector, pytest.Module)
            and replays_nothing(self._session, [collector], self._root)
        )


class Asker(NamedTuple):
    """Who asks models for the tests of this process."""

    session: Session
    keys: Keys
    unheard: bool
    """Whether no model has answered yet."""
    unrecorded: bool
    """Whether none is about to from a recording, either."""


def say_why_unasked(
    asker: Asker,
    item: pytest.Item,
    report: pytest.TestReport,
    error: pytest.ExceptionInfo[BaseException],
) -> None:
    """A sentence in a traceback's place, where a test failed for want of a key or a connection; and
    no further test where none can ask anybody.

    Not of what the project itself raises. For want of a key of models.yml's, only as long as all
    models are unheard: where one was heard, a test brings the key.
    """
    session, keys, unheard, unrecorded = asker
    raised_in = Path(str(error.traceback[-1].path))
    own = raised_in.is_relative_to(item.config.rootpath)
    if own and "site-packages" not in raised_in.parts:
        return
    if said := unreached(error.value) or keys.unnamed(error.value):
        report.longrepr = said
        return
    sends = session.interceptor.sends
    if not unheard or not (sends or unrecorded):
        return
    sentence = for_want_of_a_key(keys.lacking(replayed=not sends), error.value)
    if sentence is None:
        return
    report.longrepr = sentence if sends else f"{sentence}\n{_NOTHING_RECORDED}"
    if sends and keys.can_ask_nobody():
        item.session.shouldfail = "without a key no test can ask a model"


_NOTHING_RECORDED = (
    "Nothing is recorded beside these tests. With the key set, `pytest-modelpin record` asks once; "
    "from then on plain `pytest` replays, and needs no key."
)


def reported_without_key(session: Session) -> frozenset[str]:
    """The providers whose missing key was reported, in a whole sentence, before the first test."""
    lacking = Keys(session.selection).lacking() if session.interceptor.sends else []
    return frozenset(each.provider for each in lacking if not each.has_other_ways)


def shorten(reports: Iterable[pytest.TestReport], reported: Collection[str]) -> None:
    """Leave the sentence out of tests' failures: of each provider that was `reported`, or before.

    A suite of two hundred tests would say two hundred times which variable to set.
    """
    seen = set(reported)
    for report in reports:
        text = str(report.longrepr).strip()
        if "\n" in text or (provider := key_lacked(text)) is None:
            continue  # a traceback of the project's own stays whole
        if provider in seen:
            report.longrepr = briefly(text)
        seen.add(provider)


def without_reported(notes: Iterable[str], reported: Collection[str]) -> list[str]:
    """The notes without those that only say again that a provider's key is missing."""
    return [note for note in notes if not any(f"no key for {name} " in note for name in reported)]
