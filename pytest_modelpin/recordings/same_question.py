"""The same question in another test's recording: what a miss says where a test, its module or its
folder was renamed, so that nobody pays for an answer that lies beside it.

Looked for only once a replay has failed, and no longer than a few seconds in all of a session.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from pytest_modelpin.clock import perf_counter
from pytest_modelpin.errors import RecordingError
from pytest_modelpin.files import exists, from_here, is_dir, is_file, read_bytes, real_files
from pytest_modelpin.recordings.exchange import Exchange
from pytest_modelpin.recordings.large_bodies import files_of
from pytest_modelpin.recordings.owner import FOLDER, JUDGE, SHARED
from pytest_modelpin.recordings.recording_file import read

SECONDS = 3.0
"""How long all misses of a session may look."""
_MOST_FILES = 5000  # recordings read
_MOST_FOLDERS = 5000  # of the repository, where a test may have been moved from
_SNAPSHOTS = "__snapshots__"  # syrupy's folder
_NEVER = ("node_modules", "site-packages", "__pycache__")

Key = Callable[[Exchange], str | None]
"""The fingerprint of a recorded request."""

Owned = Literal["module gone", "test gone", "there", "unknown"]
"""What became of the test whose recording it is; `unknown` of a parameter's."""


class SameQuestion(NamedTuple):
    """Another recording that holds the question."""

    path: Path
    test: str
    """Whose it is, as `tests/test_desk.py::TestFees.test_fee`."""
    owned: Owned
    missed: Path
    """Where the recording would lie that was missed."""

    def moves(self) -> list[tuple[Path, Path]]:
        """What to carry where, so that the test has the recordings again, in every version.

        Where the module is gone and nothing lies in the new one's place, all of it goes at once,
        and its snapshots with it.
        """
        module, new_module = self.path.parent, self.missed.parent
        tops = [top for top in _versions(module.parent.parent) if is_dir(top / module.name)]
        pairs = [
            (top / module.name, new_module.parent.parent / top.name / new_module.name)
            for top in tops
        ]
        whole = self.owned == "module gone" and not any(exists(new) for _, new in pairs)
        if whole:
            return [*pairs, *self._snapshots()]
        files = [(old / self.path.name, new / self.missed.name) for old, new in pairs]
        files += [
            (each, new / each.name)
            for old, new in pairs
            if old != new
            for each in files_of(old / self.path.name)
        ]
        return [(old, new) for old, new in files if is_file(old) and not exists(new)]

    def _snapshots(self) -> list[tuple[Path, Path]]:
        """The module's accepted answers, and what else syrupy keeps of it."""
        old, new = self.path.parents[3] / _SNAPSHOTS, self.missed.parents[3] / _SNAPSHOTS
        module, new_module = self.path.parent.name, self.missed.parent.name
        found = [each for each in sorted(_entries(old)) if each.stem == module]
        pairs = [(each, new / f"{new_module}{each.suffix}") for each in found]
        return [(each, there) for each, there in pairs if not exists(there)]


