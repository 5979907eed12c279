"""Running pytest on a project in a process of its own, and what that cost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import gettempdir

SYRUPY = ("-q", "-p", "no:cacheprovider", "-p", "syrupy")
OURS = (*SYRUPY, "-p", "pytest_modelpin.plugin")
RECORDING = (*SYRUPY, "-p", "pytest_recording.plugin")
_BYTE_CODE = Path(gettempdir()) / "pytest-modelpin-benchmark-pycache"


@dataclass(frozen=True)
class Cost:
    """Of one process."""

    seconds: float
    """Of the processor, in the program and in the kernel for it.

    Nothing that is measured here waits for anything, so that on an idle machine this is the time
    on the clock; on a busy one it stays the same, where the clock's does not.
    """
    megabytes: float
    """Resident memory at its highest."""


def pytest_cost(folder: Path, options: Sequence[str], *, succeeds: bool = True) -> Cost:
    """What `pytest` costs in `folder` with no plugins but those that the options name."""
    return process_cost(
        [sys.executable, "-m", "pytest", *options], folder, expected=0 if succeeds else 1
    )


def process_cost(command: Sequence[str], folder: Path, *, expected: int = 0) -> Cost:
    """What a command costs; RuntimeError where it does not end as expected."""
    environment = {
        **os.environ,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONHASHSEED": "0",
        # Where byte code may not be written, Python compiles every module at every start.
        "PYTHONPYCACHEPREFIX": str(_BYTE_CODE),
    }
    for name in ("PYTEST_ADDOPTS", "PYTHONDONTWRITEBYTECODE"):
        environment.pop(name, None)
    log = folder / ".output"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != expected:
        said = log.read_text()[-3000:]
        raise RuntimeError(f"{command} in {folder}: {process.returncode}\n{said}")
    scale = 1 if sys.platform == "darwin" else 1024  # ru_maxrss: bytes there, KiB elsewhere
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * scale / 1e6)


def medians(subjects: dict[str, Callable[[], Cost]], repeats: int) -> dict[str, Cost]:
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
        name: Cost(median(cost.seconds for cost in each), median(cost.megabytes for cost in each))
        for name, each in costs.items()
    }
