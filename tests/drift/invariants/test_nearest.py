"""What a text shows beside the likest of the pin's, where samples alone would say too much, or too
little.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.compare import case_drifts
from pytest_modelpin.drift.invariants.nearest import likest_of
from pytest_modelpin.drift.invariants.sample_text import SampleText

TURNED = [
    (
        "The tenant pays the landlord for all repairs made.",
        "The landlord pays the tenant for all repairs made.",
    ),
    (
        "Add the eggs before the sugar, and stir it well.",
        "Add the sugar before the eggs, and stir it well.",
    ),
]
REWORDED = [
    (
        "You may cancel until noon. The desk sends the form by post. A copy stays with us.",
        "Cancelling is possible until noon. We mail you the form. We keep a copy of it.",
    ),
    (
        "The museum is shut on Mondays. Children enter for free. Bags go into a locker.",
        "On Mondays, the museum doesn't open. There is no charge for children. Lock up all bags.",
    ),
]


def above_info(pins: list[str], candidates: list[str]) -> set[str]:
    return {drift.kind for drift in case_drifts(pins, candidates) if drift.severity != "info"}


@pytest.mark.parametrize(("before", "after"), TURNED)
@pytest.mark.parametrize("pins", [1, 2, 5])
def test_more_samples_of_one_text_show_no_less_than_one(pins: int, before: str, after: str) -> None:
    assert above_info([before] * pins, [after] * 3) == {"content"}


@pytest.mark.parametrize(("before", "after"), REWORDED)
def test_one_text_said_again_and_again_holds_nobody_to_its_words(before: str, after: str) -> None:
    """A model that always says the same has shown nothing of what may vary."""
    assert above_info([before] * 3, [after] * 3) == set()


def test_an_edited_copy_of_one_of_several_samples_is_read_closely() -> None:
    pins = [f"{lead}the tenant pays the landlord for all repairs." for lead in ("So ", "Then ", "")]
    turned = [text.replace("tenant", "l-").replace("landlord", "tenant") for text in pins]
    assert above_info(pins, [text.replace("l-", "landlord") for text in turned]) == {"content"}


def test_what_the_pin_s_own_samples_do_among_themselves_is_noise() -> None:
    one, other = TURNED[0]
    assert above_info([one, other, one], [f"Well: {one}"] * 3) == set()


def test_a_program_s_own_noise_is_left_out() -> None:
    pins = ["def add(a, b):\n    return a + b\n", "def add(x, y):\n    return x + y\n"]
    assert above_info(pins, ["def add(a, b):\n    return a - b\n"] * 2) != set()
    assert above_info(pins, ["def add(m, n):\n    return m + n\n"] * 2) == set()


@pytest.mark.parametrize("times", [2, 4])
def test_a_sample_that_is_given_again_binds_nobody_more(times: int) -> None:
    """What two texts share by chance, they share however often each of them is given."""
    pins = [
        "You need version 3.11.2. Old files are deleted automatically. Backups run every night.",
        "It removes old files by itself. Version 3.11.2 is required. The data is saved each night.",
    ]
    new = ["You don't have to delete old files. Make sure it is version 3.11.2. Backups run daily."]
    once = case_drifts(pins, new * 3)
    assert case_drifts([pins[0], *pins[1:] * times], new * 3) == once
    assert case_drifts(pins * times, new * 3) == once


_TEXTS = st.lists(st.sampled_from(["the", "The", "a", "parcel", "left.", ".", ". ", "\n", "x. y"]))


def _share(one: str, other: str) -> float:
    """What is promised, word by word."""
    mine, theirs = set(one.lower().split()), set(other.lower().split())
    return 2 * len(mine & theirs) / max(len(mine) + len(theirs), 1)


@given(st.lists(_TEXTS.map(" ".join), min_size=1, max_size=4), _TEXTS.map(" ".join))
def test_the_likest_is_the_first_that_shares_most(texts: list[str], other: str) -> None:
    read = [SampleText(text) for text in texts]

    likest = likest_of(read, SampleText(other))

    assert likest is read[max(range(len(texts)), key=lambda n: _share(texts[n], other))]


def test_none_is_likest_where_none_shares_enough() -> None:
    read, other = SampleText("The parcel left on Monday."), SampleText("The parcel left on Friday.")

    assert likest_of([read], other, 0.8) is read
    assert likest_of([read], other, 0.81) is None
