"""A suite divided among machines and processes: the verdict is that of one process."""

from __future__ import annotations

import json

import pytest

from pytest_modelpin.cli import main

MODULE = """
import pytest
from support import ask

@pytest.mark.parametrize("number", range(3))
def test_{name}(number, model_snapshot):
    said = ask(f"{name} {{number}}?")
    assert "wrong" not in said
    assert said == model_snapshot
"""

SPLIT = """
import os

def pytest_collection_modifyitems(config, items):
    shard = os.environ.get("SHARD")
    if shard is None:
        return
    mine = items[int(shard)::4]
    config.hook.pytest_deselected(items=[item for item in items if item not in mine])
    items[:] = mine
"""

CANDIDATE = ("--model=candidate", "--model-samples=3")


@pytest.fixture
def divided(project):
    """Four modules, of which one has a case that the candidate always gets wrong."""
    (project.folder / "tests/test_support.py").unlink()
    for name in ("fees", "refunds", "cards", "loans"):
        project.write(f"tests/test_{name}.py", MODULE.format(name=name))
    project.write("conftest.py", SPLIT)
    project.write("pytest.ini", "[pytest]\npythonpath = .\n")
    recorded = project.run(
        "--model=production", "--model-record=new", "--model-samples=3", "--snapshot-update"
    )
    recorded.assert_outcomes(passed=12)
    project.says = {
        ("cards 1?", "gpt-4o-2024-11-20"): "wrong",
        ("loans 2?", "gpt-4o-2024-11-20"): "loans 3?",
    }
    return project


def verdict(project, monkeypatch, capsys, candidate: str) -> dict:
    monkeypatch.chdir(project.folder)
    capsys.readouterr()
    code = main(["compare", "production.json", candidate, "--json"])
    found = json.loads(capsys.readouterr().out)
    found["code"] = code
    _forget_time(found)
    return found


def _forget_time(value: object) -> None:
    """Seconds on the clock are the one thing that no two runs share."""
    if isinstance(value, dict):
        for name in [name for name in value if "second" in name or "latency" in name]:
            del value[name]
    elif isinstance(value, list):
        value[:] = [
            each for each in value if not (isinstance(each, dict) and each.get("kind") == "latency")
        ]
    for each in value.values() if isinstance(value, dict) else value:
        if isinstance(each, dict | list):
            _forget_time(each)


@pytest.mark.long
@pytest.mark.parametrize("workers", [0, 2])
def test_four_shards_are_judged_as_one_process_is(divided, monkeypatch, capsys, workers):
    divided.run("--model=production", "--model-samples=3", "--model-report=production.json")
    divided.run(*CANDIDATE, "--model-report=whole.json")
    parts = [f"part{shard}.json" for shard in range(4)]
    for shard, part in enumerate(parts):
        monkeypatch.setenv("SHARD", str(shard))
        divided.run(*CANDIDATE, f"-n{workers}", f"--model-report={part}")
    monkeypatch.delenv("SHARD")
    monkeypatch.chdir(divided.folder)
    assert main(["compare", "--merge", *parts, "-o", "merged.json"]) == 0
    alone = verdict(divided, monkeypatch, capsys, "whole.json")
    assert verdict(divided, monkeypatch, capsys, "merged.json") == alone
    assert alone["comparison"]["cases"]
    assert any("cards" in case for case in alone["verdict"]["flagged"])


def test_where_each_worker_runs_all_tests_the_failure_of_one_stands(project):
    project.record()
    project.write(
        "tests/test_support.py",
        """
        import os
        from support import ask

        def test_refund():
            assert "5" in ask("refund?")
            assert os.environ["PYTEST_XDIST_WORKER"] == "gw0"
        """,
    )
    project.write("pytest.ini", "[pytest]\npythonpath = .\n")
    options = ("-n2", "--dist=each", "--model=candidate", "--model-report=run.json")
    project.run(*options).assert_outcomes(passed=1, failed=1)
    (case,) = json.loads((project.folder / "run.json").read_text())["cases"]
    assert sorted(sample["outcome"] for sample in case["samples"]) == ["failed", "passed"]
