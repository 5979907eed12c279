"""Measures pairs and cases that strangers wrote blind, kept outside of the project.

    python benchmarks/strangers.py [--by-detector] FOLDER      # with pairs.jsonl and cases.jsonl

`--by-detector` adds what each detector of the table finds in the pairs above `info` when it is
asked by itself, and in how many it alone does: where a detector flags more reworded pairs than
changed ones by itself, its severity is not worth a look.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pytest_modelpin.compare import Drift, case_drifts, drifts
from pytest_modelpin.drift.detection import DETECTORS
from pytest_modelpin.drift.drift import Context

SEVERITIES = ("info", "review", "regression")


def worst(found: tuple[Drift, ...]) -> str:
    """The gravest severity of several findings."""
    return max((drift.severity for drift in found), key=SEVERITIES.index, default="info")


def rows(path: Path) -> list[dict[str, Any]]:
    """A file's pairs or cases; the grade of some sets is called their label."""
    read = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [{**row, "grade": row.get("grade", row.get("label"))} for row in read]


def show(title: str, counts: Counter[tuple[str, str]]) -> None:
    """Print one table of severities by grade."""
    print(title)
    for grade in sorted({grade for grade, _ in counts}):
        of = [counts[grade, severity] for severity in SEVERITIES]
        print(f"  {grade:<11} of {sum(of):>3}: info {of[0]}, review {of[1]}, regression {of[2]}")


def by_detector(pairs: Sequence[dict[str, Any]]) -> list[str]:
    """Precision of each detector: the pairs that it flags, and those that no other one does."""
    flagged: Counter[tuple[str, bool]] = Counter()
    alone: Counter[tuple[str, bool]] = Counter()
    for pair in pairs:
        benign = pair["grade"] == "benign"
        found = [
            type(each).__name__
            for each in DETECTORS
            if worst(drifts(pair["before"], pair["after"], context=Context(detectors=(each,))))
            != "info"
        ]
        flagged.update((name, benign) for name in found)
        alone.update((name, benign) for name in found[:1] if len(found) == 1)
    rows = ["| detector | changed | benign | changed, by it alone | benign, by it alone |"]
    rows.append("|---|---:|---:|---:|---:|")
    for name in (type(each).__name__ for each in DETECTORS):
        told = (flagged[name, False], flagged[name, True], alone[name, False], alone[name, True])
        if any(told):
            rows.append(f"| {name} | " + " | ".join(map(str, told)) + " |")
    return rows


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--by-detector", action="store_true", help="also by detector")
    given = parser.parse_args()
    pairs = rows(given.folder / "pairs.jsonl")
    show("pairs", Counter((p["grade"], worst(drifts(p["before"], p["after"]))) for p in pairs))
    cases = rows(given.folder / "cases.jsonl")
    show(
        "cases", Counter((c["grade"], worst(case_drifts(c["pin"], c["candidate"]))) for c in cases)
    )
    if given.by_detector:
        print("\n".join(by_detector(pairs)))


if __name__ == "__main__":
    main()
