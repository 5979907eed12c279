"""Shared fixtures that ask a model are set up anew for each sample, where fresh samples are the
point: in what a night asks both sides live to confirm a change, or of a pin that wavers.

Elsewhere a fixture of module or session scope asks once, and its answer is one sample of each of
its tests. Asked eight times, such a test would look eight times at one answer.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from functools import partial
from typing import Any

import pytest

from pytest_modelpin.session.run_processes import WorkerReport
from pytest_modelpin.session.session import SharedFixture


class RenewingHooks:
    """The hooks of a process that runs such tests."""

    def __init__(self, shared: Mapping[Any, SharedFixture], seen: WorkerReport) -> None:
        """`shared` is what the fixtures heard that are set up, by their definitions."""
        self._shared = shared
        self._seen = seen
        self._ends: dict[Any, partial[None]] = {}
        self._last: pytest.Item | None = None

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: Any
    ) -> Generator[None, object, object]:
        if fixturedef.scope != "function":
            self._ends[fixturedef] = partial(fixturedef.finish, request)
        return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        again, self._last = item is self._last, item
        if not again:
            return
        for fixture, heard in tuple(self._shared.items()):
            if fixture in self._ends and any(call.fresh for call in heard.capture.calls):
                self._end(fixture)

    def _end(self, fixture: pytest.FixtureDef[Any]) -> None:
        try:
            self._ends.pop(fixture)()
        except Exception as error:
            # As its tests' own end would say it: with it nothing is known of what they share.
            self._seen.faults.append(
                f"what the fixture {fixture.argname} does at its end failed "
                f"({type(error).__name__}), so that nothing is known of the tests that share it"
            )
