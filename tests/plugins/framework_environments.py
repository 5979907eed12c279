"""Environments of libraries that are not installed beside the tests, each a group that agrees."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
OLDEST = (3, 11)
"""The Python on which .ci/install makes the groups' environments: not every framework takes all."""


def python_of(group: str) -> Path:
    """The Python of a group's environment."""
    root = Path(os.environ.get("MODELPIN_COUNTERPARTS", REPOSITORY / ".counterparts"))
    python = root / "frameworks" / group / ("Scripts" if sys.platform == "win32" else "bin")
    python /= "python"
    if python.exists():
        return python
    reason = f"{python} is no Python with the frameworks of {group}; `make setup` makes one"
    if os.environ.get("CI") and sys.version_info[:2] == OLDEST:
        pytest.fail(reason)
    pytest.skip(reason)
