"""Variables by which a program may write to the repository or speak for the team, who gets them;
and what this process gives its children alone.

A process's first environment stays readable in `/proc/<pid>/environ` for as long as it runs,
whatever it later does to its variables. So the command line starts itself once more without the
tokens, in the same process, and is handed them through a pipe that nobody can read twice. The
action does the same before it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

TOKENS = frozenset(
    {
        "GITHUB_TOKEN",
        "GITHUB_JOB_TOKEN",
        "GH_TOKEN",
        "GH_ENTERPRISE_TOKEN",
        "GITHUB_ENTERPRISE_TOKEN",
        "INPUT_TOKEN",
        "ACTIONS_RUNTIME_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "MODELPIN_SLACK_WEBHOOK",
    }
)
"""What writes to the repository, gets further tokens, or posts in a team's name."""

RUNNER_FILES = frozenset(
    {"GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"}
)
"""Files by which a step tells GitHub Actions its outputs, and later steps their environment.

Source: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

_ADDRESSES = frozenset(
    {
        "ACTIONS_RUNTIME_URL",
        "ACTIONS_RESULTS_URL",
        "ACTIONS_CACHE_URL",
        "ACTIONS_ID_TOKEN_REQUEST_URL",
    }
)


def for_tests(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without what writes to the repository or speaks for the team.

    Nor with `MODELPIN_<NAME>`: a night is about the pin that models.yml holds, not about the one
    that somebody's environment has put in its place.
    """
    kept_back = TOKENS | RUNNER_FILES | _ADDRESSES
    return {
        name: value
        for name, value in environment.items()
        if name not in kept_back and not name.startswith("MODELPIN_")
    }


def without_tokens(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for programs that run what a test may have left, as git runs hooks."""
    return {name: value for name, value in environment.items() if name not in TOKENS}


secrets_of_children: dict[str, None] = {}
"""What this process gives its children alone, and is as secret as what its environment holds. Kept
here, where a replay that starts a child need not load what takes secrets out."""


HANDED_OVER = "PYTEST_MODELPIN_HANDED_OVER"
"""Names the descriptor of the pipe: `NAME=value`, each ended by a NUL."""

RUN_TESTS = (
    "nightly", "record", "plan", "promote", "rollback", "diff", "review", "judge", "health",
    "shadow",
)  # fmt: skip
"""The commands that run a suite."""
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
    runs_tests = any(word in RUN_TESTS for word in command_line[:1])
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
        import ctypes  # here, as few processes that read this module need it

        with suppress(OSError, AttributeError):
            ctypes.CDLL(None, use_errno=True).prctl(_SET_DUMPABLE, 0, 0, 0, 0)


@contextmanager
def runner_files_kept(
    say: Callable[[str], object], environment: Mapping[str, str] = os.environ
) -> Iterator[None]:
    """Take out of GitHub Actions' files of a step what is written there meanwhile, and say so.

    The tests are not told where the files lie, but they can be found: a dependency of the suite
    could write `verdict=green` there, or a path that the next step runs programs from.
    """
    named = {name: Path(environment[name]) for name in RUNNER_FILES if environment.get(name)}
    before = {name: (path, _content(path)) for name, path in sorted(named.items())}
    try:
        yield
    finally:  # what breaks off leaves no forged output either
        touched = [name for name, (path, content) in before.items() if _content(path) != content]
        for name in touched:
            path, content = before[name]
            path.write_bytes(content)
        if touched:
            say(
                f"warning: while the tests ran, something wrote to {', '.join(touched)}; that was "
                "taken out again. No test is told where these files lie: find out which one did it."
            )


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
