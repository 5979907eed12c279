"""Parts of a whole are the figure that they come to, however they are said."""

import pytest

from pytest_modelpin.compare import drifts


def worst(before: str, after: str) -> set[str]:
    return {each.severity for each in drifts(before, after)}


SAME = [
    ("The crossing takes 75 minutes.", "The crossing takes an hour and a quarter."),
    ("The crossing takes 105 minutes.", "The crossing takes an hour and three quarters."),
    ("The nap lasts 45 minutes.", "The nap lasts three quarters of an hour."),
    ("La pause dure 45 minutes.", "La pause dure trois quarts d'heure."),
    ("Order 24 rolls.", "Order two dozen rolls."),
    ("They sold 500,000 copies.", "They sold half a million copies."),
    ("You need 50% of the votes.", "You need half the votes."),
    ("You need 67% of the votes.", "You need two thirds of the votes."),
    ("Whisk in 2½ spoons.", "Whisk in two and a half spoons."),
    ("Whisk in 1 3/4 spoons.", "Whisk in 1.75 spoons."),
    ("1 in 5 came late.", "20 percent came late."),
    ("Stir in 1/2 cup milk.", "Stir in half a cup of milk."),
    ("He came in 21st.", "He came in twenty-first."),
    ("Das Büro liegt im 3. Stock.", "Das Büro liegt im dritten Stock."),
]


@pytest.mark.parametrize(("before", "after"), SAME)
def test_a_part_is_the_figure_that_it_comes_to(before: str, after: str) -> None:
    assert worst(before, after) == {"info"}
    assert worst(after, before) == {"info"}


OTHER = [
    ("The crossing takes 75 minutes.", "The crossing takes an hour and a half."),
    ("Order 24 rolls.", "Order three dozen rolls."),
    ("You need 50% of the votes.", "You need two thirds of the votes."),
    ("Whisk in 2½ spoons.", "Whisk in one and a half spoons."),
    ("1 in 5 came late.", "25 percent came late."),
    ("He came in 21st.", "He came in twenty-second."),
]


@pytest.mark.parametrize(("before", "after"), OTHER)
def test_another_part_is_another_figure(before: str, after: str) -> None:
    assert "info" not in worst(before, after)
