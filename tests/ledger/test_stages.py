"""What shadow and canary said of a version, kept beside the nights, and what a bump lacks of it."""

from __future__ import annotations

import pytest

from pytest_modelpin.errors import LedgerError
from pytest_modelpin.ledger.lines import to_line
from pytest_modelpin.ledger.stages import StageEvidence, read_stages, wanting
from pytest_modelpin.ledger.store import FolderLedger


def said(stage, colour, version="v2", at="2026-11-20T03:00:00Z"):
    return StageEvidence("claude", version, stage, colour, "50 captured requests", at)


ALL = ("nightly", "shadow", "canary")


@pytest.mark.parametrize(
    ("required", "evidence", "lacks"),
    [
        (("nightly",), [], []),
        (ALL, [], ["a green shadow of v2", "a green canary of v2"]),
        (ALL, [said("shadow", "green"), said("canary", "green")], []),
        (("shadow",), [said("shadow", "green", "v1")], ["a green shadow of v2"]),
        (("shadow",), [said("shadow", "green"), said("shadow", "red")], ["2026-11-20 is red: 50"]),
        (("shadow",), [said("shadow", "red"), said("shadow", "green")], []),
        (("shadow",), [said("shadow", "green"), said("shadow", "inconclusive")], []),
    ],
)
def test_a_bump_waits_for_each_required_stage_of_its_own_version(required, evidence, lacks):
    found = wanting(required, evidence, "claude", "v2")
    assert len(found) == len(lacks)
    assert all(lack in sentence for lack, sentence in zip(lacks, found, strict=True))


def test_what_a_stage_said_is_kept_once_and_is_no_night(tmp_path):
    ledger = FolderLedger(tmp_path)
    for _ in range(2):
        ledger.add_stage(said("shadow", "green"))
    ledger.add_stage(said("canary", "red"))
    assert ledger.stages("claude") == (said("shadow", "green"), said("canary", "red"))
    assert ledger.names() == ()
    assert ledger.stages("other") == ()


def test_fields_of_a_later_version_are_passed_over_and_another_form_is_said():
    line = to_line(said("shadow", "green"))
    later = line.replace("{", '{"more":1,', 1)
    assert read_stages(f"{later}\n".encode(), "x") == (said("shadow", "green"),)
    with pytest.raises(LedgerError, match="x, line 1, is no evidence of a stage"):
        read_stages(b'{"schema":1}\n', "x")
