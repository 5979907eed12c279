"""Keeping from the tests what can write to the repository: tokens, and the files of a CI step.

A process's first environment stays readable in `/proc/<pid>/environ` for as long as it runs,
whatever it later does to its variables. So the program starts itself once more without the tokens,
in the same process, and is handed them through a pipe that nobody can read twice. The action does
the same before it.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from contextlib import suppress
from pathlib import Path

from pytest_modelpin.write_access import RUNNER_FILES, TOKENS

HANDED_OVER = "PYTEST_MODELPIN_HANDED_OVER"
"""Names the descriptor of the pipe: `NAME=value`, each ended by a NUL."""

_RUN_TESTS = ("nightly", "promote", "rollback", "diff", "judge")
_MOST = 32_768  # bytes that a pipe takes on every system without a reader
_SET_DUMPABLE = 4  # PR_SET_DUMPABLE of prctl(2)


def isolate_tokens(
    command_line: Sequence[str], environment: MutableMapping[str, str] = os.environ
) -> None:
    """Call it first: takes over handed tokens, or starts the program anew without them.

    Does nothing where no token is in the environment, no tests will run, or there is no `exec`.
    """
    if (descriptor := environment.pop(HANDED_OVER, "")).isdigit():
        environment.update(_take_over(int(descriptor)))
        _hide_memory()
        return
    held = {name: environment[name] for name in sorted(TOKENS) if environment.get(name)}
    data = "".join(f"{name}={value}\0" for name, value in held.items()).encode()
    runs_tests = any(word in _RUN_TESTS for word in command_line[:1])
    if os.name != "posix" or not runs_tests or not 0 < len(data) <= _MOST:
        return
    reading, writing = os.pipe()
    os.write(writing, data)
    os.close(writing)
    os.set_inheritable(reading, True)
    rest = {name: value for name, value in environment.items() if name not in held}
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    program = [sys.executable, *sys.orig_argv[1:]]
    os.execve(sys.executable, program, {**rest, HANDED_OVER: str(reading)})  # noqa: S606


def _take_over(descriptor: int) -> dict[str, str]:
    try:
        with os.fdopen(descriptor, "rb") as pipe:
            pairs = pipe.read(_MOST).decode("utf-8", "replace").split("\0")
    except OSError:  # a variable that somebody left behind, and no pipe
        return {}
    named = (pair.partition("=") for pair in pairs)
    return {name: value for name, _, value in named if name in TOKENS and value}


def _hide_memory() -> None:
    """On Linux, let no process of the same user read this one's memory; root still can."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None, use_errno=True).prctl(_SET_DUMPABLE, 0, 0, 0, 0)


class RunnerFiles:
    """GitHub Actions' files of a step: what they held before the tests ran, and putting that back.

    The tests are not told where the files lie, but they can be found: a dependency of the suite
    could write `verdict=green` there, or a path that the next step runs programs from.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        named = {name: Path(environment[name]) for name in RUNNER_FILES if environment.get(name)}
        self._before = {name: (path, _content(path)) for name, path in sorted(named.items())}

    def put_back(self) -> tuple[str, ...]:
        """Undo what was written meanwhile; the names of the files that had been changed."""
        changed = []
        for name, (path, before) in self._before.items():
            if _content(path) != before:
                path.write_bytes(before)
                changed.append(name)
        return tuple(changed)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
