"""A circuit breaker for each model: a dead one is asked seldom, and one request tries it again.

States as in Nygard, "Release It!" (2007): closed, open, half-open.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

_clock: Callable[[], float] = time.monotonic  # taken at import: tests may freeze the clock


@dataclass(frozen=True)
class BreakerSettings:
    """When a model counts as dead, and how long it is left alone."""

    failures: int = 2
    """Straight failures that open the breaker."""
    open_seconds: float = 15.0
    """How long it first stays open; doubled with each probe that fails."""
    longest_seconds: float = 120.0


class Breaker:
    """One model's. Safe for threads; nothing here waits."""

    def __init__(
        self, settings: BreakerSettings | None = None, clock: Callable[[], float] = _clock
    ) -> None:
        self._settings = settings or BreakerSettings()
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._opened = 0
        """How often in a row it was opened."""
        self._until = 0.0
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether requests are kept away at this moment."""
        with self._lock:
            return self._opened > 0 and (self._probing or self._clock() < self._until)

    def admits(self) -> bool:
        """Whether this request may go; of those that come when the time is over, one probes."""
        with self._lock:
            if not self._opened:
                return True
            if self._probing or self._clock() < self._until:
                return False
            self._probing = True
            return True

    def succeeded(self) -> None:
        """The model answered: all is forgotten."""
        with self._lock:
            self._failures = self._opened = 0
            self._probing = False

    def failed(self, retry_after: float | None = None) -> None:
        """The model could not answer; a provider's `retry_after` opens at once, for as long.

        Requests that were under way when it opened fail one after another: they say nothing new,
        and only a probe that fails doubles the time.
        """
        with self._lock:
            if self._opened and not self._probing:
                self._until = max(self._until, self._clock() + (retry_after or 0.0))
                return
            self._failures += 1
            self._probing = False
            if (
                not self._opened
                and self._failures < self._settings.failures
                and retry_after is None
            ):
                return
            seconds = min(
                self._settings.open_seconds * 2**self._opened, self._settings.longest_seconds
            )
            self._opened += 1
            self._until = self._clock() + max(seconds, retry_after or 0.0)

    def left_alone(self) -> None:
        """The request that was admitted came to nothing that says anything of the model."""
        with self._lock:
            self._probing = False
