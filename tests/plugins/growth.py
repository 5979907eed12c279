"""How work grows with what it is done on: that says something of the code, not of the machine."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

_TIMES = 3  # the best of so many counts: what other processes do must not decide


@pytest.fixture
def growth() -> Callable[[Callable[[int], object], int, int], float]:
    """`growth(work, few, many)`: how much longer each of many takes than each of few.

    About 1 where work grows with its input, about `many / few` where it grows with its square.
    """

    def measure(work: Callable[[int], object], few: int, many: int) -> float:
        work(few)  # what is loaded or remembered at the first use
        return (_least(work, many) / many) / (_least(work, few) / few)

    return measure


def _least(work: Callable[[int], object], size: int) -> float:
    seconds = []
    for _ in range(_TIMES):
        before = time.process_time()
        work(size)
        seconds.append(time.process_time() - before)
    return min(seconds)
