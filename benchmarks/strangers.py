"""Measures pairs and cases that strangers wrote blind, kept outside of the project.

python benchmarks/strangers.py FOLDER      # with pairs.jsonl and cases.jsonl
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from pytest_modelpin.compare import Drift, case_drifts, drifts

SEVERITIES = ("info", "review", "regression")


def worst(found: tuple[Drift, ...]) -> str:
    return max((drift.severity for drift in found), key=SEVERITIES.index, default="info")


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def show(title: str, counts: Counter[tuple[str, str]]) -> None:
    print(title)
    for grade in sorted({grade for grade, _ in counts}):
        of = [counts[grade, severity] for severity in SEVERITIES]
        print(f"  {grade:<11} of {sum(of):>3}: info {of[0]}, review {of[1]}, regression {of[2]}")


def main(folder: Path) -> None:
    pairs = rows(folder / "pairs.jsonl")
    show("pairs", Counter((p["grade"], worst(drifts(p["before"], p["after"]))) for p in pairs))
    cases = rows(folder / "cases.jsonl")
    show(
        "cases", Counter((c["grade"], worst(case_drifts(c["pin"], c["candidate"]))) for c in cases)
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
