"""A process whose time is up is interrupted, and may still say what it has."""

import sys
import time

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
