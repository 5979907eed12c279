"""Which tests this process is sure to run, so that requests may be sent ahead for them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_modelpin.live.expected_requests import UpcomingTest
from pytest_modelpin.session.fixture_owner import fixture_owner, requesting_node
from pytest_modelpin.session.session import Test


def upcoming(
    items: Iterable[pytest.Item],
    test_of: Callable[[pytest.Item], Test],
    samples_of: Callable[[Test], int],
    root: Path,
) -> Iterator[UpcomingTest]:
    """What `items` will ask models, in order: each test after the fixtures that it shares."""
    for item in items:
        test = test_of(item)
        for name, definitions in _fixtures(item):
            shared = definitions[-1]
            parametrised = shared.params or name in _parameters(item)
            if shared.scope != "function" and not parametrised:
                owner = fixture_owner(shared, requesting_node(item, shared.scope), root=root)
                yield UpcomingTest(owner, shared=True)
        yield UpcomingTest(test.owner, samples_of(test), test.mark.models)


def queued(
    config: pytest.Config, item: pytest.Item, nextitem: pytest.Item | None
) -> list[pytest.Item]:
    """In a pytest-xdist worker: the tests that no other worker will run any more.

    With `--dist worksteal` that is the present test and the next; otherwise all that the worker
    has been given so far.
    """
    sure = [each for each in (item, nextitem) if each is not None]
    if config.workerinput.get("modelpin_dist") == "worksteal":  # type: ignore[attr-defined]
        return sure
    for worker in config.pluginmanager.get_plugins():
        if type(worker).__name__ == "WorkerInteractor":
            with worker.torun.lock() as numbers:
                return sure + [worker.session.items[n] for n in numbers if isinstance(n, int)]
    return sure


def _parameters(item: pytest.Item) -> Collection[str]:
    return getattr(getattr(item, "callspec", None), "params", ())


def _fixtures(item: pytest.Item) -> Iterable[tuple[str, Any]]:
    info = getattr(item, "_fixtureinfo", None)
    return () if info is None else info.name2fixturedefs.items()
