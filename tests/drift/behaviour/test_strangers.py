"""The measurement of pairs that strangers wrote counts by grade, and says which detector it was."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "strangers.py"

PAIRS = [
    {"label": "changed", "before": "The fee is $30.", "after": "The fee is $35."},
    {"grade": "benign", "before": "The fee is $30.", "after": "The fee is 30 dollars."},
]
TOLD = "The pool opens at 9 am. Towels cost $5 and are handed out at the desk."
CASES = [{"label": "lost", "pin": [TOLD] * 2, "candidate": ["The pool opens at 9 am."] * 2}]


def test_pairs_and_cases_are_counted_by_their_grade_or_label(tmp_path: Path) -> None:
    for name, rows in (("pairs", PAIRS), ("cases", CASES)):
        lines = "".join(f"{json.dumps(row)}\n" for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(lines, "utf-8")
    told = subprocess.run(
        [sys.executable, str(SCRIPT), "--by-detector", str(tmp_path)],
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    assert "  benign      of   1: info 1, review 0, regression 0" in told
    assert "  changed     of   1: info 0, review 0, regression 1" in told
    assert "  lost        of   1: info 0, review 1, regression 0" in told
    assert "| Figures | 1 | 0 | 1 | 0 |" in told
