"""The real file system, where a test has put a fake one in its place."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def real_files() -> Iterator[None]:
    """Files in this block are real ones: pyfakefs, if it is at work, pauses.

    It replaces the functions that open files in every module, ours too, so that a recording would
    be looked for among the test's made-up files.
    """
    pyfakefs = sys.modules.get("pyfakefs.fake_filesystem_unittest")
    patcher = pyfakefs.Patcher.PATCHER if pyfakefs is not None else None
    if patcher is None or getattr(patcher, "_paused", False):
        yield
        return
    patcher.pause()
    try:
        yield
    finally:
        patcher.resume()
