"""A process that is stopped, with all that it started, when its time is up."""

from __future__ import annotations

import codecs
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from pytest_modelpin.redaction.written import RedactedLog

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
