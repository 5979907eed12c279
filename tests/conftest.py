"""Fixtures that several folders share live in plugins/, one file a counterpart."""

import os
import sys
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent / "plugins"))

pytest_plugins = (
    "chromium",
    "client_stage",
    "door_stage",
    "github_emulator",
    "growth",
    "slack_server",
)

# Without byte code, each of the many pytest processes that tests start compiles everything anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# LiteLLM would look for prices on GitHub, three times, whenever a process imports it.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")

# pytest-xdist tells its workers a width; lines that are laid out for it would differ from those
# that a test sees alone.
os.environ.pop("COLUMNS", None)

# A run of pytest in this process forgets the modules that it was the first to import. httpx and
# httpx2 would then keep the errors of an httpcore that nobody raises any more.
for module in ("httpcore", "httpcore2", "httpx", "httpx2"):
    import_module(module)

# How long an example takes says more about the machine's other work than about the code.
settings.register_profile("modelpin", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("modelpin")

STARTS_PROCESSES = {
    "pytester",
    "project",
    "stage",
    "server",
    "aimock",
    "github",
    "emulator",
    "open_page",
}
"""Fixtures of tests that start other processes or servers."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `make fast` leaves out, and what wants the machine to itself."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if "growth" in fixtures or item.name == RATIOS:
            item.add_marker(pytest.mark.timing)
        folder = item.path.parent.parent if item.path.parent.name == BEHAVIOUR else item.path.parent
        if fixtures & STARTS_PROCESSES or folder.name in WHOLE_PROGRAMS:
            item.add_marker(pytest.mark.slow)


RATIOS = "test_no_ratio_has_fallen_behind_its_bar_by_half_again"
"""The one guard that measures time; the others count modules and run everywhere."""

BEHAVIOUR = "behaviour"
"""The folder, beside the tests of a package's modules, of what several modules do together."""

WHOLE_PROGRAMS = {"cli", "counterparts", "session", "guards"}
"""Folders whose tests run the whole program."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line each how much was left out as long, and for want of a counterpart."""
    if "not long" in terminalreporter.config.option.markexpr:
        terminalreporter.write_line("")
        terminalreporter.write_line(
            "Whole nights, kills and the like were left out: `make whole` runs them too.",
            yellow=True,
        )
    reasons = [str(report.longrepr) for report in terminalreporter.getreports("skipped")]
    wanting = sum("`make setup`" in reason for reason in reasons)
    if wanting:
        terminalreporter.write_line("")
        terminalreporter.write_line(
            f"{wanting} tests need Node and Go (real counterparts of GitHub, of the providers and "
            "of Actions): run `make setup` once, then `make test`.",
            yellow=True,
        )
