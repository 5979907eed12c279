"""How far a live run is, told while it runs: in pytest's own output, or to whoever started it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from pytest_modelpin.clock import monotonic
from pytest_modelpin.providers.prices import Prices
from pytest_modelpin.report import progress
from pytest_modelpin.results.case import Case
from pytest_modelpin.results.run import fresh_calls, spent_on


class LiveProgress:
    """Counts the cases of a live run; with pytest-xdist, in its controller."""

    def __init__(
        self,
        config: pytest.Config,
        prices: Prices,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._config = config
        self._prices = prices
        self._clock = clock
        self._began = self._told = clock()
        self._total = 0
        self._done: set[str] = set()
        self._replies = self._lost = 0
        self._spent: float | None = None
        # Taken away, so that a pytest that a test starts does not tell of itself there.
        told = os.environ.pop(progress.FILE, None)
        self._file = Path(told) if told else None

    def begin(self, total: int) -> None:
        """So many tests are to run."""
        self._total = total
        self._began = self._told = self._clock()
        self._tell()

    def hear(self, case: Case) -> None:
        """A case with all its samples."""
        self._replies += len(fresh_calls([case]))
        self._lost += any(sample.outcome == "lost" for sample in case.samples)
        dollars, priced = spent_on([case], self._prices)
        if priced:
            self._spent = (self._spent or 0.0) + dollars

    def end(self, test: str) -> None:
        """A test has ended, whether it called a model or not."""
        self._done.add(test)
        self._tell()

    def _tell(self) -> None:
        now = progress.Progress(
            done=len(self._done),
            total=self._total,
            replies=self._replies,
            lost=self._lost,
            spent=self._spent,
            budget=self._config.option.model_budget,
        )
        if self._file:
            with suppress(OSError):  # what is shown of a run must not end it
                progress.write(now, self._file)
            return
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if terminal is None or self._config.option.verbose < 0:  # `-q` asks for silence
            return
        seconds = self._clock()
        if (terminal.isatty or progress.in_ci()) and seconds - self._told >= progress.EVERY:
            self._told = seconds
            terminal.ensure_newline()
            if self._config.get_terminal_writer().width_of_current_line:  # pytest-xdist's dots
                terminal.write_line("")
            terminal.write_line(f"  {progress.sentence(now, seconds - self._began)}")
