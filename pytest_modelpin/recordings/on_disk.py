"""Recordings as files: reading, writing and finding one, and the addresses they were made at."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from pytest_modelpin.errors import RecordingError
from pytest_modelpin.files import write_atomically
from pytest_modelpin.real_files import read_bytes
from pytest_modelpin.recordings.owner import FOLDER, Owner, former_places
from pytest_modelpin.recordings.recording_file import Recording, read_recording, write_recording

Move = Callable[[Path], Path]
"""From a test's folder to the one where its recordings are looked for."""


def read(path: Path) -> Recording | None:
    """The recording at `path`, None where there is none. Raises RecordingError."""
    try:
        text = read_bytes(path).decode()
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


def remove(path: Path) -> None:
    """Take a recording away, and the folders that it leaves empty. Raises RecordingError."""
    try:
        path.unlink(missing_ok=True)
        for folder in (path.parent, path.parent.parent):
            if any(folder.iterdir()):
                return
            folder.rmdir()
    except OSError as error:
        raise RecordingError(
            f"The recording {path} can't be taken away: {error.strerror or error}. Make its folder "
            "writable."
        ) from None


def version_folders(folder: Path) -> Iterable[Path]:
    """The folders of all versions recorded beside the tests in `folder`, in order of name."""
    try:
        return sorted(entry for entry in (folder / FOLDER).iterdir() if entry.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return ()


class Former(NamedTuple):
    """A recording under a former name."""

    path: Path
    recording: Recording


def as_it_is(folder: Path) -> Path:
    """Beside the tests."""
    return folder


def find_recording(owner: Owner, version: str, moved: Move) -> tuple[Path, Recording | None]:
    """The owner's recording and its file, which may lie where releases before kept it."""
    own = owner.file(version, moved(owner.folder))
    if (recording := read(own)) is not None:
        return own, recording
    return next(former(owner, version, moved), (own, None))


def former(owner: Owner, version: str, moved: Move) -> Iterator[Former]:
    """The owner's recordings under a former name.

    Another's may lie there: where two names differed in case only, or had one stem.
    """
    own = owner.file(version, owner.folder)
    homes = [home for home in (owner.home, owner.former) if home is not None]
    for home in homes:
        for below in former_places(home, version):
            if home.folder / below == own:
                continue
            path = moved(home.folder) / below
            if (recording := read(path)) is not None and recording.test == home.test:
                yield Former(path, recording)


class Kept(NamedTuple):
    """What is recorded of an owner on a version before something is written."""

    path: Path
    """Where it is to be written."""
    source: Path
    """Where it was found; a former place, or `path`."""
    recording: Recording | None


def find_for_writing(owner: Owner, version: str, moved: Move, replaces: bool) -> Kept:
    """As `held`; where all is recorded anew (`replaces`), a torn file counts as none."""
    path = owner.file(version, moved(owner.folder))
    try:
        recording = read(path)
        if recording is None:
            return Kept(path, *next(former(owner, version, moved), (path, None)))
    except RecordingError:
        if not replaces:  # recording everything anew is how a torn file is mended
            raise
        recording = None
    return Kept(path, path, recording)


_MOST_FILES = 5000  # files looked into
_BEGINNING = 4096  # bytes: the first request's URL stands there
_URL = r'"url": ("[^"\\]+")'
_QUESTION = (
    r"/(?:chat/completions|completions|responses|messages|embeddings|moderations)(?:/.*)?$"
    r"|/(?:v\d\w*/)?(?:projects/.*|publishers/.*|models/[^/]+:\w+|model/.*|api/(?:chat|generate))$"
)
"""What stands behind a base URL's path, by the providers' wires."""


@lru_cache(maxsize=64)
def recorded_base_urls(folder: Path) -> frozenset[str]:
    """The base URLs of the recordings of the tests in `folder`; unreadable files are left out."""
    return frozenset(map(base_url, _urls(folder)))


@lru_cache(maxsize=256)  # a suite asks few addresses, each of them often
def base_url(url: str) -> str:
    """The URL of a question without the part that every client adds to its base URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{re.sub(_QUESTION, '', parts.path)}"


def _urls(folder: Path) -> Iterator[str]:
    for number, path in enumerate((folder / FOLDER).glob("*/*/*.json")):
        if number == _MOST_FILES:
            return
        try:
            found = re.search(_URL, read_bytes(path, _BEGINNING).decode(errors="replace"))
        except OSError:
            continue
        if found:
            yield json.loads(found[1])
