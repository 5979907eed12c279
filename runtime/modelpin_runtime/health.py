"""The small file in which `pytest-modelpin health` says how each model does right now."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

State = Literal["ok", "degraded", "down"]
FRESH_SECONDS = 900.0
"""A status older than this says nothing, unless the file names another time."""

AHEAD_SECONDS = 300.0
"""A clock may be ahead of this one by so much. A status from further ahead was written by one that
jumped, and would hold for as long as the jump was."""
_CHECK_SECONDS = 1.0  # between two looks at whether it changed


class HealthFile:
    """Reads the file again where it changed; an absent, stale or broken one says nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._next = 0.0
        self._stamp: tuple[int, int] | None = None
        self._states: Mapping[str, State] = {}
        self._from = self._until = 0.0

    def state(self, id: str) -> State:
        """How a model does; `ok` where nothing fresh is known."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _CHECK_SECONDS
            self._refresh()
        fresh = self._from <= time.time() < self._until
        return self._states.get(id, "ok") if fresh else "ok"

    def _refresh(self) -> None:
        try:
            found = self.path.stat()
            stamp = found.st_mtime_ns, found.st_size
            if stamp == self._stamp:
                return
            data = json.loads(self.path.read_text("utf-8"))
            states = data["models"]
            made, fresh = float(data["at"]), float(data.get("fresh_seconds", FRESH_SECONDS))
            self._from = made - AHEAD_SECONDS
            self._states = {
                str(id): state
                for id, state in states.items()
                if state in ("ok", "degraded", "down")
            }
            self._until = made + fresh
            self._stamp = stamp
        except (
            OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError
        ):  # fmt: skip
            self._states, self._stamp = {}, None
