"""Recordings that nothing asks for any more: exchanges in a test's file, files of tests gone, as a
whole run of pytest finds them.

Only recordings of the versions in force are ever looked at: those of another selection can't be
judged by this run.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from pytest_modelpin.files import relative_path
from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.recordings import large_bodies, recording_file
from pytest_modelpin.recordings.capture import UnusedExchanges
from pytest_modelpin.recordings.owner import (
    JUDGE,
    SHARED,
    file_names,
    module_folder,
    module_name,
    name_in_module,
)
from pytest_modelpin.recordings.recording_file import read, save
from pytest_modelpin.wording import OWN_CACHE, counted, some

_SHOWN = 3  # files named in the line at the end


class Collected(Protocol):
    """A test as pytest collected it."""

    @property
    def nodeid(self) -> str:
        """The node id."""

    @property
    def path(self) -> Path:
        """Its module's file."""


def whole_modules(
    collected: Iterable[Collected], deselected: Iterable[str], versions: Sequence[str]
) -> dict[str, list[str]]:
    """The modules that were collected whole, each with the recordings of none of its tests.

    `deselected` are node ids. Recordings of other versions than `versions` are not looked at. The
    result can travel from a pytest-xdist worker. Raises RecordingError.
    """
    tests: dict[tuple[str, Path], list[str]] = {}
    for item in collected:
        module = module_of(item.nodeid)
        in_python = item.path.suffix == ".py"
        name = name_in_module(item.nodeid, of_doctest=in_python and is_doctest(item))
        tests.setdefault((module, Path(item.path)), []).append(name)
    partly = {module_of(nodeid) for nodeid in deselected}
    return {
        module: [str(orphan) for orphan in orphans(path.parent, module_name(path), names, versions)]
        for (module, path), names in tests.items()
        # Of two tests by one name, one may ask what the other has left.
        if module not in partly and len(set(names)) == len(names)
    }


def is_doctest(item: object) -> bool:
    """Whether a test that pytest collected is a doctest, without loading pytest's plugin."""
    return type(item).__name__ == "DoctestItem"


def module_of(nodeid: str) -> str:
    """The node id of a test's module."""
    return nodeid.partition("::")[0]


class UnusedRecordings:
    """Gathers, in the one process that reports, what tests left unused."""

    def __init__(self) -> None:
        self._unused: dict[str, list[UnusedExchanges]] = {}
        self._failed: set[str] = set()
        self._whole: dict[str, list[str]] = {}

    def add_report(self, nodeid: str, *, failed: bool, unused: Iterable[Any]) -> None:
        """One report of a test: whether it failed, and `unused_as_json` of what it left."""
        module = module_of(nodeid)
        if failed:
            self._failed.add(module)
        if unused:
            self._unused.setdefault(module, []).extend(_unused_from_json(unused))

    def add_whole_modules(self, modules: Mapping[str, list[str]]) -> None:
        """What `whole_modules` found; nothing is said of any other module."""
        self._whole.update(modules)

    def found(self) -> tuple[tuple[UnusedExchanges, ...], tuple[Path, ...]]:
        """What is unused in modules that were collected whole and of which no test failed."""
        passed = [module for module in self._whole if module not in self._failed]
        unused = [each for module in passed for each in self._unused.get(module, ())]
        return tuple(unused), tuple(Path(path) for module in passed for path in self._whole[module])

    def settle(self, root: Path, *, update: bool, samples: int = 1) -> str:
        """The sentence for the end of the run, empty where nothing is unused.

        With `update`, what is unused is removed, and all of it named: a cache that answers a test
        leaves its recordings unused, too. `samples` of each case ran: what only a later one left
        unused, as many have to be played to remove. Raises RecordingError.
        """
        unused, gone = self.found()
        paths = sorted({each.path for each in unused} | set(gone))
        if not paths:
            return ""
        if update:
            remove(unused, gone)
        shown = some(
            [relative_path(path, root) for path in paths], len(paths) if update else _SHOWN
        )
        count = counted(len(paths), "recording is", "recordings are")
        what = f"{count} no longer asked for, or not wholly ({shown})"
        command = f"pytest --snapshot-update{f' --model-samples {samples}' if samples > 1 else ''}"
        done = "removed" if update else f"remove what is unused with `{command}`"
        if not unused:  # no test has them any more
            return f"{what}; {done}"
        if update:
            return (
                f"{what}; {done}. Where {OWN_CACHE} answered in their place, bring them back with "
                "git, and turn it off for tests"
            )
        return f"{what}; {done}, but where {OWN_CACHE} answered, turn that off for tests instead"


