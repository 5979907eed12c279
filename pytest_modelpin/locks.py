"""Locks that the operating system gives up when their holder dies, however it died."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_AGAIN = 0.05  # seconds between two tries for a lock

if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    # Windows locks bytes, not files, and a locked byte can't be read: lock one far past the end.
    _FAR = 2**31 - 2

    def _acquire(descriptor: int, *, wait: bool) -> None:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)

    def _release(descriptor: int) -> None:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _acquire(descriptor: int, *, wait: bool) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _release(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextmanager
def locked(descriptor: int) -> Iterator[None]:
    """An open file's lock, waited for."""
    _acquire(descriptor, wait=True)
    try:
        yield
    finally:
        _release(descriptor)


@contextmanager
def lock_file(path: Path, *, patience: float = 0.0) -> Iterator[int | None]:
    """The lock of the file at `path`, which is made; gives its descriptor, None where it is taken.

    `patience` is how many seconds to try. A process that inherits the descriptor holds the lock
    too, until it ends. Raises OSError where the file can't be made.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        held = _tried(descriptor, time.monotonic() + patience)
        try:
            yield descriptor if held else None
        finally:
            if held:
                with suppress(OSError):
                    _release(descriptor)
    finally:
        os.close(descriptor)


def _tried(descriptor: int, until: float) -> bool:
    while True:
        try:
            _acquire(descriptor, wait=False)
        except OSError:
            if time.monotonic() >= until:
                return False
            time.sleep(_AGAIN)
        else:
            return True
