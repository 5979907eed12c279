"""How far a live run is, told while it runs: in pytest's own output, or to whoever started it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest

from pytest_modelpin.clock import monotonic
from pytest_modelpin.providers.prices import Prices
from pytest_modelpin.report import progress
from pytest_modelpin.results.case import Case
from pytest_modelpin.results.run import fresh_calls, spent_on


def live_progress(config: pytest.Config, prices: Prices) -> LiveProgress | None:
    """Of this run; None where nobody would hear of it: in a pipe, and with `-q`."""
    # Taken away, so that a pytest that a test starts does not tell of itself there.
    file = os.environ.pop(progress.FILE, None)
    if file:
        return LiveProgress(config, prices, Path(file))
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is None or config.option.verbose < 0:
        return None
    return LiveProgress(config, prices) if terminal.isatty or progress.in_ci() else None


class LiveProgress:
    """Counts the cases of a live run; with pytest-xdist, in its controller."""

    def __init__(self, config: pytest.Config, prices: Prices, file: Path | None = None) -> None:
        self._config = config
        self._prices = prices
        self._file = file
        self._every = progress.EVERY if file is None else progress.EVERY_IN_FILE
        self._began = self._told = monotonic()
        self._total = 0
        self._done: set[str] = set()
        self._heard: list[Case] = []
        """Not counted yet: that is done when there is something to tell."""
        self._replies = self._lost = 0
        self._spent: float | None = None

    def begin(self, total: int) -> None:
        """So many tests are to run."""
        self._total = total
        self._began = self._told = monotonic()

    def add(self, case: Case) -> None:
        """A case with all its samples."""
        self._heard.append(case)

    def end(self, test: str) -> None:
        """A test has ended, whether it called a model or not."""
        self._done.add(test)
        seconds = monotonic()
        if seconds - self._told >= self._every or len(self._done) == self._total:
            self._told = seconds
            self._tell(seconds - self._began)

    def _tell(self, seconds: float) -> None:
        now = self._counted()
        if self._file:
            with suppress(OSError):  # what is shown of a run must not end it
                progress.write(now, self._file)
        elif seconds >= self._every:
            terminal = self._config.pluginmanager.get_plugin("terminalreporter")
            assert terminal is not None, "else there would be nothing to count for"
            terminal.ensure_newline()
            if self._config.get_terminal_writer().width_of_current_line:  # pytest-xdist's dots
                terminal.write_line("")
            terminal.write_line(f"  {progress.sentence(now, seconds)}")

    def _counted(self) -> progress.Progress:
        heard, self._heard = self._heard, []
        self._replies += len(fresh_calls(heard))
        self._lost += sum(case.lost > 0 for case in heard)
        dollars, priced = spent_on(heard, self._prices)
        if priced:
            self._spent = (self._spent or 0.0) + dollars
        return progress.Progress(
            done=len(self._done),
            total=self._total,
            replies=self._replies,
            lost=self._lost,
            spent=self._spent,
            budget=self._config.option.model_budget,
        )
