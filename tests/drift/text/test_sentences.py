"""Where sentences end, and what a text says anywhere."""

from __future__ import annotations

import pytest

from pytest_modelpin.compare import drifts
from pytest_modelpin.drift.figures.quantities import quantities
from pytest_modelpin.drift.text.sentences import Whole, sentences, topic


def test_sentences_end_where_they_end() -> None:
    text = "It costs approx. 5 euros, e.g. at No. 7. Is that clear?! Yes… (See Fig. 2.) Done"
    assert [sentence.text for sentence in sentences(text)] == [
        "It costs approx. 5 euros, e.g. at No. 7.",
        "Is that clear?!",
        "Yes…",
        "(See Fig. 2.)",
        "Done",
    ]
    assert [sentence.text for sentence in sentences("好的。我们明天见！再见")] == [
        "好的。",
        "我们明天见！",
        "再见",
    ]


@pytest.mark.parametrize("padding", ["", " It is sunny today. We are glad to hear from you."])
def test_a_statement_that_gave_way_to_another_counts_whatever_stands_around(padding: str) -> None:
    before = "Your refund takes five days. We tell you by mail as soon as it is on its way to you."
    after = "Your refund takes five days. Please keep the receipt until the money has arrived."
    assert "review" in {drift.severity for drift in drifts(before, after + padding)}


@pytest.mark.parametrize("figure", ["$12", "12 euros", "12 months"])
def test_figures_of_one_value_and_several_units_are_all_held(figure: str) -> None:
    text = "The plan costs $12. A child pays 12 euros. The warranty runs for 12 months."
    assert Whole(text, sentences(text)).gives(quantities(figure)[0])


def test_a_figure_of_another_unit_is_not_held() -> None:
    text = "The plan costs $12. A child pays 12 euros."
    assert not Whole(text, sentences(text)).gives(quantities("12 pounds")[0])


def test_what_only_all_sentences_together_tell_is_repeated_by_none() -> None:
    text = "The parcel left our warehouse. The courier rang twice."
    told = topic("The courier left with our parcel.")
    assert not Whole(text, sentences(text)).repeats(told, 0.8)
    assert Whole(text, sentences(text)).repeats(topic("The parcel left the warehouse."), 0.8)
