"""Work shared out among processes: the same results, in order, whichever way they are begun."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pytest_modelpin.compare.processes import shared_out


def squared(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


def refused(number: int) -> int:
    raise ValueError(f"not {number}")


@contextmanager
def another_thread() -> Iterator[None]:
    """A caller that has threads can't be forked."""
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_results_keep_the_order_of_the_tasks_and_come_from_other_processes() -> None:
    done = shared_out(squared, range(101), 2)
    assert [result for result, _ in done] == [number * number for number in range(101)]
    assert os.getpid() not in {process for _, process in done}


def test_a_caller_without_threads_is_forked() -> None:
    # What a forked process has at hand need not be handed over: a lambda can't be.
    script = (
        "from pytest_modelpin.compare.processes import shared_out\n"
        "print(shared_out(lambda number: number + 1, range(5), 2))\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    forked = run.stdout == "(1, 2, 3, 4, 5)\n"
    assert forked == (sys.platform == "linux"), run.stderr


def test_a_caller_with_threads_gets_the_same() -> None:
    with another_thread():
        done = shared_out(squared, range(101), 2)
    assert [result for result, _ in done] == [number * number for number in range(101)]
    assert os.getpid() not in {process for _, process in done}


def test_what_goes_wrong_in_a_process_is_raised_here() -> None:
    with pytest.raises(ValueError, match="not 0"):
        shared_out(refused, range(4), 2)
