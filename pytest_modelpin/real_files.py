"""The real file system, where a test has put a fake one, or mocks, in its place.

A test may patch `open`, `Path.open`, `os.stat` and the like around its question. What is looked at
while a test runs is looked at by functions that were taken when this was imported.
"""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

_open, _stat, _access = io.open, os.stat, os.access


def read_bytes(path: Path, most: int = -1) -> bytes:
    """A file's content, or its first bytes. Raises OSError."""
    with _open(path, "rb", buffering=0) as file:  # a buffer would only be in the way
        return file.read(most)


def status(path: Path) -> os.stat_result:
    """What the system knows of a file. Raises OSError."""
    return _stat(path)


def is_file(path: Path) -> bool:
    """Whether there is a file."""
    return stat.S_ISREG(_mode(path))


def is_dir(path: Path) -> bool:
    """Whether there is a folder."""
    return stat.S_ISDIR(_mode(path))


def exists(path: Path) -> bool:
    """Whether there is anything."""
    return _mode(path) != 0


def is_writable(path: Path) -> bool:
    """Whether this process may write to it."""
    return _access(path, os.W_OK)


def _mode(path: Path) -> int:
    try:
        return _stat(path).st_mode
    except (OSError, ValueError):
        return 0


_AS_THEY_ARE = nullcontext()


def real_files() -> AbstractContextManager[None]:
    """Files in a block of this are real ones: pyfakefs, if it is at work, pauses.

    It replaces the functions that open files in every module, ours too, so that a recording would
    be looked for among the test's made-up files.
    """
    pyfakefs = sys.modules.get("pyfakefs.fake_filesystem_unittest")
    patcher = pyfakefs.Patcher.PATCHER if pyfakefs is not None else None
    if patcher is None or getattr(patcher, "_paused", False):
        return _AS_THEY_ARE
    return _paused(patcher)


@contextmanager
def _paused(patcher: Any) -> Iterator[None]:
    patcher.pause()
    try:
        yield
    finally:
        patcher.resume()
