from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.judge.calibration_pairs import changes

TEXT = (
    "Your refund takes 5 days. It is paid by Harriet in London. You can follow it in your account."
)


def by_kind(text: str, seed: int = 0) -> dict[str, str]:
    return {change.kind: change.text for change in changes(text, seed)}


def test_each_kind_changes_its_one_thing() -> None:
    found = by_kind(TEXT)
    assert set(found) == {"number", "negation", "sentence", "name"}
    assert "takes 5 days" not in found["number"]
    assert found["negation"].count(" not ") == 1
    assert len(found["sentence"]) < len(TEXT)
    assert ("Harriet" not in found["name"]) != ("London" not in found["name"])


def test_a_denial_is_taken_out_again() -> None:
    assert by_kind("We do not ship abroad.")["negation"] == "We do ship abroad."


def test_what_a_text_does_not_have_is_not_changed() -> None:
    assert by_kind("hello there") == {}


@pytest.mark.parametrize("seed", range(5))
def test_the_same_seed_gives_the_same_changes(seed: int) -> None:
    assert by_kind(TEXT, seed) == by_kind(TEXT, seed)


@given(st.text(), st.integers(0, 9))
def test_every_change_is_one(text: str, seed: int) -> None:
    for change in changes(text, seed):
        assert change.text != text
        assert change.text.strip()
