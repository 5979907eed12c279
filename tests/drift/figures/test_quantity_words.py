"""What comes again is the same, whether the time between or the number of times is told."""

import pytest

from pytest_modelpin.compare import drifts


def worst(before: str, after: str) -> set[str]:
    return {each.severity for each in drifts(before, after)}


SAME = [
    ("The lift is checked every three months.", "The lift is checked quarterly."),
    ("The lift is checked every three months.", "The lift is checked once a quarter."),
    ("The lift is checked every six months.", "The lift is checked twice a year."),
    ("The lift is checked every 2 weeks.", "The lift is checked fortnightly."),
    ("The lift is checked every 2 days.", "The lift is checked every other day."),
    ("The lift is checked every seven days.", "The lift is checked weekly."),
    ("Der Aufzug wird alle drei Monate geprüft.", "Der Aufzug wird vierteljährlich geprüft."),
    ("Contrôle tous les six mois.", "Contrôle semestriel."),
    ("It is due by 30 June.", "It is due by the end of June."),
    ("The bell rings at 16:15.", "The bell rings at quarter past four in the afternoon."),
    ("The bell rings at 10:00 and 16:00.", "The bell rings at ten o'clock and 4 p.m."),
]


@pytest.mark.parametrize(("before", "after"), SAME)
def test_how_often_is_told_in_several_ways(before: str, after: str) -> None:
    assert worst(before, after) == {"info"}
    assert worst(after, before) == {"info"}


OTHER = [
    ("The lift is checked every three months.", "The lift is checked twice a year."),
    ("The lift is checked every 2 weeks.", "The lift is checked weekly."),
    ("The lift is checked every 3 days.", "The lift is checked every other day."),
    ("It is due by 30 June.", "It is due by the end of July."),
]


@pytest.mark.parametrize(("before", "after"), OTHER)
def test_another_frequency_is_a_change(before: str, after: str) -> None:
    assert "info" not in worst(before, after)
