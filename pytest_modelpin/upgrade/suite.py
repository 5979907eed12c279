"""Running a team's own test suite, as they would, in a process of its own.

The process is stopped, with all that it started, when its time is up.
"""

from __future__ import annotations

import codecs
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.files import relative_path
from pytest_modelpin.redaction.redact import redact
from pytest_modelpin.redaction.written import RedactedLog, write_redacted
from pytest_modelpin.report import progress
from pytest_modelpin.report.progress import ProgressDisplay
from pytest_modelpin.results import report_file
from pytest_modelpin.results.run import Run
from pytest_modelpin.upgrade.accepted_files import for_comparison

_RAN = (0, 1)  # pytest's exit codes for "all passed" and "some failed"; any other ran no suite
_TAKE_A_VALUE = {
    "-c", "--config-file", "--rootdir", "--confcutdir", "--basetemp", "--ignore", "--ignore-glob",
    "-k", "-m", "-n", "-o", "-p", "-W", "--override-ini", "--cov", "--cov-config", "--cov-report",
    "--dist", "--durations", "--junitxml", "--junit-xml", "--log-file", "--maxfail", "--tb",
}  # fmt: skip
"""Options behind which a path, or a word that happens to be one, is no test."""
JUDGED_LATER = "PYTEST_MODELPIN_JUDGED_LATER"
"""Set for runs whose report is compared with another: then the judge is asked, and once. It holds
the run's options, a JSON array: what else is asked of pytest must not say which version runs."""

ALL_RECORDED = 50
"""More samples than anybody records: a replay takes all that there are."""
_TO_COLLECT = 60.0  # seconds, after which nothing is said of it
_TAIL = 25  # lines of pytest's output that a message quotes


@dataclass(frozen=True, slots=True)
class Suite:
    """Where the tests are and which arguments they are always run with."""

    root: Path
    """The folder in which pytest is run."""
    arguments: tuple[str, ...] = ()
    """The user's own: paths, `-n 4`, `-m "not slow"`."""
    environment: Mapping[str, str] = field(default_factory=lambda: for_comparison(os.environ))
    holds: tuple[int, ...] = ()
    """Descriptors of locks that the tests hold on to, should this process be killed before them."""
    display: ProgressDisplay | None = None
    """Shows how far a live run is."""

    def run(
        self,
        *options: str,
        report: Path,
        tests: Sequence[str] = (),
        deadline: float | None = None,
    ) -> Run:
        """Run the suite, or only `tests` (node ids), and read the run report that it writes.

        At the `deadline` (by `time.monotonic`) pytest is stopped, and what it wrote of the tests
        that ran is read all the same. Raises UpgradeError where pytest could not run the tests at
        all, with the end of its output.
        """
        done = self.pytest(*options, report=report, tests=tests, deadline=deadline)
        if done.returncode == STOPPED and report.exists():
            return report_file.read(report)
        if why := not_run(done, report):
            raise UpgradeError(why)
        return report_file.read(report)

    def replayed(self, report: Path) -> Run:
        """The pins' side of a comparison: all that is recorded, whatever fails of it; as `run`."""
        samples = f"--model-samples={ALL_RECORDED}"
        return self.run("--model=production", "--model-tolerant", samples, report=report)

    def asked_anew(
        self,
        model: str,
        *options: str,
        budget: float,
        report: Path,
        tests: Sequence[str] = (),
        deadline: float | None = None,
    ) -> Run:
        """The other side: `model`, as `--model` takes it, live, its recordings beside the report.

        The budget is in US dollars; else as `run`.
        """
        return self.run(
            f"--model={model}",
            "--model-record=all",
            "--model-tolerant",
            f"--model-budget={max(0.0, budget):.6f}",
            f"--model-recordings={report.parent / 'recordings'}",
            *options,
            report=report,
            tests=tests,
            deadline=deadline,
        )

    def pytest(
        self, *options: str, report: Path, tests: Sequence[str] = (), deadline: float | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run pytest; its output goes to the log beside the run report, both without secrets.

        At the `deadline` it is stopped, with all processes that it started; its exit code is then
        `STOPPED`. An exit code of 0 alone shows nothing: ask `not_run`.
        """
        report.unlink(missing_ok=True)
        chosen = (*self._without_paths(), *map(self.from_here, tests)) if tests else self.arguments
        # Absolute: a rollback's tests run in a working tree of their own.
        written = f"--model-report={report.absolute()}"
        # What stopped at its first failure (`-x` in `addopts`) could be compared with nothing.
        command = [sys.executable, "-m", "pytest", *chosen, *options, "--maxfail=0", written]
        told, file = report.with_suffix(".progress"), report.with_suffix(".log")
        told.unlink(missing_ok=True)
        own = json.dumps([*options, written])
        environment = {**self.environment, JUDGED_LATER: own, progress.FILE: str(told)}
        if self.display:
            self.display.begin()

        def meanwhile() -> None:
            if self.display and (now := progress.read(told)):
                self.display.show(now)

        done = run_until(
            deadline, command, self.root, environment, self.holds, log=file, meanwhile=meanwhile
        )
        told.unlink(missing_ok=True)
        if self.display:
            self.display.end()
        write_redacted(file, done.stdout)  # whole: a secret may stand on several lines
        done.stdout = redact(done.stdout)
        return done

    def shown(self, *options: str) -> int:
        """Run pytest with its output where the user sees it grow; gives pytest's exit code."""
        command = [sys.executable, "-m", "pytest", *self.arguments, *options]
        environment = dict(self.environment)
        return subprocess.run(command, cwd=self.root, env=environment, check=False).returncode

    def wants_its_folder(self) -> bool:
        """Whether plain `pytest` can't import what the tests need: `python -m pytest`, as all tests
        are run here, has the folder on its path, and `pytest` by itself has not.
        """
        command = [sys.executable, "-P", "-m", "pytest", *self.arguments, "--collect-only", "-q"]
        until = time.monotonic() + _TO_COLLECT
        done = run_until(until, command, self.root, self.environment)
        return done.returncode == 2 and "ModuleNotFoundError" in done.stdout

    def from_here(self, test: str) -> str:
        """A node id is told from pytest's root folder, which may lie above the one it is run in."""
        path, mark, rest = test.partition("::")
        above = (folder for folder in (self.root, *self.root.parents) if (folder / path).exists())
        folder = next(above, self.root)
        return relative_path(folder / path, self.root) + mark + rest

    def _without_paths(self) -> list[str]:
        """The user's options without the paths among them, for a run of named tests only."""
        return [
            argument
            for before, argument in zip(("", *self.arguments), self.arguments, strict=False)
            if before in _TAKE_A_VALUE or not (self.root / argument.split("::")[0]).exists()
        ]


def not_run(done: subprocess.CompletedProcess[str], report: Path) -> str | None:
    """Why pytest did not run the tests, with the end of its output; None where it did.

    `done` is what `Suite.pytest` gave for this `report`.
    """
    if done.returncode in _RAN:
        if report.exists():
            return None
        # By `os._exit`, or a crash that a wrapper hides: no success, whatever the exit code.
        return _ended("was ended by a test before it wrote its report", done, report)
    said = {
        STOPPED: "was stopped because its time was up, before it had written its report",
        2: "stopped before it ran the tests",
        4: "did not understand its arguments",
        5: "found no tests: write one, or name the folder of those there are with `--tests`",
    }.get(done.returncode, f"ended with exit code {done.returncode}")
    return _ended(said, done, report)


def _ended(said: str, done: subprocess.CompletedProcess[str], report: Path) -> str:
    tail = "\n".join(f"  {line}" for line in done.stdout.strip().splitlines()[-_TAIL:])
    return f"pytest {said} (its whole output is in {report.with_suffix('.log')}):\n{tail}"


STOPPED = -1000
"""Instead of an exit code, where the time was up."""
GRACE = 20.0
"""Seconds for an interrupted process to write down what it has."""

_TICK = 1.0  # seconds between two looks
_BLOCK = 65536  # bytes
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


def run_until(
    deadline: float | None,
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    holds: Sequence[int] = (),
    *,
    log: Path | None = None,
    meanwhile: Callable[[], None] = lambda: None,
) -> subprocess.CompletedProcess[str]:
    """Run a command in `folder`; its output, both streams in one, is in `stdout`.

    It grows in the file `log` while the command runs, without secrets. At the `deadline` (by
    `time.monotonic`) the command is interrupted as by Ctrl-C, and killed if that was no use; so
    are all processes that it started. `holds` are descriptors that it inherits; `meanwhile` is
    called about once a second, and once it has ended.
    """
    output = _Output(log)
    with _interruptible(), output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output.end,
            stderr=subprocess.STDOUT,
            pass_fds=holds if os.name == "posix" else (),
            start_new_session=True,  # so that a signal reaches what it started, and nobody else
        )
        output.begin()
        try:
            code = _waited(process, output, deadline, meanwhile)
        except BaseException:
            _signal(process, _KILL)
            process.wait()
            raise
    meanwhile()
    return subprocess.CompletedProcess(command, code, output.text())


