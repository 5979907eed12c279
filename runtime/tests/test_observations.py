from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from modelpin_runtime import ChainExhaustedError, load, observations
from modelpin_runtime.observations import Writer, observation

YML = "models: {claude: {production: claude-a}}\n"


def lines(folder):
    files = sorted(folder.glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


@pytest.fixture
def pins(tmp_path):
    (tmp_path / "models.yml").write_text(YML)
    return load(tmp_path / "models.yml", environment={}, observations=tmp_path / "seen")


def test_a_request_is_one_line_without_content(pins, tmp_path):
    with pins.observed("claude", key="u") as seen:
        seen.note(served="claude-a", input_tokens=3, output_tokens=4, refusal=False)
    pins.flush()
    (line,) = lines(tmp_path / "seen")
    assert line.pop("seconds") >= 0
    assert line.pop("at") > 1e9
    assert line == {"v": 1, "name": "claude", "id": "claude-a", "role": "pin",
                    "served": "claude-a", "in": 3, "out": 4, "refusal": False}  # fmt: skip


def test_an_error_is_noted_and_goes_on_its_way(pins, tmp_path):
    with pytest.raises(TimeoutError), pins.observed("claude"):
        raise TimeoutError
    pins.flush()
    assert lines(tmp_path / "seen")[0]["error"] == "TimeoutError"


CHAIN = "models: {claude: {production: claude-a, fallback: [claude-b]}}\n"


def test_a_model_that_the_next_one_rescued_is_seen_to_have_failed(tmp_path):
    (tmp_path / "models.yml").write_text(CHAIN)
    pins = load(tmp_path / "models.yml", environment={}, observations=tmp_path / "seen")

    def ask(id, provider):
        if id == "claude-a":
            raise TimeoutError
        return id

    with pins.observed("claude") as seen:
        seen.answered_by(pins.call("claude", ask))
        seen.note(request="r1")
    pins.flush()
    failed, answered = lines(tmp_path / "seen")
    assert (failed["id"], failed["role"], failed["error"]) == ("claude-a", "pin", "timeout")
    assert (answered["id"], answered["role"], answered.get("error")) == (
        "claude-b", "fallback", None,
    )  # fmt: skip
    assert failed["request"] == answered["request"] == "r1"


def test_where_nobody_answers_each_that_was_asked_failed_once(tmp_path):
    (tmp_path / "models.yml").write_text(CHAIN)
    pins = load(tmp_path / "models.yml", environment={}, observations=tmp_path / "seen")

    def ask(id, provider):
        raise ConnectionResetError

    with pytest.raises(ChainExhaustedError), pins.observed("claude"):
        pins.call("claude", ask)
    pins.flush()
    seen = [(line["id"], line["error"]) for line in lines(tmp_path / "seen")]
    assert seen == [("claude-a", "connection"), ("claude-b", "connection")]


def test_what_is_durable_survives_a_kill(tmp_path):
    (tmp_path / "models.yml").write_text(YML)
    code = (
        "import os, signal; from modelpin_runtime import load\n"
        "pins = load('models.yml', observations='seen')\n"
        "for n in range(50): pins.observe('claude', 'claude-a', durable=True, input_tokens=n)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [line["in"] for line in lines(tmp_path / "seen")] == list(range(50))


def test_nothing_is_lost_at_exit(tmp_path):
    (tmp_path / "models.yml").write_text(YML)
    code = (
        "from modelpin_runtime import load\n"
        "pins = load('models.yml', observations='seen')\n"
        "for n in range(5000): pins.observe('claude', 'claude-a', input_tokens=n)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert [line["in"] for line in lines(tmp_path / "seen")] == list(range(5000))


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows can only spawn")
def test_nothing_is_lost_where_a_child_of_multiprocessing_ends(tmp_path, method):
    """Forked ones end without `atexit`: each lost all that it had seen."""
    (tmp_path / "models.yml").write_text(YML)
    script = tmp_path / "script.py"
    script.write_text(
        "import multiprocessing, sys\n"
        "from modelpin_runtime import load\n"
        "pins = load('models.yml', environment={}, observations='seen')\n"
        "def work(number):\n"
        "    pins.observe('claude', 'claude-a', request=str(number))\n"
        "if __name__ == '__main__':\n"
        "    context = multiprocessing.get_context(sys.argv[1])\n"
        "    work(0)\n"
        "    children = [context.Process(target=work, args=(n,)) for n in (1, 2)]\n"
        "    for child in children: child.start()\n"
        "    for child in children: child.join()\n"
    )
    subprocess.run([sys.executable, script, method], cwd=tmp_path, check=True, timeout=120)
    assert sorted(line["request"] for line in lines(tmp_path / "seen")) == ["0", "1", "2"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")  # that is what is tried
def test_a_fork_writes_files_of_its_own(pins, tmp_path):
    pins.observe("claude", "claude-a", input_tokens=1)
    child = os.fork()
    if child == 0:
        pins.observe("claude", "claude-a", input_tokens=2)
        pins.flush()
        os._exit(0)
    os.waitpid(child, 0)
    pins.flush()
    assert sorted(line["in"] for line in lines(tmp_path / "seen")) == [1, 2]
    assert len(list((tmp_path / "seen").glob("*.jsonl"))) == 2


def test_files_are_rotated(tmp_path):
    writer = Writer(tmp_path, rotate_bytes=500)
    for n in range(20):
        writer.observe({"n": n, "pad": "x" * 80}, durable=True)
    assert len(list(tmp_path.glob("*.jsonl"))) >= 4
    assert sorted(line["n"] for line in lines(tmp_path)) == list(range(20))


def test_a_folder_that_can_not_be_written_is_said_once_and_stops_nobody(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    writer = Writer(tmp_path / "file" / "below")
    for _ in range(3):
        writer.observe({"n": 1}, durable=True)
    assert writer.dropped == 0  # they wait in memory
    assert caplog.text.count("observations can't be written") == 1


def test_odd_values_become_text(tmp_path):
    writer = Writer(tmp_path)
    writer.observe(
        observation(name="a", id="b", role="pin", at=1.0, cost_usd=float("nan")), durable=True
    )
    assert lines(tmp_path)[0]["cost"] == "nan"


class Unspeakable:
    def __str__(self):
        raise RuntimeError("not now")


@pytest.mark.parametrize("depth", [None, 5_000])
def test_content_that_can_not_be_written_ends_no_writing(tmp_path, depth):
    """A deeply nested answer ended the thread that writes, and the canary went blind."""
    content = Unspeakable()
    for _ in range(depth or 0):
        content = [content]
    writer = Writer(tmp_path)
    writer.observe(observation(name="a", id="b", role="pin", at=1.0, content={"reply": content}))
    writer.observe(observation(name="a", id="b", role="pin", at=2.0))
    writer.flush()
    assert [float(line["at"]) for line in lines(tmp_path)] == [1.0, 2.0]


def test_a_mistaken_observation_raises_nothing(pins, caplog):
    pins.observe("claude", "claude-a", no_such_field=1)
    assert "could not be taken" in caplog.text


@pytest.fixture
def disk(monkeypatch):
    """How many bytes the disk still takes, in `left`; None: all."""
    real, disk = os.write, SimpleNamespace(left=None)

    def write(file, data):
        if disk.left is None:
            return real(file, data)
        if not disk.left:
            raise OSError(28, "No space left on device")
        part = bytes(data[: disk.left])
        disk.left -= len(part)
        return real(file, part)

    monkeypatch.setattr(observations.os, "write", write)
    monkeypatch.setattr(observations, "RETRY_SECONDS", 0.0)
    return disk


@pytest.mark.parametrize("room", [0, 1, 50, 60, 125])
def test_what_a_full_disk_refuses_is_written_once_there_is_room(tmp_path, disk, room, caplog):
    writer = Writer(tmp_path)
    writer.observe({"n": 0, "pad": "x" * 40}, durable=True)
    disk.left = room
    for _ in range(5):  # neither files nor descriptors pile up
        writer.observe({"n": 1, "pad": "x" * 40}, durable=True)
    before = sum(1 for _ in Path("/proc/self/fd").iterdir()) if sys.platform == "linux" else 0
    for _ in range(50):
        writer.flush()
    if sys.platform == "linux":
        assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before
    disk.left = None
    writer.observe({"n": 2}, durable=True)
    writer.flush()
    (file,) = tmp_path.glob("*.jsonl")
    whole = []
    for line in file.read_text().splitlines():
        try:
            whole.append(json.loads(line)["n"])
        except ValueError:
            assert '"n":1' in line or len(line) < 10  # the one that was torn
    assert sorted(whole) == [0, 1, 1, 1, 1, 1, 2]
    assert writer.dropped == 0
    assert [each.message.split(":")[0].split(" to ")[0] for each in caplog.records] == [
        "observations can't be written", "observations are written",
    ]  # fmt: skip


def test_a_disk_that_stays_full_costs_the_oldest_lines_alone(tmp_path, disk, monkeypatch):
    monkeypatch.setattr(observations, "MOST_WAITING", 3)
    writer = Writer(tmp_path)
    disk.left = 0
    for n in range(5):
        writer.observe({"n": n}, durable=True)
        writer.flush()
    assert writer.dropped == 2
    disk.left = None
    writer.flush()
    assert [line["n"] for line in lines(tmp_path)] == [2, 3, 4]
