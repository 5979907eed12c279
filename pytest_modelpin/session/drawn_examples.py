"""Tests of hypothesis, which draws what they ask."""

from __future__ import annotations

import pytest

DRAWN = (
    "Hypothesis draws other examples in each run, and so other questions than are recorded. "
    "`@settings(derandomize=True)` draws the same ones each time; the profile that hypothesis "
    "takes in CI does so, the one it takes elsewhere does not. Then record once more."
)


def is_drawn(item: pytest.Item) -> bool:
    """Whether hypothesis draws the arguments of a test."""
    return bool(getattr(getattr(item, "obj", None), "is_hypothesis_test", False))
