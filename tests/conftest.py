"""Fixtures that several folders share live in plugins/, one file a counterpart."""

import gc
import os
import sys
from importlib import import_module
from importlib.metadata import Distribution, EntryPoints
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent / "plugins"))

pytest_plugins = (
    "chromium",
    "client_stage",
    "docker_engine",
    "door_stage",
    "github_emulator",
    "growth",
    "longest_first",
    "slack_server",
)

# Without byte code, each of the many pytest runs that tests start compiles everything anew, those
# in this process too.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Each HTTP client that is made reads all authorities that it trusts, which takes it 50 ms for the
# hundreds that a machine has. Whoever asks over TLS what one of those has signed, as `pip install`
# does, needs what the machine itself had there.
ONE_AUTHORITY = str(Path(__file__).parent / "plugins" / "one_authority.pem")
if os.environ.get("SSL_CERT_FILE") != ONE_AUTHORITY:  # workers inherit it
    os.environ["MACHINE_SSL_CERT_FILE"] = os.environ.get("SSL_CERT_FILE", "")
os.environ["SSL_CERT_FILE"] = ONE_AUTHORITY

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
settings.register_profile("few examples", settings.get_profile("modelpin"), max_examples=25)
settings.load_profile("modelpin")


def _read_once(read: property) -> property:
    """The entry points of a distribution, which are not read again in this process.

    pytest looks through those of all that is installed, for each plugin of each of its runs.
    """
    known: dict[str, EntryPoints] = {}

    def entry_points(distribution: Distribution) -> EntryPoints:
        folder = str(getattr(distribution, "_path", ""))
        if not folder or folder not in known:
            known[folder] = read.__get__(distribution)
        return known[folder]

    return property(entry_points)


Distribution.entry_points = _read_once(Distribution.entry_points)  # type: ignore[assignment]

STARTS_PROCESSES = {
    "pytester",
    "project",
    "stage",
    "server",
    "aimock",
    "github",
    "emulator",
    "open_page",
    "docker",
}
"""Fixtures of tests that start other processes or servers."""


def pytest_configure(config: pytest.Config) -> None:
    """Take fewer examples where what is long is left out, too; CI takes all."""
    if "not long" in config.option.markexpr:
        settings.load_profile("few examples")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `make fast` leaves out, and what wants the machine to itself."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if "growth" in fixtures or item.name == RATIOS:
            item.add_marker(pytest.mark.timing)
        folder = item.path.parent.parent if item.path.parent.name == BEHAVIOUR else item.path.parent
        if fixtures & STARTS_PROCESSES or folder.name in WHOLE_PROGRAMS:
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Spare the garbage collector what lives until the end, the objects of thousands of tests, and
    most of its looks: pytest makes and drops thousands of objects in each of its runs.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


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
