"""Tests that take longer than all others begin first, one after another at each worker.

One that began last would keep one worker busy, and leave the others idle, for a minute or two.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

LONGEST = {
    "test_act.py",
    "test_answer_caches.py",
    "test_bad_places.py",
    "test_commands.py",
    "test_frameworks.py",
    "test_gitlab.py",
    "test_kills.py",
    "test_readmes.py",
}
"""The files in which a test takes longer than 20 s of a processor."""


def longest_first(items: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """The same tests in an order of which pytest-xdist gives each worker an equal part to begin
    with, the longest of them at its head.
    """
    longest = [item for item in items if item.path.name in LONGEST]
    others = [item for item in items if item.path.name not in LONGEST]
    share = -(-len(others) // workers)
    return [
        item
        for worker in range(workers)
        for item in (
            *longest[worker::workers],
            *others[worker * share : (worker + 1) * share],
        )
    ]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Runs after pytest-randomly's, which is called first."""
    items[:] = longest_first(items, getattr(config, "workerinput", {}).get("workercount", 1))
