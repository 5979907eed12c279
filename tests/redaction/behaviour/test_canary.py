"""The short form of the canary run: no secret of 67 places in any byte that was written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

CANARY = Path(__file__).parents[3] / "benchmarks" / "canary.py"


@pytest.mark.slow
def test_no_secret_reaches_a_file_a_page_a_log_or_the_terminal() -> None:
    done = subprocess.run(
        [sys.executable, str(CANARY), "--short"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("67 secrets in as many places")
    assert done.stdout.rstrip().endswith("0 leaks")
