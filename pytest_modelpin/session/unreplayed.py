"""What becomes of tests beside which recordings lie while no models.yml is read, so that nothing is
replayed: they fail where there is one, and elsewhere it is said that what they ask is sent.

Loaded only where a session without models.yml has collected tests beside a folder of recordings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from modelpin_runtime import PLACES
from pytest_modelpin.files import relative_path
from pytest_modelpin.recordings.owner import FOLDER

_PINS = re.compile(r"^models:.*?^ +production:", re.MULTILINE | re.DOTALL)
_YAML = (".yml", ".yaml")
_LARGEST = 100_000  # bytes of a file that may be a models.yml by another name


def fail_or_warn(
    config: pytest.Config, folders: Sequence[Path], warn: Callable[[pytest.Config, str], None]
) -> None:
    """Have the tests in `folders` fail where a models.yml is passed by, and else `warn`.

    Raises pytest.UsageError where warnings are errors. A worker of pytest-xdist can't end the run
    by one: there the tests fail with its sentence.
    """
    root = config.rootpath
    unread = Unread(root, folders)
    if not unread.folders and (sentence := unreplayed(root, folders)):
        try:
            warn(config, sentence)
        except pytest.UsageError:
            if not hasattr(config, "workerinput"):
                raise
            unread.folders = dict.fromkeys(folders, sentence)
    if unread.folders:
        config.pluginmanager.register(unread, "modelpin-unread")


def unreplayed(root: Path, folders: Iterable[Path]) -> str:
    """The sentence: where recordings lie, why they are not replayed, and what to do about it.

    `folders` hold collected tests and a folder named as those of recordings are, `root` is
    pytest's. Empty where no recording of ours is among them.
    """
    ours = [folder for folder in folders if _holds_recordings(folder / FOLDER)]
    if not ours:
        return ""
    shown = _shown(ours[0] / FOLDER, root)
    more = f" and {len(ours) - 1} more" if len(ours) > 1 else ""
    return (
        "pytest-modelpin is not active, so nothing is replayed and what tests ask of a model is "
        f"sent: recordings lie in {shown}{more}, but {_cause(root, ours[0])}"
    )


class Unread:
    """Fails tests before anything of theirs is set up: a run of pytest-xdist can't be ended."""

    def __init__(self, root: Path, folders: Iterable[Path]) -> None:
        """As `unreplayed`, for the folders whose models.yml a pytest with this `root` passes by."""
        ours = (each for each in folders if _holds_recordings(each / FOLDER))
        self.folders = {each: why for each in ours if (why := unread_above(root, each))}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Instead of asking live what is recorded."""
        if why := self.folders.get(item.path.parent):
            pytest.fail(f"What is recorded beside this test is not replayed: {why}", pytrace=False)


def unread_above(root: Path, folder: Path) -> str:
    """Which models.yml in or above `folder` a pytest with this root does not read; else empty."""
    for above in (folder, *folder.parents):
        found = next((above / place for place in PLACES if (above / place).is_file()), None)
        if found is not None:
            from_root = relative_path(found, root)
            cure = f"set the ini value `modelpin_registry = {from_root}`"
            if not root.is_relative_to(above):
                cure = f"{_from_there(root, above)}, or {cure}"
            return f"{found} is not read, since pytest's root folder is {root}: {cure}."
        if (above / ".git").exists():
            break
    return ""


def _from_there(root: Path, above: Path) -> str:
    if Path.cwd() != above or not above.is_relative_to(root):
        return f"run pytest from {above}"
    # Else it takes the file of `--model-report FILE` for one of tests, and the root for theirs.
    return "write paths of options with `=` (`--model-report=FILE`), put a pytest.ini there"


def _cause(root: Path, folder: Path) -> str:
    if found := unread_above(root, folder):
        return found
    none_there = f"none of {', '.join(PLACES)} is in {root}."
    if other := next(filter(_holds_pins, _yaml_files(root)), None):
        return (
            f"{none_there} {_shown(other, root)} holds pins: rename it, or name it by the ini "
            "value modelpin_registry."
        )
    return f"{none_there} Restore it from git, or run `pytest-modelpin init` to write one."


def _yaml_files(root: Path) -> Iterable[Path]:
    """What may be a models.yml by another name, in the places where one is looked for."""
    for folder in dict.fromkeys((root / place).parent for place in PLACES):
        with suppress(OSError):
            yield from (each for each in sorted(folder.iterdir()) if each.suffix in _YAML)


def _holds_pins(path: Path) -> bool:
    try:
        if path.stat().st_size > _LARGEST:
            return False
        return _PINS.search(path.read_text("utf-8")) is not None
    except (OSError, ValueError):
        return False


def _holds_recordings(folder: Path) -> bool:
    """Whether it is ours: other tools have a folder of this name, with other things in it."""
    return next(folder.glob("*/*/*.json"), None) is not None


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
