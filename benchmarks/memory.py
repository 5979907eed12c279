"""How much memory a command takes with all the processes that it starts."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from timing import process_cost, started

_PAUSE = 0.02  # seconds between two looks; reports take tenths of a second to grow and shrink
_PROC = Path("/proc")


def peak_megabytes(command: Sequence[str | Path], folder: Path) -> float:
    """The memory of a command and its children together, at its highest, in megabytes.

    A page that several processes share counts once, as the kernel's proportional set size has it.
    Where there is no /proc, it is the largest process's.
    """
    if not (_PROC / "self" / "smaps_rollup").exists():
        return process_cost(command, folder).megabytes
    process = started(command, folder, {})
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(_kilobytes(pid) for pid in _family(process.pid)))
        time.sleep(_PAUSE)
    return peak * 1024 / 1e6


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in (_PROC / str(pid) / "task").glob("*/children"):
        for child in _text(task).split():
            yield from _family(int(child))


def _kilobytes(pid: int) -> int:
    found = re.search(r"^Pss:\s+(\d+) kB", _text(_PROC / str(pid) / "smaps_rollup"), re.MULTILINE)
    return int(found[1]) if found else 0


def _text(file: Path) -> str:
    """Empty where the process has ended meanwhile."""
    try:
        return file.read_text()
    except OSError:
        return ""
