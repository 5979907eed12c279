"""A process whose time is up is interrupted, and may still say what it has."""

import sys
import time
from pathlib import Path

import pytest

from pytest_modelpin.upgrade import timed_process
from pytest_modelpin.upgrade.timed_process import STOPPED, run_until


def test_an_interrupted_process_still_says_what_it_has(tmp_path):
    program = "import time\ntry:\n    time.sleep(600)\nexcept KeyboardInterrupt:\n    print('kept')"
    done = run_until(time.monotonic() + 3, [sys.executable, "-c", program], tmp_path, {})
    assert done.returncode == STOPPED
    assert "kept" in done.stdout


def test_without_a_deadline_its_own_exit_code_counts(tmp_path):
    program = "print('said'); raise SystemExit(4)"
    done = run_until(None, [sys.executable, "-c", program], tmp_path, {})
    assert (done.returncode, done.stdout.strip()) == (4, "said")


def test_what_it_says_is_on_disk_before_it_ends_and_without_secrets(tmp_path):
    log, go_on = tmp_path / "log.txt", tmp_path / "go-on"
    program = (
        "import pathlib, time\n"
        "print('first sk-ant-api03-' + 'a1B2' * 23 + 'AA', flush=True)\n"
        f"while not pathlib.Path({str(go_on)!r}).exists(): time.sleep(0.01)\n"
        "print('last')"
    )

    def meanwhile():
        if log.exists() and "first" in (said := log.read_text()):
            assert "a1B2a1B2" not in said
            go_on.touch()

    done = run_until(
        time.monotonic() + 60, [sys.executable, "-c", program], tmp_path, {}, log=log,
        meanwhile=meanwhile,
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "last"
    assert log.read_text().splitlines()[-1] == "last"


def test_what_it_leaves_behind_with_its_output_holds_up_nobody(tmp_path, monkeypatch):
    monkeypatch.setattr(timed_process, "GRACE", 0.1)
    child = f"{sys.executable!r}, '-c', 'import time; time.sleep(600)'"
    program = f"import subprocess; subprocess.Popen([{child}]); print('said')"
    done = run_until(None, [sys.executable, "-c", program], tmp_path, {})
    assert (done.returncode, done.stdout.strip()) == (0, "said")


def test_a_command_that_can_not_be_started_leaves_nothing_open(tmp_path):
    before = len(list(Path("/dev/fd").iterdir())) if Path("/dev/fd").exists() else 0
    with pytest.raises(OSError):
        run_until(None, [str(tmp_path / "nowhere")], tmp_path, {}, log=tmp_path / "log")
    after = len(list(Path("/dev/fd").iterdir())) if Path("/dev/fd").exists() else 0
    assert after <= before  # what the collector closes meanwhile is not of this
