"""What a single rule tells, and no other would: a pair for each that the corpus has none of."""

from __future__ import annotations

import pytest

from pytest_modelpin.compare import drifts

KNIVES = "Use a sharp knife. Keep it clean and dry. {} Wash your hands afterwards."
NESTED = "def f(x):\n    if x:\n        a()\n{}b()"
SALT = "Add {} teaspoon of salt to the soup and stir."


@pytest.mark.parametrize(
    ("before", "after", "kind", "severity"),
    [
        pytest.param("positive", "very positive", "enum", "review", id="a label with a qualifier"),
        pytest.param(
            KNIVES.format("Ask an experienced adult to hold the heavy board."),
            KNIVES.format("Ask an adult to hold the board."),
            "content", "review", id="a sentence cut down",
        ),
        pytest.param(
            NESTED.format("    "), NESTED.format("        "), "whitespace", "review",
            id="a line that belongs to another block",
        ),
        pytest.param(
            "Der Tarif kostet 20 € im Monat.", "The plan costs 25 € a month.",
            "number", "regression", id="a figure that a translation changed",
        ),
    ],
)  # fmt: skip
def test_what_one_rule_finds(before: str, after: str, kind: str, severity: str) -> None:
    assert (kind, severity) in {(drift.kind, drift.severity) for drift in drifts(before, after)}


def test_one_and_a_are_the_same_count() -> None:
    found = drifts(SALT.format("1"), SALT.format("a"))
    assert {drift.severity for drift in found} == {"info"}
