"""Recordings that nothing asks for any more: exchanges in a test's file, files of tests gone.

Only recordings of the versions in force are ever looked at: those of another selection can't be
judged by this run.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from pytest_modelpin.files import is_temporary
from pytest_modelpin.recordings.capture import UnusedExchanges
from pytest_modelpin.recordings.owner import JUDGE, SHARED, file_names, module_folders
from pytest_modelpin.recordings.recording_file import read, save


def unused_by_all(samples: Sequence[Sequence[UnusedExchanges]]) -> tuple[UnusedExchanges, ...]:
    """What the samples of one test, all passed, left unused between them.

    A file counts as a whole only where no sample asked for anything in it.
    """
    found: dict[Path, list[UnusedExchanges]] = {}
    for sample in samples:
        for unused in sample:
            found.setdefault(unused.path, []).append(unused)
    merged = []
    for path, each in found.items():
        indexes = sorted({index for one in each for index in one.exchanges or ()})
        if indexes:
            merged.append(UnusedExchanges(path, tuple(indexes)))
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
        there = {each: _recordings(each) for each in module_folders(folder, module, version)}
        if not any(there.values()):  # as of most modules
            continue
        owners = [*tests, *(name + JUDGE for name in tests)]
        known = file_names(folder, module, owners, version)
        strangers = [
            parent / name for parent in sorted(there) for name in there[parent] if name not in known
        ]
        found += [path for path in strangers if not _is_of_another(path, folder)]
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
            save(entry.path, replace(recording, exchanges=kept))
        else:
            _delete(entry.path)
    for path in orphans:
        _delete(path)


def _recordings(folder: Path) -> list[str]:
    """The names of the recordings in a module's folder."""
    try:
        with os.scandir(folder) as entries:  # names alone: most runs find nothing to look at
            names = sorted(entry.name for entry in entries)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [name for name in names if name.endswith(".json") and not is_temporary(name)]


def _is_of_another(path: Path, folder: Path) -> bool:
    """Whether it is a shared fixture's, or of a file that releases before took for the module."""
    recording = read(path)
    if recording is None:
        return True
    name = recording.test.partition("::")[2].removesuffix(JUDGE)
    return name.endswith(SHARED) or (Path(name).name == name and (folder / name).is_file())


def _delete(path: Path) -> None:
    path.unlink(missing_ok=True)
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        try:
            folder.rmdir()
        except OSError:  # not empty
            return
