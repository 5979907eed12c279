"""The ordered table of what is looked for."""

from __future__ import annotations

from pytest_modelpin.drift.detector import Detector
from pytest_modelpin.drift.detectors.code import Code
from pytest_modelpin.drift.detectors.consumption import Consumption
from pytest_modelpin.drift.detectors.documents import Documents
from pytest_modelpin.drift.detectors.edits import Denials, Figures, Wording, Words
from pytest_modelpin.drift.detectors.endings import Endings
from pytest_modelpin.drift.detectors.languages import Languages, Truncation
from pytest_modelpin.drift.detectors.layouts import Layouts, Length
from pytest_modelpin.drift.detectors.presence import Presence
from pytest_modelpin.drift.detectors.statements import Order, Rewritten, Statements, Unrelated
from pytest_modelpin.drift.detectors.tool_calls import ToolCalls

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
    Statements(),
    Rewritten(),
    Unrelated(),
    Order(),
    Length(),
    Wording(),
    Consumption(),
)
"""What `drifts` asks, in the order in which findings are shown. `Context.detectors` replaces it."""
