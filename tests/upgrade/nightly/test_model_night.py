"""`require:` in models.yml: nights alone do not move a pin whose other stages are not green."""

from __future__ import annotations

import pytest

from modelpin_runtime.registry.models import Model, Pins, Settings
from pytest_modelpin.errors import LedgerError
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.ledger import StageEvidence, Streak
from pytest_modelpin.ledger.store import FolderLedger
from pytest_modelpin.upgrade.nightly import NightlyContext
from pytest_modelpin.upgrade.nightly.model_night import kept, with_shared_pin, with_stages
from pytest_modelpin.upgrade.nightly.one_night import NightResult
from pytest_modelpin.upgrade.suite import Suite


@pytest.fixture
def result(night):
    verdict = Verdict("green", bump_due=True, reasons=("no worse",))
    return NightResult(night(served="claude-b"), verdict, Streak("claude", None, "f"))


def test_a_due_bump_is_held_until_each_required_stage_is_there_and_green(result, tmp_path):
    ledger = FolderLedger(tmp_path)
    model = Model("claude", "claude-a", require=("nightly", "shadow"))
    held, due, why = with_stages(result, model, ledger, "claude-a -> claude-b")
    assert (held, due) == (result, False)
    assert "requires a green shadow of claude-b" in why
    assert "pytest-modelpin shadow TRAFFIC --name claude" in why

    def shadowed(colour, at):
        ledger.add_stage(StageEvidence("claude", "claude-b", "shadow", colour, "50 requests", at))

    shadowed("red", "2026-11-20")
    assert (
        "its shadow of 2026-11-20 is red: 50 requests" in with_stages(result, model, ledger, "")[2]
    )
    shadowed("green", "2026-11-21")
    shown, due, why = with_stages(result, model, ledger, "claude-a -> claude-b")
    assert (due, why) == (True, "claude-a -> claude-b")
    assert shown.verdict.reasons == ("shadow of 2026-11-21: 50 requests", "no worse")


def test_without_require_nights_are_enough(result, tmp_path):
    model = Model("claude", "claude-a")
    assert with_stages(result, model, FolderLedger(tmp_path), "x") == (result, True, "x")


def test_a_pin_that_two_models_will_share_is_said(result, tmp_path):
    model, other = Model("claude", "claude-a"), Model("judge", "claude-b")
    pins = Pins({"claude": model, "judge": other}, Settings(), tmp_path)
    first, told = with_shared_pin(result, model, pins).verdict.reasons
    assert first == "no worse"
    assert told.startswith("claude-b is the pin of judge, too")
    assert '`@pytest.mark.modelpin(models=["claude"])`' in told
    assert with_shared_pin(result, model, Pins({"claude": model}, Settings(), tmp_path)) == result


def test_a_night_that_can_not_be_written_down_is_told_and_moves_nothing(
    result, tmp_path, monkeypatch
):
    """It ended the whole run in one line: what was paid for was not told, nor the other models."""

    def refuse(*_):
        raise LedgerError("the branch could not be written.")

    ledger = FolderLedger(tmp_path)
    monkeypatch.setattr(ledger, "append", refuse)
    model = Model("claude", "claude-a", "claude-b-latest")
    pins = Pins({"claude": model}, Settings(), tmp_path / "models.yml")
    nightly = NightlyContext(Suite(tmp_path), pins, tmp_path, "2026-11-20")
    told = kept(nightly, model, result, ledger, elsewhere=False)
    assert (told.result, told.due, told.hindrance) == (result, False, "unwritten")
    assert told.state == (
        "this night is not in the ledger, and counts for nothing: the branch could not be written."
    )
