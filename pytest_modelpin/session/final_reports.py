"""The reports of tests as they are when no other plugin changes them any more."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_modelpin.results.case import Case

NAME = "modelpin-final-reports"

_INNERMOST_FIRST = (
    "modelpin-worker",
    "modelpin-renewing",
    NAME,
    "modelpin-redacting",
    "modelpin-whole-suite",
)
"""Our plugins that run a test's samples, and that look at finished reports: each of these needs
what those before it make of them."""


class FinalReports:
    """Shows each report to `see` once every other plugin, and every conftest.py, is done with it.

    Soft assertions, or a conftest.py that fails tests which logged an error, fail a test there that
    has passed; those of a folder below are loaded after all plugins, and stand around their hooks.
    """

    def __init__(
        self,
        config: pytest.Config,
        see: Callable[[pytest.Item, pytest.CallInfo[None], pytest.TestReport], pytest.TestReport],
    ) -> None:
        self._plugins = config.pluginmanager
        self._see = see

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self) -> None:
        """All are loaded now: stand around them, and before them."""
        for name in _INNERMOST_FIRST:
            if (plugin := self._plugins.get_plugin(name)) is not None:
                self._plugins.unregister(plugin)
                self._plugins.register(plugin, name)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        return self._see(item, call, (yield))


def failed_afterwards(cases: Iterable[Case], failed: Collection[str]) -> list[str]:
    """What is said of cases that passed while pytest was told that they `failed`, by id."""
    return [
        f"{case.id} passed and was then failed by a plugin or a conftest.py that changes what is "
        "told of a test, so that nothing is known of it"
        for case in cases
        if case.id in failed and {sample.outcome for sample in case.samples} <= {"passed"}
    ]
