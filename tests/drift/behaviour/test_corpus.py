"""The labelled corpus holds its bars, on the pairs that were read and on those that were not."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from pytest_modelpin.drift.drift import DEFAULT_SEVERITY, OF_SUITES

ROOT = Path(__file__).parents[3]
SPLITS = ("tuned", "held_out", "fresh")


@pytest.fixture(scope="module")
def benchmark_script() -> ModuleType:
    path = ROOT / "benchmarks" / "drifts.py"
    spec = importlib.util.spec_from_file_location("drifts_benchmark", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    sys.path.insert(0, str(path.parent))  # as it is where the script is run
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("split", SPLITS)
def test_the_bars_are_met(benchmark_script: ModuleType, split: str) -> None:
    told = benchmark_script.score(benchmark_script.read(split))
    assert told.regressions_flagged >= 0.95
    assert told.benign_above_info <= 0.05
    assert told.right_kinds >= 0.90


def rows(*splits: str) -> list[dict[str, object]]:
    folder = ROOT / "benchmarks" / "drift_corpus"
    lines = [
        line for s in splits for line in (folder / f"{s}.jsonl").read_text("utf-8").splitlines()
    ]
    return [json.loads(line) for line in lines]


def test_every_kind_is_labelled_often_enough() -> None:
    counts = Counter(kind for row in rows(*SPLITS) for kind in row["kinds"])  # type: ignore[attr-defined]
    assert set(counts) == set(DEFAULT_SEVERITY) - OF_SUITES
    assert min(counts.values()) >= 8


def test_enough_pairs_are_benign_and_enough_were_never_read() -> None:
    assert sum(row["grade"] == "benign" for row in rows("held_out", "fresh")) >= 80
    assert len(rows("held_out", "fresh")) >= 200


def test_no_pair_is_in_two_splits() -> None:
    pairs = [
        json.dumps([r["before"], r["after"], r.get("context")]) for r in rows("held_out", "fresh")
    ]
    tuned = {json.dumps([r["before"], r["after"], r.get("context")]) for r in rows("tuned")}
    assert not [pair for pair in pairs if pair in tuned]


@pytest.mark.long
def test_the_benchmark_prints_what_is_kept_of_it(
    benchmark_script: ModuleType,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "argv", ["drifts.py"])
    benchmark_script.main()
    printed = capsys.readouterr().out.strip()
    assert printed == (ROOT / "benchmarks" / "drifts.txt").read_text("utf-8").strip()


def test_the_documentation_shows_what_was_printed_of_all_kinds_together() -> None:
    printed = (ROOT / "benchmarks" / "drifts.txt").read_text("utf-8")
    both = printed.partition("\n\ntuned\n")[0]
    assert both.count("|---|") == 2
    assert both in (ROOT / "docs" / "drift-figures.md").read_text("utf-8")
