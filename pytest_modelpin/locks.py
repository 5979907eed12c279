"""Locks that the operating system gives up when their holder dies, however it died."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_AGAIN = 0.05  # seconds between two tries for a lock, at most

if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    # Windows locks bytes, not files, and a locked byte can't be read: lock one far past the end.
    _FAR = 2**31 - 2

    def _acquire(descriptor: int) -> None:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _release(descriptor: int) -> None:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _acquire(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _release(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextmanager
def locked(descriptor: int, *, patience: float = 60.0) -> Iterator[None]:
    """An open file's lock. Raises OSError where another process has it for `patience` seconds,
    as one does that is stopped in a debugger.
    """
    if not _tried(descriptor, time.monotonic() + patience):
        raise TimeoutError(errno.ETIMEDOUT, f"another process holds it for {patience:g} s already")
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
    pause = 0.001
    while True:
        try:
            _acquire(descriptor)
        except OSError:
            if time.monotonic() >= until:
                return False
            time.sleep(pause)
            pause = min(2 * pause, _AGAIN)
        else:
            return True
