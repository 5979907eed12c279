"""A text as the background of one of its sentences."""

from __future__ import annotations

import pytest

from pytest_modelpin.drift.text.quantities import quantities
from pytest_modelpin.drift.text.sentences import Whole, sentences, topic


@pytest.mark.parametrize("figure", ["$12", "12 euros", "12 months"])
def test_figures_of_one_value_and_several_units_are_all_held(figure: str) -> None:
    text = "The plan costs $12. A child pays 12 euros. The warranty runs for 12 months."
    assert Whole(text, sentences(text)).holds(quantities(figure)[0])


def test_a_figure_of_another_unit_is_not_held() -> None:
    text = "The plan costs $12. A child pays 12 euros."
    assert not Whole(text, sentences(text)).holds(quantities("12 pounds")[0])


def test_what_only_all_sentences_together_tell_is_repeated_by_none() -> None:
    text = "The parcel left our warehouse. The courier rang twice."
    told = topic("The courier left with our parcel.")
    assert not Whole(text, sentences(text)).repeats(told, 0.8)
    assert Whole(text, sentences(text)).repeats(topic("The parcel left the warehouse."), 0.8)
