"""A circuit breaker for each model: a dead one is asked seldom, and one request tries it again.

States as in Nygard, "Release It!" (2007): closed, open, half-open.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from modelpin_runtime.forking import renewed_after_fork

_clock: Callable[[], float] = time.monotonic  # taken at import: tests may freeze the clock


@dataclass(frozen=True)
class BreakerSettings:
    """When a model counts as dead, and how long it is left alone."""

    failures: int = 2
    """Straight failures that open the breaker."""
    open_seconds: float = 15.0
    """How long it first stays open; doubled with each probe that fails."""
    longest_seconds: float = 120.0
    probe_seconds: float = 60.0
    """How long a probe is waited for; one that was killed or hangs holds up no other for longer."""


class State(NamedTuple):
    """What is known of one model; times are of the machine's monotonic clock."""

    failures: int = 0
    opened: int = 0
    """How often in a row it was opened."""
    until: float = 0.0
    """Requests are kept away until then."""
    probing_until: float = 0.0
    """One request tries it, and is waited for until then."""


CLOSED = State()
Transition = Callable[[State], State]


class States(Protocol):
    """Where states are kept, by model id: in this process, or for all of a machine."""

    def read(self, id: str) -> State:
        """What is known at present."""

    def change(self, id: str, transition: Transition) -> State:
        """Replace the state by what `transition` makes of it, as one step; gives the new one."""


class OwnStates:
    """States of this process. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[str, State] = {}
        renewed_after_fork(self)

    def after_fork(self) -> None:
        """In a child: who held the lock is not here."""
        self._lock = threading.Lock()

    def read(self, id: str) -> State:
        """What is known at present."""
        return self._states.get(id, CLOSED)

    def change(self, id: str, transition: Transition) -> State:
        """Replace the state, as one step; gives the new one."""
        with self._lock:
            self._states[id] = made = transition(self.read(id))
            return made


class Breaker:
    """One model's. Safe for threads."""

    def __init__(
        self,
        settings: BreakerSettings | None = None,
        clock: Callable[[], float] = _clock,
        states: States | None = None,
        id: str = "",
    ) -> None:
        self._settings = settings or BreakerSettings()
        self._clock = clock
        self._states = states or OwnStates()
        self._id = id

    @property
    def is_open(self) -> bool:
        """Whether requests are kept away at this moment."""
        state = self._states.read(self._id)
        return state.opened > 0 and self._clock() < max(state.until, state.probing_until)

    def admits(self) -> bool:
        """Whether this request may go; of those that come when the time is over, one probes."""
        if not self._states.read(self._id).opened:
            return True
        if self.is_open:
            return False
        probing = False

        def probe(state: State) -> State:
            nonlocal probing
            now = self._clock()
            probing = state.opened > 0 and now >= max(state.until, state.probing_until)
            if not probing:  # another was first
                return state
            return state._replace(probing_until=now + self._settings.probe_seconds)

        return not self._states.change(self._id, probe).opened or probing

    def succeeded(self) -> None:
        """The model answered: all is forgotten, unless it is to be left alone.

        Requests that were under way when it opened may still be answered: of a provider that asks
        for patience some always are.
        """
        state = self._states.read(self._id)
        if state != CLOSED and self._may_close(state):
            self._states.change(self._id, lambda state: CLOSED if self._may_close(state) else state)

    def failed(self, retry_after: float | None = None) -> None:
        """The model could not answer; a provider's `retry_after` opens at once, for as long.

        Requests that were under way when it opened fail one after another: they say nothing new,
        and only a probe that fails doubles the time.
        """
        self._states.change(self._id, lambda state: self._after_failure(state, retry_after))

    def left_alone(self) -> None:
        """The request that was admitted came to nothing that says anything of the model."""
        if self._states.read(self._id).probing_until:
            self._states.change(self._id, lambda state: state._replace(probing_until=0.0))

    def _may_close(self, state: State) -> bool:
        return not state.opened or self._clock() >= state.until

    def _after_failure(self, state: State, retry_after: float | None) -> State:
        now = self._clock()
        asked = now + (retry_after or 0.0)
        if state.opened and not state.probing_until:
            return state._replace(until=max(state.until, asked))
        failures = state.failures + 1
        if not state.opened and failures < self._settings.failures and retry_after is None:
            return State(failures)
        seconds = min(self._settings.open_seconds * 2**state.opened, self._settings.longest_seconds)
        return State(failures, state.opened + 1, max(now + seconds, asked))
