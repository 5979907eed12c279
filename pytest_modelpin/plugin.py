"""pytest's face of pytest-modelpin: options, markers, fixtures. All logic lives below.

Nothing of the package is imported until models.yml is found or an option asks for it, so that a
repository without models pays next to nothing.

PYTEST_DONT_REWRITE: no assert here is a test's, and pytest would warn where a process that has
loaded this module already names it with `-p`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_modelpin import PLACES

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from pytest_modelpin.providers import Provider
    from pytest_modelpin.session.session import Session


_SESSION: pytest.StashKey[Session] = pytest.StashKey()
_IS_IDLE: pytest.StashKey[bool] = pytest.StashKey()
"""Set where no models.yml is read."""


def __dir__() -> list[str]:
    """The hooks and fixtures: pytest looks at each name here, twice, before any test runs."""
    hooks = [name for name in globals() if name.startswith("pytest_")]
    return [*hooks, "model_id", "model_snapshot", "modelpin"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, all of which start with `--model`, and the ini values."""
    group = parser.getgroup("modelpin", "LLM versions (pytest-modelpin)")
    group.addoption(
        "--model",
        dest="model",
        action="append",
        default=[],
        metavar="WHICH",
        help="production (default), candidate, fallback, canary, previous, a model id, "
        "or NAME=any of those for one logical model; repeatable",
    )
    group.addoption(
        "--model-record",
        dest="model_record",
        choices=("none", "new", "all"),
        help="none: replay only; new: record what is not known; all: always live. "
        "Default: none for production, all for every other selection",
    )
    group.addoption(
        "--model-samples", dest="model_samples", type=int, metavar="N", help="run each case N times"
    )
    group.addoption(
        "--model-samples-of",
        dest="model_samples_of",
        metavar="PATH",
        help="JSON: by node id, how often to run that case",
    )
    group.addoption(
        "--model-tolerant",
        dest="model_tolerant",
        action="store_true",
        help="on the pin, too, let answers be worded anew, as a night does on both sides",
    )
    group.addoption(
        "--model-jobs", dest="model_jobs", type=int, metavar="N", help="live calls at once, at most"
    )
    group.addoption(
        "--model-budget",
        dest="model_budget",
        type=float,
        metavar="USD",
        help="stop live calls before they cost more",
    )
    group.addoption(
        "--model-timeout",
        dest="model_timeout",
        type=float,
        metavar="SECONDS",
        help="the longest that one live reply may take, 600 by default; "
        "the live calls of one test together may take three times as long",
    )
    group.addoption(
        "--model-report",
        dest="model_report",
        metavar="PATH",
        help="write the run report (JSON) to PATH",
    )
    group.addoption(
        "--model-html",
        dest="model_html",
        metavar="FILE",
        help="write a page that shows the answers beside the pin's",
    )
    group.addoption(
        "--model-recordings",
        dest="model_recordings",
        metavar="DIR",
        help="write recordings below DIR; default: the pins' beside the tests, others' below "
        ".pytest_modelpin/recordings until they are accepted",
    )
    # Set what syrupy's do: without it, `--snapshot-update` may be another library's.
    for option, dest in (
        ("--model-accept-new", "update_new_snapshots_only"),
        ("--model-accept-all", "update_snapshots"),
    ):
        group.addoption(option, dest=dest, action="store_true", help="accept answers")
    parser.addini("modelpin_registry", "where models.yml is, from the root folder")
    parser.addini(
        "modelpin_unseen",
        "a test that asks a model where no hook sees it: fail (default), warn or allow",
        default="fail",
    )
    parser.addini(
        "modelpin_snapshot",
        "true: syrupy's own `snapshot` is `model_snapshot`, for a suite that exists already",
        type="bool",
        default=False,
    )
    parser.addini(
        "modelpin_ignore_fields",
        "request fields (dotted paths) that do not decide whether two requests are the same",
        type="linelist",
        default=[],
    )


class _HookSpecs:
    """The hooks by which a team extends pytest-modelpin, in a conftest.py or another plugin."""

    def __dir__(self) -> list[str]:
        """As of the module."""
        return ["pytest_modelpin_providers"]

    @pytest.hookspec
    def pytest_modelpin_providers(self) -> Iterable[Provider]:
        """Providers of the team's own, such as a private gateway.

        They are asked before those of pytest-modelpin, and one of the same name takes its place.
        What one lacks is an error that says so before any test runs.
        """
        return ()


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare what a team can bring."""
    pluginmanager.add_hookspecs(_HookSpecs())  # type: ignore[arg-type]  # any object will do


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Let a client be made in a conftest.py, in a run that needs no key, and see what it asks."""
    if early_config.getini("modelpin_registry") or _registry_in(early_config.rootpath):
        from pytest_modelpin.session.before_and_after import begin

        begin(early_config)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Run the suite once for each candidate where one logical model is given several."""
    named = [text.partition("=")[0] for text in config.option.model if "=" in text]
    if len(named) == len({*named}):
        return None
    from pytest_modelpin.session.several_candidates import run_each, several

    found = several(config.option.model)
    return run_each(config, *found) if found else None


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Activate only where there is a models.yml or a `--model`."""
    config.addinivalue_line(
        "markers",
        "modelpin(samples, similarity, critical, category, models, ignore, unseen): "
        "how this test's answers are sampled and compared",
    )
    if config.getini("modelpin_snapshot"):
        config.pluginmanager.register(_SnapshotIsModelSnapshot(), "modelpin-snapshot")
    root = config.rootpath
    explicit = config.getini("modelpin_registry")
    # In a worker of pytest-xdist the file may be gone that its controller has read.
    given = "modelpin_registry" in getattr(config, "workerinput", {})
    if not (config.option.model or explicit or given or _registry_in(root)):
        if config.inipath is None and (above := _folder_above(root)):
            # Without an ini file, pytest's root is where it was called: in a sub-folder by mistake.
            _warn(
                config,
                "pytest-modelpin is not active, so nothing is replayed: "
                f"{_registry_in(above)} lies above pytest's root folder {root}. "
                f"Run pytest from {above}, with the path of your tests, or put a pytest.ini "
                "there.",
            )
            config.stash[_IS_IDLE] = True
        elif misnamed := _misnamed_in(root):
            _warn(
                config,
                "pytest-modelpin is not active, so nothing is replayed: "
                f"{misnamed} is not read: rename it to models.yml.",
            )
        else:
            config.stash[_IS_IDLE] = True
        return
    from pytest_modelpin.errors import ModelpinError, page_of
    from pytest_modelpin.session.activate import activate

    try:
        config.stash[_SESSION] = activate(config)
    except ModelpinError as error:
        raise pytest.UsageError(f"{error}\nMore: {page_of(error)}") from None


