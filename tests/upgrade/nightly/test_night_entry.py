"""A night as the ledger keeps it."""

from __future__ import annotations

import pytest

from pytest_modelpin.upgrade.nightly.night_entry import expected_fingerprint


@pytest.mark.parametrize(
    ("last", "expected"),
    [(None, "f1"), ("f1", "f1"), ("f1+p1", "f1+p1"), ("f2+p1", "f1"), ("f2", "f1")],
)
def test_tonights_prompts_are_expected_to_be_last_nights(night, last, expected):
    past = [night(fingerprint=last)] if last else []
    assert expected_fingerprint(past, "f1") == expected
