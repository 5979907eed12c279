"""Fixtures that several folders share live in plugins/, one file a counterpart."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "plugins"))

pytest_plugins = ("github_emulator",)
