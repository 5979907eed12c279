"""What children tell the process that runs the tests: a file, a line for each alarm.

Files are handled by functions taken at import: a test may have replaced them by a fake file system.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile

from pytest_modelpin.intercept.unseen.alarm import Alarm

_open, _write, _read, _close, _unlink = os.open, os.write, os.read, os.close, os.unlink
_fstat, _lseek = os.fstat, os.lseek
_mkstemp = tempfile.mkstemp


class Mailbox:
    """Made before the first fork, so that children inherit the open file.

    One that is started anew opens it by its path.
    """

    def __init__(self, path: str | None = None) -> None:
        if path is None:
            made, path = _mkstemp(prefix="modelpin-", suffix=".unseen")
            _close(made)
        self.path = path
        try:
            self._file = _open(path, os.O_RDWR | os.O_APPEND)
        except FileNotFoundError:  # the tests are over, and nobody reads it any more
            self._file = _open(os.devnull, os.O_RDWR)
        self._read_to = 0

    def put(self, alarm: Alarm) -> None:
        """From a child: one write, which other children's don't mix with."""
        _write(self._file, (json.dumps(alarm._asdict()) + "\n").encode())

    def take(self) -> list[Alarm]:
        """What came since the last time."""
        size = _fstat(self._file).st_size
        if size <= self._read_to:
            return []
        _lseek(self._file, self._read_to, os.SEEK_SET)
        lines = _read(self._file, size - self._read_to).decode().splitlines()
        self._read_to = size
        return [Alarm(**json.loads(line)) for line in lines]

    def close(self) -> None:
        """The session is over."""
        _close(self._file)
        with contextlib.suppress(OSError):  # gone with its folder, or open in a child on Windows
            _unlink(self.path)
