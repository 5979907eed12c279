"""Counting observations: the same files give the same counts, whoever wrote which line where."""

from __future__ import annotations

import json
import random

import pytest

from modelpin_runtime.observations import observation
from pytest_modelpin.production.canary import decide
from pytest_modelpin.production.counts import count

pytest.importorskip("duckdb")


def seen(pin=600, canary=200, at_once=300):
    """Observations of a canary that comes later; so many of the pin's at each instant."""
    rng = random.Random(3)
    made = [("claude-a", "pin", 1e9 + n // at_once) for n in range(pin)]
    made += [("claude-b", "canary", 1e9 + n // at_once) for n in range(canary)]
    return [
        json.dumps(observation(name="claude", id=id, role=role, at=at, seconds=rng.random(),
                               cost_usd=rng.random()))
        for id, role, at in made
    ]  # fmt: skip


def counted(folder, lines, machines=1):
    folder.mkdir()
    for n in range(machines):
        (folder / f"host{n}-1.jsonl").write_text("\n".join(lines[n::machines]) + "\n")
    return count(folder, "claude", "claude-a", "claude-b")


def test_two_machines_files_and_their_order_change_nothing(tmp_path):
    """What is slow and dear is told by the pin's first requests, of which many come at once."""
    lines = seen()
    first = counted(tmp_path / "one", lines)
    shuffled = random.Random(1).sample(lines, len(lines))
    assert counted(tmp_path / "two", shuffled, machines=2) == first
    assert counted(tmp_path / "back", lines[::-1], machines=3) == first
    assert (first.pin, first.canary) == (600, 200)


def test_what_says_what_is_slow_is_not_tested_itself(tmp_path):
    """All of the instant with the pin's 200th request is the reference, none of the next one."""
    latency = counted(tmp_path / "seen", seen()).batches["latency"]
    assert [(each.pin, each.canary) for each in latency] == [(0, 0), (300, 0)]


def test_a_canary_without_control_traffic_is_counted_and_held(tmp_path):
    from modelpin_runtime.registry.models import Canary

    found = counted(tmp_path / "seen", seen(pin=0, canary=500))
    assert (found.pin, found.canary) == (0, 500)
    held = decide(Canary("claude-b", 5, min_requests=1, min_hours=0), found)
    assert held.action == "hold"
    assert "The pin had no traffic" in held.reasons[0]


def test_lines_half_written_or_of_another_schema_cost_no_other(tmp_path):
    lines = seen(pin=10, canary=10)
    odd = [
        lines[0][:40], '{"v": 2, "name": "claude", "id": "claude-a", "at": 1e9}', "[]", "null",
        '{"v": "one", "at": {}}', "\x00\x00", '{"v": 1, "name": "claude"}', "",
    ]  # fmt: skip
    found = counted(tmp_path / "seen", [*odd, *lines, lines[1][:-9]])
    assert (found.pin, found.canary) == (10, 10)


def test_a_machine_that_did_not_know_the_time_makes_no_hours(tmp_path):
    """Its line of 1970 made the canary 31 years old, and it was advanced at once."""
    early = observation(name="claude", id="claude-b", role="canary", at=3.0)
    found = counted(tmp_path / "seen", [json.dumps(early), *seen()])
    assert found == counted(tmp_path / "without", seen())
    assert found.hours < 1
