"""The example service under load, end to end; `examples/service/drive.py` alone is the whole."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from pathlib import Path

import pytest

from pytest_modelpin.cli import main

SERVICE = Path(__file__).resolve().parents[3] / "examples" / "service"


@pytest.fixture
def drive(monkeypatch):
    monkeypatch.syspath_prepend(str(SERVICE))
    spec = importlib.util.spec_from_file_location("service_drive", SERVICE / "drive.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "service_drive", module)
    spec.loader.exec_module(module)
    yield module
    sys.modules.pop("provider", None)


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_outage_canaries_flip_and_kills_cost_no_request_and_no_observation(
    drive, tmp_path, monkeypatch
):
    """What takes how long depends on the machine; what it comes to does not."""
    folder = drive.copied(tmp_path / "service")
    figures = asyncio.run(drive.drive(folder, rate=30, seconds=10))
    assert figures["failed"] == 0
    assert figures["lost_observations"] == 0
    assert figures["kills"] >= 1
    assert figures["outage_fallback_answers"] > 0
    # The drive waits until each of these has come about.
    assert {"flip_seconds", "rollback_seconds", "good_canary_seconds"} <= figures.keys()
    assert drive.GOOD in (folder / "models.yml").read_text()
    # What it captured on the way can be kept as cases.
    monkeypatch.chdir(folder)
    assert main(["import", "seen", "--into", "tests/captured"]) == 0
    assert drive.GOOD in (folder / "tests" / "captured" / "captured_triage.json").read_text()
