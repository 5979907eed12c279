"""The files beside a recording that hold what is large in its replies, named by their hash.

Equal bodies are one file, which all recordings of a module share. It is written before the
recording that names it and removed behind the last one, so that a killed run leaves a file too
many, never one too few.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from pytest_modelpin.errors import RecordingError
from pytest_modelpin.files import is_file, names_in, read_bytes, write_atomically
from pytest_modelpin.recordings.reply_content import Keep, LargeBody

SUFFIX = ".bin"

_NAMED = re.compile(rb'"sha256": "([0-9a-f]{64})"')
_LFS = b"version https://git-lfs"


@contextmanager
def beside(path: Path) -> Iterator[Keep]:
    """While the recording at `path` is written or taken away: what keeps its large bodies.

    Those that it named before and no recording names any more are then removed. Raises OSError.
    """
    before = _named_in(path)
    kept: dict[str, bytes] = {}

    def keep(content: bytes) -> LargeBody:
        body = LargeBody(sha256(content).hexdigest(), len(content))
        if body.name not in kept:
            kept[body.name] = content
            _put(path.parent / body.name, content)
        return body

    yield keep
    for name, content in kept.items():  # another process may have removed what nobody named yet
        _put(path.parent / name, content)
    drop(path.parent / name for name in before - kept.keys())


def _put(path: Path, content: bytes) -> None:
    """Write what is not there, or is damaged."""
    try:
        if read_bytes(path) == content:
            return
    except OSError:
        pass  # and writing says what is amiss
    write_atomically(path, content)


def drop(files: Iterable[Path]) -> None:
    """Remove those that no recording names. Raises OSError."""
    for path in files:
        if is_named(path):
            continue
        content = read_bytes(path) if is_file(path) else None
        path.unlink(missing_ok=True)
        if content is not None and is_named(path):  # by another process, just now
            _put(path, content)


def is_named(path: Path) -> bool:
    """Whether a recording beside it names the file."""
    others = (path.parent / name for name in names_in(path.parent) if name.endswith(".json"))
    return any(path.name in _named_in(each) for each in others)


def unnamed(folder: Path, names: Iterable[str]) -> list[Path]:
    """Those of the files in a folder, by their `names`, that no recording there names."""
    large = [folder / name for name in names if name.endswith(SUFFIX)]
    return [path for path in large if not is_named(path)]


def files_of(path: Path) -> list[Path]:
    """The files that the recording at `path` names."""
    return [path.parent / name for name in sorted(_named_in(path))]


def _named_in(path: Path) -> set[str]:
    """The names of the files that a recording names, however else it is damaged."""
    if not any(name.endswith(SUFFIX) for name in names_in(path.parent)):
        return set()  # as beside most recordings, which then need not be read
    with suppress(OSError):
        return {LargeBody(each.decode(), 0).name for each in _NAMED.findall(read_bytes(path))}
    return set()


def take(path: Path, body: LargeBody) -> bytes:
    """A large body of the recording at `path`.

    Raises RecordingError where it is missing or is not what was recorded.
    """
    file = path.parent / body.name
    try:
        content = read_bytes(file)
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        why = "is missing" if missing else f"can't be read: {error.strerror or error}"
        raise _amiss(path, body, why) from None
    if sha256(content).hexdigest() != body.sha256:
        raise _amiss(path, body, _changed(content))
    return content


def none_beside(body: LargeBody) -> bytes:
    """For what was written without files of its own."""
    raise ValueError(f"{body.name} is nowhere")


def _changed(content: bytes) -> str:
    if content.startswith(_LFS):
        return "is a pointer of Git LFS; `git lfs pull` brings the file"
    return (
        "is not what was recorded: its SHA-256 is another (does .gitattributes have "
        "`**/__recordings__/**/*.bin binary`, so that git leaves its bytes alone?)"
    )


def _amiss(path: Path, body: LargeBody, why: str) -> RecordingError:
    return RecordingError(
        f"{body.name}, {body.bytes} bytes of a reply beside the recording {path}, {why}. Restore "
        f"it from git, or delete the recording and record it again with `pytest --model "
        f"{path.parent.parent.name} --model-record new` and the test's name."
    )
