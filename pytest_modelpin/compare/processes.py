"""Pure work on many things, shared out among processes."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from math import ceil
from multiprocessing import get_context
from threading import active_count
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

_SHARES = 50  # of one process: so many that all end at about the same time

_work: Callable[[Any], Any]
_tasks: Sequence[Any]


def shared_out(work: Callable[[T], R], tasks: Sequence[T], jobs: int) -> tuple[R, ...]:
    """`work` done on each task by `jobs` processes; the results in the order of the tasks.

    `work` is a module's function; tasks and results can be pickled.
    """
    size = ceil(len(tasks) / jobs / _SHARES)
    # A forked process has everything at hand: nothing is loaded or handed over. But only a caller
    # without threads can be forked, and only Linux lets all its libraries be.
    if sys.platform == "linux" and active_count() == 1:
        with ProcessPoolExecutor(jobs, get_context("fork"), _inherit, (work, tasks)) as pool:
            return tuple(pool.map(_done, range(len(tasks)), chunksize=size))
    with ProcessPoolExecutor(jobs, get_context("spawn"), gc.disable) as pool:
        return tuple(pool.map(work, tasks, chunksize=size))


def _inherit(work: Callable[[Any], Any], tasks: Sequence[Any]) -> None:
    global _work, _tasks
    _work, _tasks = work, tasks
    gc.disable()  # nothing in a worker is garbage


def _done(place: int) -> Any:
    return _work(_tasks[place])
