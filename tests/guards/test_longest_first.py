"""The order in which the tests begin."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from longest_first import LONGEST, longest_first

TESTS = Path(__file__).parents[1]


def named(*names):
    return [SimpleNamespace(path=Path(name)) for name in names]


@pytest.mark.parametrize("workers", [1, 2, 3, 9])
def test_each_test_stays_and_each_worker_begins_with_its_share_of_the_longest(workers):
    items = named("test_a.py", "test_act.py", *"bcdefg", "test_kills.py", "test_act.py", "h")
    ordered = longest_first(items, workers)
    assert sorted(map(id, ordered)) == sorted(map(id, items))
    assert ordered[0] is items[1]
    if workers == 2:
        heads = [at for at, item in enumerate(ordered) if item.path.name in LONGEST]
        assert heads == [0, 1, 6]


def test_the_longest_are_there():
    assert {name for name in LONGEST if not list(TESTS.rglob(name))} == set()