def unused_as_json(unused: Iterable[UnusedExchanges]) -> JSON:
    """As it travels from a pytest-xdist worker."""
    return [
        [str(each.path), None if each.exchanges is None else list(each.exchanges)]
        for each in unused
    ]


def _unused_from_json(value: Iterable[Any]) -> Iterable[UnusedExchanges]:
    return (
        UnusedExchanges(Path(path), None if indexes is None else tuple(indexes))
        for path, indexes in value
    )


def unused_by_all(samples: Sequence[Sequence[UnusedExchanges]]) -> tuple[UnusedExchanges, ...]:
    """What the samples of one test, all passed, left unused between them.

    A file counts as a whole only where no sample asked for anything in it. What samples that did
    not run have recorded is unused where it is what all that ran no longer ask: plain `pytest`
    runs the first one alone, and the questions of a prompt that changed would stay in the others.
    """
    found: dict[Path, list[UnusedExchanges]] = {}
    for sample in samples:
        for unused in sample:
            found.setdefault(unused.path, []).append(unused)
    merged = []
    for path, each in found.items():
        indexes = {index for one in each for index in one.exchanges or ()}
        if len(each) == len(samples):
            indexes |= set.intersection(*(set(one.alike) for one in each))
        if indexes:
            merged.append(UnusedExchanges(path, tuple(sorted(indexes))))
        elif len(each) == len(samples):
            merged.append(UnusedExchanges(path, None))
    return tuple(merged)


def orphans(
    folder: Path, module: str, tests: Collection[str], versions: Iterable[str]
) -> tuple[Path, ...]:
    """Recordings of `versions` whose test is not among `tests`, the names of a module's tests.

    What shared fixtures asked is never an orphan: which fixtures there are shows only once they
    are set up. Raises RecordingError.
    """
    found: list[Path] = []
    for version in sorted(set(versions)):
        there = module_folder(folder, module, version)
        files = _files(there)
        found += large_bodies.unnamed(there, files)
        names = [name for name in files if name.endswith(".json")]
        if not names:  # as of most modules
            continue
        known = file_names(folder, module, tests, version)
        if known.issuperset(names):
            continue
        known |= file_names(folder, module, [name + JUDGE for name in tests], version)
        strangers = [there / name for name in names if name not in known]
        found += [path for path in strangers if not _is_of_fixture(path)]
    return tuple(found)


def remove(unused: Iterable[UnusedExchanges], orphans: Iterable[Path]) -> None:
    """Take unused exchanges out of their files, and delete orphans and emptied files and folders.

    Raises RecordingError.
    """
    for entry in unused:
        recording = None if entry.exchanges is None else read(entry.path)
        kept = tuple(
            exchange
            for index, exchange in enumerate(recording.exchanges if recording else ())
            if index not in (entry.exchanges or ())
        )
        if recording and kept:
            save(entry.path, recording._replace(exchanges=kept))
        else:
            recording_file.remove(entry.path)
    for path in orphans:
        if path.suffix != large_bodies.SUFFIX or not large_bodies.is_named(path):
            recording_file.remove(path)


def _files(folder: Path) -> list[str]:
    """The names of what lies in a module's folder."""
    try:
        with os.scandir(folder) as entries:  # names alone: most runs find nothing to look at
            return sorted(entry.name for entry in entries)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _is_of_fixture(path: Path) -> bool:
    """Whether it is a shared fixture's, or of a file that another process has just taken away."""
    recording = read(path)
    return recording is None or recording.test.removesuffix(JUDGE).endswith(SHARED)
