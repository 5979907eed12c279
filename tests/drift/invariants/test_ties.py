from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.drift.invariants import ties
from pytest_modelpin.drift.invariants.sample_text import read_text

SENTENCES = (
    "The pump failed because the valve was shut.", "The valve was shut because the pump failed.",
    "The lab sends samples to the clinic.", "The clinic sends samples to the lab.",
    "All rooms are free except the attic.", "The attic is free, including the rooms.",
    "The bus goes from Bonn to Trier.", "The bus goes from Trier to Bonn.",
    "One ticket per household.", "One ticket per person.",
    "Cancel within 14 days of delivery.", "Cancel within 14 days of the order.",
    "Keep the receipt.",
)  # fmt: skip
texts = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3).map(" ".join)


@given(st.lists(texts, min_size=2, max_size=4), texts)
def test_where_nothing_is_tied_nothing_is_turned(pins: list[str], candidate: str) -> None:
    read = [read_text(pin) for pin in dict.fromkeys(pins)]
    found = list(ties.Ties(read).breaks(read_text(candidate), ""))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ties, "_tied", lambda text: frozenset(ties._HELD))
        assert list(ties.Ties(read).breaks(read_text(candidate), "")) == found


def test_a_cause_that_most_samples_of_the_pin_have_turned_is_told() -> None:
    pins = [
        read_text(f"{SENTENCES[0]} {more}") for more in ("Wait.", "Please wait.", "Wait for us.")
    ]
    (found,) = ties.Ties(pins).breaks(read_text(SENTENCES[1]), "")
    assert found.key == ("tie", "cause_turned")