def _waited(
    process: subprocess.Popen[bytes],
    output: _Output,
    deadline: float | None,
    meanwhile: Callable[[], None],
) -> int:
    while not output.ended(_TICK if deadline is None else min(_TICK, deadline - time.monotonic())):
        if deadline is not None and time.monotonic() >= deadline:
            _stop(process, output)
            return STOPPED
        if process.poll() is not None:  # what it started and left behind holds on to its output
            if not output.ended(GRACE):
                _signal(process, _KILL)
            break
        meanwhile()
    return process.wait()


class _Output(threading.Thread):
    """Hears what a process says: keeps it, and writes it down as it comes.

    A thread of its own owns the pipe's end, so that what left the process's group and never ends
    can hold up nobody.
    """

    def __init__(self, log: Path | None) -> None:
        super().__init__(daemon=True)
        self._log = RedactedLog(log) if log else None
        self._said: list[str] = []
        self._from, self.end = os.pipe()

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        if self.ident is None:  # the process was never started
            os.close(self.end)
            os.close(self._from)
        if self._log:
            with suppress(OSError):  # as `_take`: what did not fit is written again by its close
                self._log.close()

    def begin(self) -> None:
        """The process has the other end of the pipe."""
        os.close(self.end)
        self.start()

    def run(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        with os.fdopen(self._from, "rb", buffering=0) as pipe:
            while block := pipe.read(_BLOCK):
                self._take(decoder.decode(block).replace("\r\n", "\n"))

    def _take(self, text: str) -> None:
        self._said.append(text)
        # A full disk is told when the whole text is written; the tests go on.
        with suppress(OSError, ValueError):
            if self._log:
                self._log.add(text)

    def ended(self, seconds: float) -> bool:
        """Whether everything was heard, waiting for it so long at most."""
        self.join(max(0.0, seconds))
        return not self.is_alive()

    def text(self) -> str:
        """What was heard so far."""
        return "".join(self._said)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let what is started heed Ctrl-C, also where whoever started us had it ignored (nohup)."""
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if not ignored or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _stop(process: subprocess.Popen[bytes], output: _Output) -> None:
    _signal(process, signal.SIGINT)
    output.ended(GRACE)
    _signal(process, _KILL)  # also what outlived its parent
    process.wait()
    output.ended(GRACE)


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, number)
