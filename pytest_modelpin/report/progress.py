"""How far a live run is: its figures, the sentence that tells them, and where that is shown."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from pytest_modelpin.clock import monotonic
from pytest_modelpin.redaction.written import write_redacted
from pytest_modelpin.report.ansi import width
from pytest_modelpin.typed_json import Count, Misfit, read_as
from pytest_modelpin.wording import clipped, counted, dollars

FILE = "PYTEST_MODELPIN_PROGRESS"
"""Names the file in which a suite's process tells how far it is, where somebody else shows it."""
EVERY = 30.0
"""Seconds between two lines in a log that nobody can rub out."""
EVERY_IN_FILE = 1.0
"""Seconds between two writings of the file."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands."""

    done: Count
    """Tests that have ended, with all their samples."""
    total: Count
    replies: Count = 0
    """Live ones, of tests that have ended."""
    lost: Count = 0
    """Cases of which a sample was lost to a provider's error."""
    spent: float | None = None
    """US dollars; None where no price is known."""
    budget: float | None = None
    """US dollars; None without one."""


def write(progress: Progress, path: Path) -> None:
    """Tell another process; raises OSError."""
    write_redacted(path, json.dumps(asdict(progress)))


def read(path: Path) -> Progress | None:
    """What another process told last; None where it has told nothing yet."""
    try:
        return read_as(Progress, path.read_bytes())
    except (OSError, Misfit):
        return None


def sentence(progress: Progress, seconds: float) -> str:
    """`12 of 40 tests, 31 replies (2.1 a second), $0.123 of $5.00, about 2 min left`.

    The time left is that of the tests so far, carried on; it is told once a test has ended.
    """
    told = [f"{progress.done:,} of {counted(progress.total, 'test')}"]
    if progress.replies:
        rate = f" ({progress.replies / seconds:.1f} a second)" if seconds > 0 else ""
        told.append(counted(progress.replies, "reply", "replies") + rate)
    if progress.spent is not None:
        of = "" if progress.budget is None else f" of {dollars(progress.budget)}"
        told.append(f"{dollars(progress.spent)}{of}")
    if progress.lost:
        told.append(f"{progress.lost:,} lost")
    if 0 < progress.done < progress.total:
        left = seconds / progress.done * (progress.total - progress.done)
        told.append(f"about {_duration(left)} left")
    return ", ".join(told)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def in_ci(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether this is a job's log, by the variable that every CI service sets."""
    return environ.get("CI", "").lower() not in ("", "0", "false")


class ProgressDisplay:
    """Shows how a run gets on between the lines that tell of its steps.

    On a terminal that is one line, written over again and again; in CI, and with `NO_COLOR`, a
    plain line now and then; anywhere else nothing, as what is piped is read by programs.
    """

    def __init__(
        self,
        stream: TextIO,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._stream = stream
        self._clock = clock
        can_rub_out = not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
        self._shown = stream.isatty() or in_ci(environ)
        self._rubs_out = stream.isatty() and can_rub_out
        self._columns = width(stream, environ) or 80
        self._began = self._told = clock()
        self._open = False

    def begin(self) -> None:
        """A run begins; time counts from here."""
        self._began = self._told = self._clock()

    def show(self, progress: Progress) -> None:
        """Tell it, where it is time to."""
        now = self._clock()
        text = f"  {sentence(progress, now - self._began)}"
        if self._rubs_out:
            self._stream.write(f"\r\x1b[K{clipped(text, self._columns - 1)}")
            self._open = True
        elif self._shown and now - self._told >= EVERY:
            self._told = now
            self._stream.write(f"{text}\n")
        else:
            return
        self._stream.flush()

    def say(self, line: str) -> None:
        """A line that stays."""
        self.end()
        self._stream.write(f"{line}\n")
        self._stream.flush()

    def end(self) -> None:
        """Nothing of it stays on the terminal."""
        if self._open:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._open = False