class SameQuestions:
    """Finds them, for all misses of a session; a file is read once."""

    def __init__(self, root: Path) -> None:
        """`root` is the folder of all tests."""
        self._root = root
        self._until: float | None = None
        self._read: set[Path] = set()
        self._found: dict[tuple[str, str], list[tuple[Path, str]]] = {}
        """By version's folder and fingerprint: the recordings, each with its test's name."""
        self._folders: list[Path] | None = None

    def find(
        self, looked_at: Sequence[Path], fingerprint: str, key: Key, folder: Path
    ) -> SameQuestion | None:
        """A recording of the same version with this question, a test's that is gone before others.

        `looked_at` are the files in which it was missed, of a test in `folder`.
        """
        self._until = self._until or perf_counter() + SECONDS
        with real_files():
            for missed in reversed(looked_at):  # beside the tests first
                top = missed.parent.parent
                for path in _nearest_first(missed):
                    self._take(path, key)
                found = self._found.get((str(top), fingerprint), ())
                hits = [_described(path, test, missed, folder) for path, test in found]
                if hits := [each for each in hits if each.path not in looked_at]:
                    return min(hits, key=lambda each: _distance(each, missed))
            return self._of_another_folder(looked_at[-1], fingerprint, key, folder)

    def _of_another_folder(
        self, missed: Path, fingerprint: str, key: Key, folder: Path
    ) -> SameQuestion | None:
        """The recording of a test by this very name, in a folder from which it may have moved."""
        version = missed.parents[1].name
        if self._folders is None:
            self._folders = list(self._with_recordings(_top(folder, self._root)))
        for other in self._folders:
            top = other / FOLDER / version
            if other == folder:
                continue
            for path in _of_one_name(missed, top):
                self._take(path, key)
            found = self._found.get((str(top), fingerprint), ())
            hits = [_described(path, test, missed, other) for path, test in found]
            if hits := [each for each in hits if each.path.name == missed.name]:
                return min(hits, key=lambda each: _distance(each, missed))
        return None

    def _with_recordings(self, top: Path) -> Iterator[Path]:
        for number, (here, folders, _) in enumerate(os.walk(top)):
            if number == _MOST_FOLDERS or self._is_late():
                return
            if FOLDER in folders:
                yield Path(here)
            folders[:] = sorted(
                name
                for name in folders
                if not name.startswith((".", "__"))
                and name not in _NEVER
                and not is_file(Path(here, name, "pyvenv.cfg"))
            )

    def _is_late(self) -> bool:
        return self._until is not None and perf_counter() > self._until

    def _take(self, path: Path, key: Key) -> None:
        if path in self._read or len(self._read) >= _MOST_FILES or self._is_late():
            return
        self._read.add(path)
        try:
            recording = read(path)
        except RecordingError:
            return
        if recording is None or recording.test.endswith(JUDGE):
            return
        for name in {key(exchange) for exchange in recording.exchanges} - {None}:
            place = (str(path.parent.parent), str(name))
            self._found.setdefault(place, []).append((path, recording.test))


def versions_with(missed: Path) -> list[str]:
    """The other versions' folders that hold the recording of the same test."""
    below = Path(missed.parent.name, missed.name)
    with real_files():
        tops = _versions(missed.parents[2])
        return [top.name for top in tops if top != missed.parents[1] and is_file(top / below)]


def _versions(folder: Path) -> list[Path]:
    return sorted(_entries(folder))


def _entries(folder: Path) -> Iterable[Path]:
    try:
        with os.scandir(folder) as entries:
            return [Path(entry.path) for entry in entries]
    except OSError:
        return ()


def _of_one_name(missed: Path, top: Path) -> list[Path]:
    """The recordings of tests by this name in a version's folder, of the same module first."""
    modules = sorted(_entries(top), key=lambda each: each.name != missed.parent.name)
    return [path for each in modules if is_file(path := each / missed.name)]


def _nearest_first(missed: Path) -> Iterator[Path]:
    """The version's recordings: those of the same name, of the same module, all others."""
    yield from _of_one_name(missed, missed.parents[1])
    for each in sorted(_entries(missed.parents[1]), key=lambda each: each != missed.parent):
        for path in sorted(_entries(each)):
            if path.suffix == ".json":
                yield path


def _distance(found: SameQuestion, missed: Path) -> tuple[object, ...]:
    gone = ("module gone", "test gone", "unknown", "there").index(found.owned)
    same_name, same_module = found.path.name == missed.name, found.path.parent == missed.parent
    return (gone == 3, not same_name, not same_module, gone, found.path.name)


def _described(path: Path, test: str, missed: Path, folder: Path) -> SameQuestion:
    module, _, name = test.partition("::")
    source = folder / module if "." in module else folder / f"{module}.py"
    shown = f"{from_here(source)}::{name}"
    return SameQuestion(path, shown, what_became_of(source, name), missed)


def what_became_of(source: Path, name: str) -> Owned:
    """What became of the test `name`, as `TestFees.test_fee[de]`, of the module at `source`."""
    try:
        text = read_bytes(source).decode(errors="replace")
    except OSError:
        return "module gone"
    plain, parameters, _ = name.partition("[")
    if plain.endswith(SHARED) or "@" in plain or source.suffix != ".py":
        return "unknown"
    *classes, function = plain.split(".")
    named = [*(rf"class\s+{re.escape(each)}" for each in classes), rf"def\s+{re.escape(function)}"]
    if not all(re.search(rf"\b{each}\b", text) for each in named):
        return "test gone"
    return "unknown" if parameters else "there"


def _top(folder: Path, root: Path) -> Path:
    """The repository's root, or that of the tests where there is no git."""
    above = (folder, *folder.parents)
    return next((each for each in above if exists(each / ".git")), root)