def pytest_collection_finish(session: pytest.Session) -> None:
    """See to tests beside which recordings lie, where no models.yml is read to replay them by.

    One look a folder of tests, and nothing imported where there are none.
    """
    if _IS_IDLE not in session.config.stash:
        return
    path, folders = None, {}
    for item in session.items:
        if item.path is not path:  # one object for all tests of a module
            path = item.path
            folders[os.path.dirname(path)] = True  # noqa: PTH120 - in half the time of Path's
    found = [each for each in folders if os.path.exists(f"{each}/__recordings__")]  # noqa: PTH110
    if found:
        from pytest_modelpin.session.unreplayed import fail_or_warn

        fail_or_warn(session.config, [*map(Path, found)], _warn)


def _warn(config: pytest.Config, message: str) -> None:
    """A warning of pytest's; where those are errors, the run ends with this sentence."""
    try:
        config.issue_config_time_warning(pytest.PytestConfigWarning(message), stacklevel=3)
    except pytest.PytestConfigWarning:
        raise pytest.UsageError(message) from None


def _registry_in(folder: Path) -> Path | None:
    for place in PLACES:  # asked of several folders at each start: in a fraction of Path's time
        if os.path.isfile(f"{folder}/{place}"):  # noqa: PTH113
            return folder / place
    return None


def _misnamed_in(folder: Path) -> Path | None:
    misnamed = (f"{folder}/{place.removesuffix('.yml')}.yaml" for place in PLACES)
    if not any(map(os.path.isfile, misnamed)):
        return None
    from modelpin_runtime.registry.loading import find_misnamed

    return find_misnamed(folder)


def _folder_above(root: Path) -> Path | None:
    """The folder with a models.yml above `root`, within the same git repository."""
    for folder in (root, *root.parents):
        if folder != root and _registry_in(folder):
            return folder
        if os.path.exists(f"{folder}/.git"):  # noqa: PTH110
            return None
    return None


@pytest.fixture
def model_snapshot(request: pytest.FixtureRequest) -> SnapshotAssertion:
    """The accepted answer of this case: `assert answer == model_snapshot`."""
    from pytest_modelpin.snapshot import make_model_snapshot
    from pytest_modelpin.snapshot.structure import Unwatched

    return make_model_snapshot(request, request.config.stash.get(_SESSION, None) or Unwatched())


class _SnapshotIsModelSnapshot:
    """Overrides syrupy's fixture: of two plugins' fixtures, the one registered last counts."""

    @pytest.fixture
    def snapshot(self, model_snapshot: SnapshotAssertion) -> SnapshotAssertion:
        """`model_snapshot`, by the name that an existing suite uses."""
        return model_snapshot


class _OnlyId(str):
    """The id in force of the only logical model; called with a name, that model's."""

    __slots__ = ("_session",)
    _session: Session

    def __call__(self, name: str) -> str:
        """The id in force of the logical model `name`."""
        return self._session.id(name)


class _IdByName:
    """`model_id` where several models could be meant: it has to be called with a name."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __call__(self, name: str) -> str:
        """The id in force of the logical model `name`."""
        return self._session.id(name)

    def __str__(self) -> str:
        return self._session.id()  # raises, saying which names there are


@pytest.fixture
def model_id(request: pytest.FixtureRequest) -> Callable[[str], str] | str:
    """The model id in force; `model_id("claude")` where models.yml names several."""
    from pytest_modelpin.errors import SelectionError

    session = _session(request)
    try:
        only = _OnlyId(session.id())
    except SelectionError:
        return _IdByName(session)
    only._session = session
    return only


@pytest.fixture
def modelpin(request: pytest.FixtureRequest) -> Session:
    """The models of this run: `.selection`, `.pins`, `.id(name)`."""
    return _session(request)


def _session(request: pytest.FixtureRequest) -> Session:
    session = request.config.stash.get(_SESSION, None)
    if session is None:
        pytest.fail(
            f"There is no models.yml in {request.config.rootpath}; "
            "run `pytest-modelpin init` to write one.",
            pytrace=False,
        )
    return session
