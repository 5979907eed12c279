"""What all samples of a case tell together, and the order in which they tell steps."""

from __future__ import annotations

from pytest_modelpin.compare import case_drifts


def told(pins: list[str], candidates: list[str]) -> set[tuple[str, str]]:
    """Kind and severity of what is above info."""
    return {(d.kind, d.severity) for d in case_drifts(pins, candidates) if d.severity != "info"}


PARTY = [
    "Marston Bakery will deliver the bread, and the hotel will set the tables.",
    "The bread comes from Marston Bakery. The tables are set by the hotel.",
    "Bread: Marston Bakery. The hotel sets the tables.",
]


def test_two_that_changed_places() -> None:
    new = [
        "The bread is delivered by the hotel, while Marston Bakery sets the tables.",
        "The hotel brings the bread; the tables are set by Marston Bakery.",
        "Marston Bakery sets the tables, and the hotel delivers the bread.",
    ]
    assert ("content", "review") in told(PARTY, new)
    reworded = [
        "The tables are set by the hotel, while the bread is delivered by Marston Bakery.",
        "The hotel sets the tables; Marston Bakery brings the bread.",
        "It's Marston Bakery that delivers bread, and the hotel that sets tables.",
    ]
    assert told(PARTY, reworded) == set()


def test_beside_a_single_text_a_name_has_to_be_one_of_the_two() -> None:
    pins = ["Dr Osei reviews the slides and Dr Lund signs the report."] * 3
    turned = ["Dr Lund looks at the slides, and the report is signed by Dr Osei."] * 3
    assert told(pins, turned) == {("content", "review")}
    fasting = ["Fast for eight hours before the blood test. Water is fine."] * 3
    same = ["Before the blood is tested, fast for eight hours, though water is fine."] * 3
    assert told(fasting, same) == set()


UPDATE = [
    "First back up the database, then stop the service, and install the update last.",
    "Back up the database, stop the service after that, and finally install the update.",
    "1. Back up the database\n2. Stop the service\n3. Install the update",
]


def test_steps_in_another_order() -> None:
    new = [
        "Stop the service first. Then make a backup of the database, and install the update.",
        "1. Stop the service\n2. Take a database backup\n3. Install the update",
        "Back up the database, then install the update. The service is stopped before that.",
    ]
    assert ("order", "review") in told(UPDATE, new)


def test_steps_that_are_told_back_to_front_are_the_same() -> None:
    reworded = [
        "Before you stop the service, back up the database. Then install the update.",
        "Stop the service once the database is backed up. Next, install the update.",
        "Install the update after stopping the service, and first of all back up the database.",
    ]
    assert ("order", "review") not in told(UPDATE, reworded)
