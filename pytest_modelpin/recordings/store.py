"""Where recordings lie, reading them, and writing what was heard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

from pytest_modelpin.errors import RecordingError
from pytest_modelpin.files import safe_name, write_atomically
from pytest_modelpin.recordings.capture import Capture, Heard
from pytest_modelpin.recordings.exchange import Exchange
from pytest_modelpin.recordings.owner import Owner
from pytest_modelpin.recordings.recorded_exchanges import RecordedExchanges
from pytest_modelpin.recordings.recording_file import (
    Recording,
    read_recording,
    same_answers,
    write_recording,
)

FOLDER = "__recordings__"
"""Beside the tests that own them, as syrupy keeps `__snapshots__`."""


def utc_today() -> date:
    """The day in UTC, as recordings and nights count days."""
    return datetime.now(UTC).date()


class Recordings:
    """The recordings of one pytest session."""

    def __init__(
        self,
        write_root: Path | None = None,
        *,
        root: Path | None = None,
        today: Callable[[], date] = utc_today,
    ) -> None:
        """`write_root`, where set, takes what is recorded, in the place it has below `root`.

        It is then read first. `root` is the folder of all tests, by default the working folder.
        """
        self._write_root = write_root
        self._root = Path.cwd() if root is None else root
        self._today = today
        self._replaced: set[Path] = set()

    def path(self, owner: Owner, version: str) -> Path:
        """Where the test's own recording of a version lies."""
        return _path(owner.folder, owner, version)

    def recorded(
        self, owner: Owner, asked: str, *, pinned: bool, key: Callable[[Exchange], str | None]
    ) -> RecordedExchanges:
        """What may answer the test's requests to `asked`.

        A pin reads its own folder only. Any other id reads its own folder, then those of the
        versions that once answered it here, the latest recorded first. Raises RecordingError.
        """
        looked_at: list[Path] = []
        found: list[tuple[Path, Recording]] = []
        for folder in self._folders(owner):
            own = _path(folder, owner, asked)
            looked_at.append(own)
            if (recording := read(own)) is not None:
                found.append((own, recording))
            if not pinned:
                found += _answers_to(asked, folder, owner, besides=own)
        return RecordedExchanges(found, looked_at, asked, key, pinned=pinned)

    def samples(self, owner: Owner, versions: Iterable[str]) -> int:
        """How many samples of a test any of the versions has. Raises RecordingError."""
        recordings = (read(self.path(owner, version)) for version in versions)
        return max(
            (exchange.sample for each in recordings if each for exchange in each.exchanges),
            default=0,
        )

    def write(self, capture: Capture) -> tuple[Path, ...]:
        """Write what a capture heard fresh; returns the files that changed. Raises RecordingError.

        A fresh run (`all`) replaces a file once and then adds sample by sample; `new` adds.
        """
        fresh = [call for call in capture.calls if call.fresh]
        changed = []
        for version in dict.fromkeys(call.version for call in fresh):
            calls = [call for call in fresh if call.version == version]
            path = _path(self._write_folder(capture.owner), capture.owner, version)
            if self._write_version(path, capture, version, calls):
                changed.append(path)
        return tuple(changed)

    def _write_version(
        self, path: Path, capture: Capture, version: str, calls: Sequence[Heard]
    ) -> bool:
        replaces = any(call.record == "all" for call in calls)
        old = self._read_for_writing(path, replaces)
        kept = old.exchanges if old is not None else ()
        if replaces:
            begun, self._replaced = path in self._replaced, self._replaced | {path}
            kept = tuple(each for each in kept if begun and each.sample != capture.sample)
        recording = Recording(
            test=f"{capture.owner.module}::{capture.owner.name}",
            version=version,
            recorded=self._today(),
            exchanges=(*kept, *(call.exchange for call in calls)),
            answered_by=_answered_by(calls, old if kept else None),
        )
        if old is not None and same_answers(old, recording):
            return False
        save(path, recording)
        return True

    def _read_for_writing(self, path: Path, replaces: bool) -> Recording | None:
        try:
            return read(path)
        except RecordingError:
            if replaces:  # recording everything anew is how a torn file is mended
                return None
            raise

    def _folders(self, owner: Owner) -> tuple[Path, ...]:
        if self._write_root is None:
            return (owner.folder,)
        return tuple(dict.fromkeys((self._write_folder(owner), owner.folder)))

    def _write_folder(self, owner: Owner) -> Path:
        if self._write_root is None:
            return owner.folder
        try:
            return self._write_root / owner.folder.relative_to(self._root)
        except ValueError:  # tests from outside the root
            return self._write_root / safe_name(str(owner.folder))


def read(path: Path) -> Recording | None:
    """The recording at `path`, None where there is none. Raises RecordingError."""
    try:
        with path.open("rb", buffering=0) as file:  # a buffer would only be in the way
            text = file.readall().decode()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise RecordingError(
            f"The recording {path} can't be read: {error}. Restore it from git, or delete it and "
            f"record it again with `--model-record new`."
        ) from None
    return read_recording(text, path)


def save(path: Path, recording: Recording) -> None:
    """Write a recording in one step. Raises RecordingError where the folder refuses it."""
    try:
        write_atomically(path, write_recording(recording).encode())
    except OSError as error:
        raise RecordingError(
            f"The recording {path} can't be written: {error.strerror or error}. Make its folder "
            f"writable, or run with `--model-record none` to replay only."
        ) from None


def version_folders(folder: Path) -> Iterable[Path]:
    """The folders of all versions recorded beside the tests in `folder`, in order of name."""
    try:
        return sorted(entry for entry in (folder / FOLDER).iterdir() if entry.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return ()


def _answered_by(calls: Sequence[Heard], kept: Recording | None) -> str | None:
    before = kept.answered_by if kept else None
    return next((call.answered_by for call in calls if call.answered_by), before)


def _path(folder: Path, owner: Owner, version: str) -> Path:
    return _module_folder(folder, version, owner.module) / f"{safe_name(owner.name)}.json"


@lru_cache(maxsize=256)  # the same for all tests of a module
def _module_folder(folder: Path, version: str, module: str) -> Path:
    return folder / FOLDER / safe_name(version) / safe_name(module)


def _answers_to(
    asked: str, folder: Path, owner: Owner, besides: Path
) -> list[tuple[Path, Recording]]:
    """The test's recordings in other versions' folders that hold answers to the id `asked`."""
    found: list[tuple[Path, Recording]] = []
    for version in version_folders(folder):
        path = version / besides.parent.name / besides.name
        if path == besides:
            continue
        recording = read(path)
        if recording and any(exchange.asked == asked for exchange in recording.exchanges):
            found.append((path, recording))
    return sorted(found, key=lambda each: each[1].recorded, reverse=True)
