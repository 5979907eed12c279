"""GitHub Actions' files of a step, guarded while foreign code runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pytest_modelpin.write_access import RUNNER_FILES


class RunnerFiles:
    """What the files held before the tests ran, and putting that back.

    The tests are not told where the files lie, but they can be found: a dependency of the suite
    could write `verdict=green` there, or a path that the next step runs programs from.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        named = {name: Path(environment[name]) for name in RUNNER_FILES if environment.get(name)}
        self._before = {name: (path, _content(path)) for name, path in sorted(named.items())}

    def put_back(self) -> tuple[str, ...]:
        """Undo what was written meanwhile; the names of the files that had been changed."""
        changed = []
        for name, (path, before) in self._before.items():
            if _content(path) != before:
                path.write_bytes(before)
                changed.append(name)
        return tuple(changed)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
