"""A process that is stopped, with all that it started, when its time is up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

STOPPED = -1000
"""Instead of an exit code, where the time was up."""
GRACE = 20.0
"""Seconds for an interrupted process to write down what it has."""

_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


def run_until(
    deadline: float | None,
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    holds: Sequence[int] = (),
) -> subprocess.CompletedProcess[str]:
    """Run a command in `folder`; its output, both streams in one, is in `stdout`.

    At the `deadline` (by `time.monotonic`) it is interrupted as by Ctrl-C, and killed if that was
    no use; so are all processes that it started. `holds` are descriptors that it inherits.
    """
    with (
        _interruptible(),
        subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=holds if os.name == "posix" else (),
            start_new_session=True,  # so that a signal reaches what it started, and nobody else
        ) as process,
    ):
        try:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            said, _ = process.communicate(timeout=left)
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(command, STOPPED, _stopped(process))
        except BaseException:
            _signal(process, _KILL)
            raise
        return subprocess.CompletedProcess(command, process.returncode, said)


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


def _stopped(process: subprocess.Popen[str]) -> str:
    _signal(process, signal.SIGINT)
    try:
        said, _ = process.communicate(timeout=GRACE)
    except subprocess.TimeoutExpired:
        _signal(process, _KILL)
        said, _ = process.communicate()
    else:
        _signal(process, _KILL)  # what outlived its parent
    return said


def _signal(process: subprocess.Popen[str], number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, number)
