"""The ordered table of what is looked for."""

from __future__ import annotations

from pytest_modelpin.drift.context import Detector
from pytest_modelpin.drift.detectors.edits import Denials, Figures, Relations, Wording, Words
from pytest_modelpin.drift.detectors.replies import Consumption, Endings, Presence, ToolCalls
from pytest_modelpin.drift.detectors.statements import Order, Rewritten, Statements, Unrelated
from pytest_modelpin.drift.detectors.texts import (
    Code,
    Documents,
    Languages,
    Layouts,
    Length,
    Truncation,
)

DETECTORS: tuple[Detector, ...] = (
    Endings(),
    ToolCalls(),
    Documents(),
    Presence(),
    Code(),
    Truncation(),
    Languages(),
    Layouts(),
    Figures(),
    Denials(),
    Words(),
    Relations(),
    Statements(),
    Rewritten(),
    Unrelated(),
    Order(),
    Length(),
    Wording(),
    Consumption(),
)
"""What `drifts` asks, in the order in which findings are shown. `Context.detectors` replaces it."""
