"""The kill loop of benchmarks/kills.py, in its short form."""

import sys
from pathlib import Path

import pytest
from team_environment import ABSENT

sys.path.append(str(Path(__file__).parents[4] / "benchmarks"))
import kills

pytestmark = pytest.mark.long


@pytest.mark.slow
def test_twenty_kills_tear_nothing_and_the_next_run_is_right(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ABSENT))
    counted, wrong = kills.play(20, 7, tmp_path, jobs=2, seconds=1.5)
    assert wrong == []
    assert sum(counted.values()) == 20
    assert {name for name, _ in counted} == set(kills.SHARES)
    in_time = sum(number for (_, when), number in counted.items() if when == "in time")
    assert in_time > 10


def test_a_torn_file_is_told(tmp_path):
    (tmp_path / "__snapshots__").mkdir()
    (tmp_path / "__snapshots__" / "a.txt").write_text("")
    (tmp_path / "b.json").write_text("{")
    (tmp_path / "c.json").write_text("{}")
    (tmp_path / ".writing-x.tmp").write_text("{")
    assert sorted(kills.torn(tmp_path)) == ["__snapshots__/a.txt", "b.json"]
