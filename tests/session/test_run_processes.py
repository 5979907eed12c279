"""Which tests a worker of pytest-xdist is sure to run, whatever its version keeps them in."""

from __future__ import annotations

from queue import Queue
from types import SimpleNamespace
from typing import Any

import execnet
import pytest
from xdist import remote

from pytest_modelpin.session.run_processes import queued

ITEMS = ["first", "second", "third", "fourth"]


class WorkerInteractor:
    """What pytest-xdist registers in a worker, as far as it is looked at."""

    def __init__(self, torun: Any) -> None:
        self.torun = torun
        self.session = SimpleNamespace(items=ITEMS)


def config_of(torun: Any, dist: str = "load") -> Any:
    plugins = SimpleNamespace(get_plugins=lambda: {object(), WorkerInteractor(torun)})
    return SimpleNamespace(workerinput={"modelpin_dist": dist}, pluginmanager=plugins)


@pytest.mark.parametrize(
    "torun",
    [remote.TestQueue(execnet.gateway_base.get_execmodel("thread")), Queue()],
    ids=["own", "std"],
)
def test_what_waits_is_known_of_each_queue_that_xdist_has_had(torun):
    for number in (2, 3, "shutdown"):
        torun.put(number)
    assert queued(config_of(torun), "first", "second") == ITEMS
    assert queued(config_of(torun, "worksteal"), "first", "second") == ITEMS[:2]
    assert torun.get() == 2, "it was looked at, and not taken"


def test_of_a_queue_that_nobody_here_knows_only_the_next_test_is_sure():
    assert queued(config_of(object()), "first", "second") == ITEMS[:2]
    assert queued(config_of(object()), "first", None) == ["first"]
