"""A team's own detector, as the documentation shows it; and detectors measured alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from pytest_modelpin.compare import case_drifts, drifts
from pytest_modelpin.drift.detection import DETECTORS
from pytest_modelpin.drift.drift import DEFAULT_SEVERITY, OF_SUITES, Context, Drift
from pytest_modelpin.providers.wire import Reply, ToolCall, Usage

PAGE = Path(__file__).parents[3] / "docs" / "comparing-answers.md"
BLOCK = re.compile(r"<!-- run by [\w/.]*test_own_detector.py -->\n```python\n(.*?)```", re.DOTALL)


def test_the_documented_detector_finds_what_it_looks_for() -> None:
    (code,) = BLOCK.findall(PAGE.read_text("utf-8"))
    told: dict[str, Any] = {}
    exec(code, told)
    assert [(d.kind, d.severity) for d in told["found"] if d.severity != "info"] == [
        ("format", "review")
    ]
    context = Context(own_detectors=(told["NoEmoji"](),))
    pins = ["Shipped.", "Shipped! 🎉", "It is shipped."]
    found = case_drifts(pins, ["Shipped 🎉🎉"] * 3, context=context)
    assert not [d for d in found if d.kind == "format"]  # the pin does so, too


class Shouts:
    """A word in capitals that the other answer does not have."""

    kinds = ("content",)

    def detect(self, pair: Any, context: Context) -> Any:
        before, after = (set(re.findall(r"[A-Z]{3,}", str(said))) for said in pair.said)
        if after - before:
            yield Drift("content", "review", "", None, " ".join(sorted(after - before)))


def test_an_answer_is_held_against_every_sample_of_the_pin() -> None:
    context = Context(own_detectors=(Shouts(),))
    pins = ["We close.", "We close SOON.", "We CLOSE."]
    kept = case_drifts(pins, ["We close SOON, friends."] * 2, context=context)
    assert {d.severity for d in kept} == {"info"}
    found = case_drifts(pins[:2], ["We close NOW."] * 2, context=context)
    assert {d.severity for d in found if d.kind == "content"} == {"info"}  # so a sample does, too
    calm = ["We close.", "Soon we close."]
    found = case_drifts(calm, ["We close NOW."] * 2, context=context)
    assert [(d.kind, d.severity, d.samples) for d in found if d.after == "NOW"] == [
        ("content", "review", (2, 2))
    ]


def test_the_table_finds_every_kind() -> None:
    found = {kind for detector in DETECTORS for kind in detector.kinds}
    assert found == set(DEFAULT_SEVERITY) - {"identical"} - OF_SUITES


PAIRS = [
    ("It is $1 and not due. It was sent to Rome on Monday.", "It is $2 and due. Go."),
    ({"a": 1, "b": "x y"}, {"a": "1"}),
    ("# A\n\n- b\n- c\n\n```\nx = 1\n```", "```\nx = 2\n```"),
    (Reply(text="Yes.", finish_reason="stop", usage=Usage(1, 9)),
     Reply(tools=(ToolCall("f", {}),), finish_reason="tool_calls", usage=Usage(1, 90))),
]  # fmt: skip


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda each: type(each).__name__)
def test_a_detector_alone_finds_only_its_kinds(detector: Any) -> None:
    for before, after in PAIRS:
        found = drifts(before, after, context=Context(detectors=(detector,)))
        assert {d.kind for d in found} <= {*detector.kinds, "identical", "wording"}


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda each: type(each).__name__)
def test_a_detector_can_be_switched_off(detector: Any) -> None:
    others = tuple(each for each in DETECTORS if each is not detector)
    kept = {kind for each in others for kind in each.kinds}
    for before, after in PAIRS:
        found = drifts(before, after, context=Context(detectors=others))
        assert {d.kind for d in found} <= {*kept, "identical", "wording"}
