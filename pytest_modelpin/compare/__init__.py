"""How two runs differ, and whether the difference is worse than chance.

The functions are bound after the modules of the same name are loaded, so that the names here are
the functions whoever imports what first. What they need beyond that loads when they are called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_modelpin.drift.drift import Context, Detector, Drift, case_drifts, drifts
from pytest_modelpin.gate.evaluation import Verdict, verdict

if TYPE_CHECKING:
    from pytest_modelpin.compare.comparison import compare
    from pytest_modelpin.drift.detection import DETECTORS

__all__ = [
    "DETECTORS",
    "Context",
    "Detector",
    "Drift",
    "Verdict",
    "case_drifts",
    "compare",
    "drifts",
    "verdict",
]


def __getattr__(name: str) -> Any:
    if name == "compare":
        from pytest_modelpin.compare.comparison import compare

        return compare
    if name == "DETECTORS":
        from pytest_modelpin.drift.detection import DETECTORS

        return DETECTORS
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
