"""Fixtures that several folders share live in plugins/, one file a counterpart."""

import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent / "plugins"))

pytest_plugins = ("github_emulator", "slack_server")

# How long an example takes says more about the machine's other work than about the code.
settings.register_profile("modelpin", deadline=None)
settings.load_profile("modelpin")
