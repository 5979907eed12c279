"""What the processes of one pytest run tell each other, which of them this is, and which tests it
is sure to run, so that requests may be sent ahead for them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_modelpin.files import relative_path
from pytest_modelpin.session.running_tests import Test
from pytest_modelpin.session.shared_fixtures import fixture_owner, requesting_node

if TYPE_CHECKING:
    from modelpin_runtime.registry.models import Pins
    from pytest_modelpin.live.expected_requests import UpcomingTest
    from pytest_modelpin.recordings.settling import Aliases


class WorkerReport:
    """What a process that runs tests saw beside its cases."""

    def __init__(self) -> None:
        self.left_out: list[str] = []
        """Node ids of tests that were collected and deselected."""
        self.modules: dict[str, list[str]] = {}
        """Modules that were collected whole, as `unused_recordings.whole_modules` gives them."""
        self.unseen: list[str] = []
        """What asked a model unseen while no test ran."""
        self.faults: list[str] = []
        """What of the suite did not run, or was not checked."""
        self.unrecorded: list[str] = []
        """Node ids of tests that asked what no recording answers."""
        self.aliases: Aliases | None = None
        """Which version answered an alias; None where nothing was asked live."""
        self.notes: list[str] = []
        """Sentences for the user."""

    def as_output(self) -> dict[str, Any]:
        """What a pytest-xdist worker sends to its controller at its end."""
        return {
            "modelpin_left_out": self.left_out,
            "modelpin_modules": self.modules,
            "modelpin_unseen": self.unseen,
            "modelpin_faults": self.faults,
            "modelpin_unrecorded": self.unrecorded,
            "modelpin_aliases": self.aliases.as_output() if self.aliases else {},
            "modelpin_notes": self.notes,
        }

    def merge(self, output: Mapping[str, Any]) -> None:
        """Take in what a worker sent; every worker collects, and deselects, the same tests."""
        self.left_out = max(self.left_out, output.get("modelpin_left_out", []), key=len)
        self.modules.update(output.get("modelpin_modules", {}))
        self.unseen += output.get("modelpin_unseen", ())
        self.faults += output.get("modelpin_faults", ())
        self.unrecorded += output.get("modelpin_unrecorded", ())
        if learnt := output.get("modelpin_aliases"):
            from pytest_modelpin.recordings.settling import Aliases

            self.aliases = self.aliases or Aliases()
            self.aliases.merge(learnt)
        self.notes += output.get("modelpin_notes", ())


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is one of pytest-xdist's workers."""
    return hasattr(config, "workerinput")


def runs_tests(config: pytest.Config) -> bool:
    """Whether this process runs tests: any but the controller of pytest-xdist."""
    return not getattr(config.option, "numprocesses", None) or is_worker(config)


def worker_count(config: pytest.Config) -> int:
    """Among how many processes the tests are divided, as seen from one that runs some."""
    count: int = config.workerinput["workercount"] if is_worker(config) else 1  # type: ignore[attr-defined]
    return count


def tell_worker(config: pytest.Config, node: Any, pins: Pins) -> None:
    """Give a worker of pytest-xdist, also one that replaces another, what it can't see itself."""
    node.workerinput["modelpin_dist"] = config.option.dist
    node.workerinput["modelpin_registry"] = relative_path(pins.path, config.rootpath), pins.text


def registry_read(config: pytest.Config) -> tuple[str, str] | None:
    """In a worker: models.yml as its controller has read it, its place and its text."""
    read: tuple[str, str] | None = getattr(config, "workerinput", {}).get("modelpin_registry")
    return read


def upcoming(
    items: Iterable[pytest.Item],
    test_of: Callable[[pytest.Item], Test],
    samples_of: Callable[[Test], int],
    root: Path,
) -> Iterator[UpcomingTest]:
    """What `items` will ask models, in order: each test after the fixtures that it shares."""
    from pytest_modelpin.live.expected_requests import UpcomingTest

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
            return sure + [worker.session.items[n] for n in _numbers(worker.torun)]
    return sure


def _numbers(queue: Any) -> list[int]:
    """What waits in a worker's queue: pytest-xdist's own, or before its 3.7 Python's. None of it
    where it is neither: then nothing is sent ahead.
    """
    if hasattr(queue, "lock"):
        with queue.lock() as waiting:
            return [each for each in waiting if isinstance(each, int)]
    if hasattr(queue, "mutex"):
        with queue.mutex:
            return [each for each in queue.queue if isinstance(each, int)]
    return []


def _parameters(item: pytest.Item) -> Collection[str]:
    return getattr(getattr(item, "callspec", None), "params", ())


def _fixtures(item: pytest.Item) -> Iterable[tuple[str, Any]]:
    info = getattr(item, "_fixtureinfo", None)
    return () if info is None else info.name2fixturedefs.items()
