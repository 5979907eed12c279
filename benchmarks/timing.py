"""Running a command in a process of its own, and what that cost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from statistics import median
from tempfile import gettempdir

SYRUPY = ("syrupy",)
OURS = (*SYRUPY, "modelpin")
RECORDING = (*SYRUPY, "recording")
OUTPUT = ".output"
"""The file, in the command's folder, that holds what it printed."""
_BYTE_CODE = Path(gettempdir()) / "pytest-modelpin-benchmark-pycache"


@dataclass(frozen=True)
class Cost:
    """Of one process and those that it started and waited for."""

    seconds: float
    """Of the processor, in the program and in the kernel for it.

    Where nothing waits for anything, this is the time on the clock of an idle machine; on a busy
    one it stays the same, where the clock's does not.
    """
    clock: float
    """Seconds on the clock, from start to end: what somebody waits."""
    megabytes: float
    """Resident memory of the largest process at its highest."""


def pytest_cost(
    folder: Path,
    plugins: Collection[str],
    *options: str,
    succeeds: bool = True,
    beside: Path | None = None,
) -> Cost:
    """What `pytest` costs in `folder` with no plugins but those, by the names of entry points.

    pytest finds them by itself, as its users' are found, and all others are blocked: for each that
    an option or a variable names, it would look once more through the metadata of all installed.
    `beside` holds what is installed besides, and comes first.
    """
    others = sorted({each.name for each in entry_points(group="pytest11")} - {*plugins})
    blocked = (f"-pno:{name}" for name in ("cacheprovider", *others))
    return process_cost(
        [sys.executable, "-m", "pytest", "-q", *blocked, *options],
        folder,
        expected=0 if succeeds else 1,
        environment={
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "",
            **({"PYTHONPATH": str(beside)} if beside else {}),
        },
    )


def process_cost(
    command: Sequence[str | Path],
    folder: Path,
    *,
    expected: int = 0,
    environment: Mapping[str, str] | None = None,
) -> Cost:
    """What a command costs; RuntimeError where it does not end as expected.

    `environment` is added to this process's.
    """
    began = time.monotonic()
    process = started(command, folder, environment or {})
    _, status, usage = os.wait4(process.pid, 0)
    clock = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != expected:
        said = (folder / OUTPUT).read_text(errors="replace")[-3000:]
        raise RuntimeError(f"{command} in {folder}: {process.returncode}\n{said}")
    scale = 1 if sys.platform == "darwin" else 1024  # ru_maxrss: bytes there, KiB elsewhere
    return Cost(usage.ru_utime + usage.ru_stime, clock, usage.ru_maxrss * scale / 1e6)


def started(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """The command, under way, in circumstances that are the same for all."""
    added = {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONHASHSEED": "0",
        # Where byte code may not be written, Python compiles every module at every start.
        "PYTHONPYCACHEPREFIX": str(_BYTE_CODE),
        **environment,
    }
    left_out = ("PYTEST_ADDOPTS", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    with (folder / OUTPUT).open("wb") as output:
        return subprocess.Popen(
            command,
            cwd=folder,
            env={**kept, **added},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def medians(subjects: Mapping[str, Callable[[], Cost]], repeats: int) -> dict[str, Cost]:
    """The median cost of each, by name.

    All run in turn, so that a machine that grows slow meanwhile is slow for all; a first round,
    in which Python compiles the tests, does not count.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in subjects}
    for number in range(repeats + 1):
        for name, run in subjects.items():
            cost = run()
            if number:
                costs[name].append(cost)
    return {
        name: Cost(
            median(cost.seconds for cost in each),
            median(cost.clock for cost in each),
            median(cost.megabytes for cost in each),
        )
        for name, each in costs.items()
    }
