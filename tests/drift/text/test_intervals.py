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


LIFT = "The lift is checked {}. Its key hangs in the porch. Report a fault to Ottilie."
LIFT_ANEW = "In the porch you find the key. Faults go to Ottilie. {} somebody checks the lift."


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ("once a year", "Twice a year", {"number"}),
        ("every week", "Every month", {"number"}),
        ("daily", "Every other day", {"number"}),
        ("twice a year", "Every six months", set()),
        ("twice a day", "Every 12 hours", set()),
        ("every week", "Once a week", set()),
        ("for a day", "Every month", set()),
    ],
)
def test_how_often_is_told_apart_where_all_is_said_anew(
    before: str, after: str, kinds: set[str]
) -> None:
    found = drifts(LIFT.format(before), LIFT_ANEW.format(after))
    assert {each.kind for each in found if each.severity != "info"} == kinds


def test_another_small_count_where_all_is_said_anew_is_for_review() -> None:
    before = "Your parcel was split into two boxes. The lamp comes first."
    after = "The lamp is what arrives first: we divided your parcel into {} boxes."
    assert "review" in worst(before, after.format("three"))
    assert worst(before, after.format("two")) == {"info"}
