from __future__ import annotations

import json
import subprocess
import sys
import textwrap

import pytest

from modelpin_runtime.breaker import CLOSED, Breaker, BreakerSettings
from modelpin_runtime.chain import Breakers, Target, Walk
from modelpin_runtime.shared_states import SharedStates

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
A = Target("claude-a", "anthropic", "pin", "claude")
B = Target("gpt-b", "openai", "fallback", "claude")


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def workers(folder, count, clock):
    """The breakers of so many processes, as far as the file goes: each reads it for itself."""
    made = []
    for _ in range(count):
        breakers = Breakers(states=SharedStates(folder))
        for target in (A, B):
            breakers._by_id[target.id] = Breaker(
                BreakerSettings(), clock, breakers.states, target.id
            )
        made.append(breakers)
    return made


@pytest.mark.parametrize("count", [1, 3, 8])
def test_workers_together_ask_a_dead_model_as_seldom_as_one(tmp_path, count):
    clock, tried, answers = Clock(), 0, []

    def fn(id, provider):
        nonlocal tried
        if id == A.id and clock.now < 60:
            tried += 1
            raise ConnectionResetError
        return id

    all_of_them = workers(tmp_path, count, clock)
    for number in range(30):
        clock.now = number * 4.0
        answers.append(Walk("claude", (A, B), all_of_them[number % count]).call(fn).value)
    assert tried <= 4
    assert answers[-1] == A.id


def test_what_one_process_finds_out_another_knows(tmp_path):
    code = """
        import sys
        from pathlib import Path
        from modelpin_runtime.chain import Breakers
        from modelpin_runtime.shared_states import SharedStates
        Breakers(states=SharedStates(Path(sys.argv[1])))["claude-a"].failed(retry_after=3600)
    """
    mine = Breakers(states=SharedStates(tmp_path))
    assert mine["claude-a"].admits()
    command = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path)]
    subprocess.run(command, check=True, timeout=60)
    assert not mine["claude-a"].admits()
    assert mine["gpt-b"].admits()


def test_one_request_probes_for_all_and_its_answer_is_for_all(tmp_path):
    clock = Clock()
    one, other = (each["claude-a"] for each in workers(tmp_path, 2, clock))
    one.failed()
    other.failed()
    assert not one.admits()
    clock.now = 15
    assert other.admits()
    assert not one.admits()
    other.succeeded()
    assert one.admits()
    assert SharedStates(tmp_path).read("claude-a") == CLOSED


def test_a_model_that_is_well_writes_nothing(tmp_path):
    one = Breakers(states=SharedStates(tmp_path / "breakers"))["claude-a"]
    assert one.admits()
    one.succeeded()
    one.left_alone()
    assert not (tmp_path / "breakers").exists()


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", '{"at": 0}', '{"at": 0, "models": {"claude-a": [1]}}', "\0", "[" * 200_000,
        '{"at": 0, "models": {"claude-a": [1e400, 0, 0, 0]}}',
    ],
)  # fmt: skip
def test_a_broken_file_says_nothing_and_is_written_anew(tmp_path, content):
    states = SharedStates(tmp_path)
    states.path.write_text(content)
    one = Breakers(states=states)["claude-a"]
    assert one.admits()
    one.failed(retry_after=60)
    assert not one.admits()
    assert list(json.loads(states.path.read_text())["models"]) == ["claude-a"]


def test_a_file_from_before_the_last_boot_says_nothing(tmp_path):
    """The monotonic clock began anew: its times would keep a model away for days."""
    states = SharedStates(tmp_path)
    later = {"at": 1e9, "models": {"claude-a": [2, 1, 1e9 + 15, 0]}}
    states.path.write_text(json.dumps(later))
    assert Breakers(states=states)["claude-a"].admits()


def test_a_file_that_can_not_be_read_stops_no_request(tmp_path, caplog):
    """Such as another user's, made where only its owner may read: each request failed on it."""
    states = SharedStates(tmp_path)
    states.path.mkdir()
    one = Breakers(states=states)["claude-a"]
    assert one.admits()
    one.failed(retry_after=60)
    assert not one.admits()
    assert caplog.text.count("each process has its own") == 1


def test_where_the_file_can_not_be_written_each_process_has_its_own(tmp_path, caplog):
    blocked = tmp_path / "a file"
    blocked.write_text("")
    one = Breakers(states=SharedStates(blocked / "breakers"))["claude-a"]
    for _ in range(2):
        assert one.admits()
        one.failed()
    assert not one.admits()
    assert caplog.text.count("each process has its own") == 1
    blocked.unlink()
    one.failed(retry_after=60)
    assert "shared by way of" in caplog.text
    assert "again" in caplog.text
    assert not one.admits()
