"""Fixtures that several folders share live in plugins/, one file a counterpart."""

import os
import sys
from importlib import import_module
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent / "plugins"))

pytest_plugins = ("client_stage", "github_emulator", "growth", "slack_server")

# Without byte code, each of the many pytest processes that tests start compiles everything anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A run of pytest in this process forgets the modules that it was the first to import. httpx and
# httpx2 would then keep the errors of an httpcore that nobody raises any more.
for module in ("httpcore", "httpcore2", "httpx", "httpx2"):
    import_module(module)

# How long an example takes says more about the machine's other work than about the code.
settings.register_profile("modelpin", deadline=None)
settings.load_profile("modelpin")
