"""The files beside a recording that hold what is large in its replies, named by their hash.

Equal bodies are one file, which all recordings of a module share. It is written before the
recording that names it and removed behind the last one, so that a killed run leaves a file too
many, never one too few.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from pytest_modelpin.errors import RecordingError
from pytest_modelpin.files import is_file, names_in, read_bytes, write_atomically
from pytest_modelpin.providers.wire import JSON

LARGE = 16 * 1024
"""Bytes from which on a body that is no text, such as sound or an image, has a file of its own."""

SUFFIX = ".bin"

_NAMED = re.compile(rb'"sha256": "([0-9a-f]{64})"')
LFS_POINTER = b"version https://git-lfs"
"""How a file begins that stands for one which Git LFS keeps elsewhere."""


class LargeBody(NamedTuple):
    """What a recording says of a file beside it."""

    sha256: str
    """Of its bytes, in hex; the file is named by its beginning."""
    bytes: int

    @property
    def name(self) -> str:
        """What the file is called. Raises ValueError where that is no hash."""
        if not re.fullmatch("[0-9a-f]{64}", self.sha256):
            raise ValueError(f"{self.sha256!r:.80} is no SHA-256 in hex")
        return f"{self.sha256[:32]}.bin"

    def written(self) -> dict[str, JSON]:
        """As it stands in the recording."""
        return {"sha256": self.sha256, "bytes": self.bytes}

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> LargeBody:
        """From the recording. Raises what damaged JSON raises."""
        return cls(str(entry["sha256"]), int(entry["bytes"]))


Aside = dict[str, bytes]
"""Large bodies of one recording, by the names of their files; equal ones are one file."""

Take = Callable[[LargeBody], bytes]
"""Gives a large body back."""


def put_aside(content: bytes, aside: Aside) -> LargeBody:
    """Have a large body lie beside the recording; returns what the recording says of it."""
    body = LargeBody(sha256(content).hexdigest(), len(content))
    aside[body.name] = content
    return body


@contextmanager
def beside(path: Path, aside: Aside) -> Iterator[None]:
    """While the recording at `path` is written or taken away: its large bodies come before it.

    Those that it named before and no recording names any more are then removed. Raises OSError.
    """
    before = _named_in(path)
    for name, content in aside.items():
        _put(path.parent / name, content)
    yield
    for name, content in aside.items():  # another process may have removed what nobody named yet
        _put(path.parent / name, content)
    drop(path.parent / name for name in before - aside.keys())


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


def put_texts_aside(body: JSON, aside: Aside) -> list[JSON]:
    """Take large base64 out of a reply's JSON: an image of `b64_json`, the sound of an answer."""
    files: list[JSON] = []
    for at, holder, key in list(_texts(body)):
        content = _bytes_of(holder[key])
        if content is not None:
            kept = put_aside(content, aside)
            holder[key] = f"sha256:{kept.sha256}"
            files.append({"at": at, **kept.written()})
    return files


def _texts(value: JSON) -> Iterator[tuple[list[JSON], Any, Any]]:
    """The long texts in a JSON value: the way there, what holds it, and under which key."""
    left: list[tuple[list[JSON], JSON]] = [([], value)]
    while left:
        way, holder = left.pop()
        items = holder.items() if isinstance(holder, dict) else enumerate(holder)
        for key, item in items:
            if isinstance(item, dict | list):
                left.append(([*way, key], item))
            elif isinstance(item, str) and len(item) * 3 // 4 >= LARGE:
                yield [*way, key], holder, key


def _bytes_of(text: str) -> bytes | None:
    """What a text is base64 of; None where writing it again would not give the same text."""
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return content if base64.b64encode(content).decode() == text else None


def put_back(body: JSON, at: list[Any], content: bytes) -> None:
    """Put it in again, by the way there. Raises ValueError where the reply has no such place."""
    *way, key = at
    holder: Any = body
    try:
        for each in way:
            holder = holder[each]
        holder[key] = base64.b64encode(content).decode()
    except LookupError:
        raise ValueError(f"the reply has no {at}") from None


def _changed(content: bytes) -> str:
    if content.startswith(LFS_POINTER):
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
