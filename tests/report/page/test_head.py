"""The page's first lines: what to do, why, and what to press."""

import re

import pytest

from pytest_modelpin.compare.comparison import Comparison
from pytest_modelpin.gate.verdict import Verdict
from pytest_modelpin.ledger import Night
from pytest_modelpin.report.page import PageContext, decision, what_to_press
from pytest_modelpin.report.page.plots import margin_plot
from pytest_modelpin.results.case import LeftOut
from pytest_modelpin.results.run import Asked

NIGHT = (Night("2026-11-20", "claude", "v1", "v2", "v2", "", "green"),)
GREEN, DUE = Verdict("green"), Verdict("green", bump_due=True)
RED = Verdict("red", confirmed=True)


def comparison(*cases):
    """Of one model, of which nothing was compared."""
    pin, candidate = (
        Asked("support", id, which, id, "new", (id,))
        for which, id in (("production", "v1"), ("candidate", "v2"))
    )
    return Comparison(
        "support", pin, candidate, (), left_out={each: LeftOut("asked x") for each in cases}
    )


PINNED = "v1 is served by the pin itself; nothing to promote"


@pytest.mark.parametrize(
    ("verdict", "context", "title", "why", "press"),
    [
        (RED, {}, "Keep the pin", "fresh samples confirmed", "pytest-modelpin review support"),
        (
            Verdict("red", reasons=("its cost rose by 90%, and nobody confirmed it",)),
            {},
            "Keep the pin",
            "beyond what you allow",
            "ignore:",
        ),
        (Verdict("inconclusive"), {}, "Nothing decided", "can't tell", "the next night asks again"),
        (GREEN, {}, "Keep watching", "takes more nights", "Nothing to do: the next night"),
        (DUE, {}, "Move the pin", "several nights", "git diff HEAD...modelpin/support"),
        (DUE, {"held": ("a",)}, "Read, then move", "always says changed", "then merge"),
        (DUE, {"not_proposed": PINNED}, "Nothing to move", PINNED, "Nothing to press."),
        (
            Verdict("inconclusive"),
            {"nights": (), "replayed": True},
            "To be read",
            "recorded answers",
            "One look moves no pin",
        ),
        (
            Verdict("inconclusive"),
            {"not_proposed": PINNED},
            "Nothing to move",
            PINNED,
            "next night",
        ),
        (GREEN, {"nights": ()}, "Keep watching", "more nights", "One look moves no pin"),
    ],
)
def test_each_verdict_says_what_to_do(verdict, context, title, why, press):
    made = PageContext(**{"nights": NIGHT, "branch": "modelpin/support", **context})
    said = decision(verdict, made)
    assert title in said[0]
    assert why in said[1]
    assert press in what_to_press(verdict, comparison(), made)


def test_a_night_that_leaves_cases_out_is_not_waited_for():
    """Each night would leave them out again."""
    out = comparison("test_fee")
    press = what_to_press(Verdict("inconclusive"), out, PageContext(nights=NIGHT))
    assert "next night" not in press
    assert "have their tests ask where it is seen" in press


def test_the_label_of_what_is_worse_than_the_margin_stands_clear_of_a_dot_at_the_bottom():
    def y_of_label(estimate: float) -> float:
        one = Night("2026-11-16", "a", "v1", "x", "v2", "f", "red", estimate=estimate)
        found = re.search(r'<text class="axis" x="104" y="([\d.]+)">', margin_plot([one], 0.1))
        assert found is not None
        return float(found[1])

    assert y_of_label(-1.0) < y_of_label(-0.02) - 100
