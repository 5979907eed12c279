"""Parts of a whole, ranges and small change are the figure that they come to, however said."""

import pytest

from pytest_modelpin.compare import drifts
from pytest_modelpin.drift.figures.quantities import quantities


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
    ("La livraison coûte 5,90 €.", "La livraison coûte cinq euros quatre-vingt-dix."),
    ("La livraison coûte 5,90 €.", "La livraison coûte 5 € 90."),
    ("Il colpo costa 5,40 €.", "Il colpo costa cinque euro e quaranta."),
    ("El pase cuesta 7,25 €.", "El pase cuesta siete euros con veinticinco."),
    ("Il a 97 ans.", "Il a quatre-vingt-dix-sept ans."),
    ("Il a 75 ans.", "Il a soixante-quinze ans."),
    ("Offen von 14 bis 16 Uhr.", "Offen von zwei bis vier Uhr nachmittags."),
    ("Open from 2 pm to 4 pm.", "Open from two to four in the afternoon."),
    ("Open from 9 am to 5 pm.", "Open from 9 to 5 pm."),
]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("de 9 h à 18 h", "de neuf heures du matin à six heures du soir"),
        ("ab 14 Uhr", "ab 2 Uhr nachmittags"),
        ("35 personas", "treinta y cinco personas"),
        ("25 pessoas", "vinte e cinco pessoas"),
        ("28 persone", "ventotto persone"),
        ("42 mensen", "tweeënveertig mensen"),
        ("99 ans", "quatre-vingt-dix-neuf ans"),
    ],
)
def test_a_figure_in_words_has_the_value_of_its_digits(one: str, other: str) -> None:
    assert [each.readings for each in quantities(one)] == [
        each.readings for each in quantities(other)
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
    ("La livraison coûte 5,90 €.", "La livraison coûte cinq euros quatre-vingts."),
    ("Offen von 14 bis 16 Uhr.", "Offen von zwei bis vier Uhr morgens."),
    ("Offen von 14 bis 16 Uhr.", "Offen von drei bis vier Uhr nachmittags."),
    ("Ouvert de 9 h à 18 h.", "Ouvert de neuf heures du matin à cinq heures du soir."),
]


@pytest.mark.parametrize(("before", "after"), OTHER)
def test_another_part_is_another_figure(before: str, after: str) -> None:
    assert "info" not in worst(before, after)
