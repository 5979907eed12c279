"""The short form of the hostile run: none of forty kinds of reply hangs, tears or fails a case."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HOSTILE = Path(__file__).parents[3] / "benchmarks" / "hostile.py"


@pytest.mark.long
@pytest.mark.slow
def test_no_kind_of_reply_hangs_a_run_tears_a_file_or_fails_a_case() -> None:
    done = subprocess.run(
        [sys.executable, str(HOSTILE), "--short"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "kinds of reply: 0 went wrong" in done.stdout
