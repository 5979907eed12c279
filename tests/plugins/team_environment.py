"""What the processes of a team's repository see, where this environment has all that tests need.

Most of a short run is imports. Left to itself, a run here loads the plugins of eleven other tests'
libraries, and httpx all that it can make use of: twice a run's own work, thousands of times.
"""

from __future__ import annotations

import os
from pathlib import Path

ABSENT = Path(__file__).parent / "absent"
"""Modules that are not there for whoever has this folder on the path: httpx needs none of them."""

PLUGINS = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_PLUGINS": "syrupy,pytest_modelpin.plugin",
}
"""Of pytest's plugins ours and the one that it needs. That an installed plugin loads by itself is
shown by runtime/tests/test_pytest_entry.py and in tests/guards/.
"""


def team_environment(*path: str | Path) -> dict[str, str]:
    """The variables of a team's processes; `path` are folders of their own to import from."""
    return {**PLUGINS, "PYTHONPATH": os.pathsep.join(map(str, (*path, ABSENT)))}
