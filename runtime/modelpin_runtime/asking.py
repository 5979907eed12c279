"""Asking the models of a chain in turn: the part of LivePins that calls what the program gives it.

What a call needs is loaded by the first one, not by `load`.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

    from modelpin_runtime.breaker import BreakerSettings, States
    from modelpin_runtime.chain import (
        Answered,
        Breakers,
        OnBreak,
        Restarted,
        RetryOn,
        Target,
        Walk,
    )

T = TypeVar("T")


class Asking:
    """Calls along a chain, with a breaker for each model: of this process, or in `breakers`."""

    def __init__(
        self, breaker: BreakerSettings | None = None, breakers: Path | None = None
    ) -> None:
        self._breaker_settings = breaker
        self._breakers_folder = breakers
        self._breakers_made: Breakers | None = None
        self._breakers_lock = threading.Lock()

    def after_fork(self) -> None:
        """In a child: who held the lock is not here."""
        self._breakers_lock = threading.Lock()

    def chain(self, name: str, key: str | None = None) -> tuple[Target, ...]:
        """Whom to ask, in order."""
        raise NotImplementedError

    @property
    def _breakers(self) -> Breakers:
        if self._breakers_made is None:
            from modelpin_runtime.breaker import BreakerSettings
            from modelpin_runtime.chain import Breakers

            with self._breakers_lock:
                if self._breakers_made is None:
                    settings = self._breaker_settings or BreakerSettings()
                    self._breakers_made = Breakers(settings, self._states())
        return self._breakers_made

    def _states(self) -> States | None:
        if self._breakers_folder is None:
            return None
        from modelpin_runtime.shared_states import SharedStates

        return SharedStates(self._breakers_folder)

    def _walk(self, name: str, key: str | None, retry_on: RetryOn | None) -> Walk:
        from modelpin_runtime.chain import Walk

        return Walk(name, self.chain(name, key), self._breakers, retry_on)

    def call(
        self,
        name: str,
        fn: Callable[[str, str | None], T],
        *,
        key: str | None = None,
        retry_on: RetryOn | None = None,
    ) -> Answered[T]:
        """`fn(id, provider)` for the chain's models in turn, until one answers.

        Raises ChainExhaustedError with every attempt where none could, and at once what is the
        caller's own fault: `retry_on` tells which is which.
        """
        return self._walk(name, key, retry_on).call(fn)

    async def acall(
        self,
        name: str,
        fn: Callable[[str, str | None], Awaitable[T]],
        *,
        key: str | None = None,
        retry_on: RetryOn | None = None,
    ) -> Answered[T]:
        """As `call`, for a coroutine function."""
        return await self._walk(name, key, retry_on).call_async(fn)

    def stream(
        self,
        name: str,
        fn: Callable[[str, str | None], Iterator[T]],
        *,
        key: str | None = None,
        retry_on: RetryOn | None = None,
        on_break: OnBreak = "raise",
    ) -> Iterator[T | Restarted]:
        """The chunks of `fn(id, provider)`; see `Walk.stream` for streams that break off."""
        return self._walk(name, key, retry_on).stream(fn, on_break)

    def astream(
        self,
        name: str,
        fn: Callable[[str, str | None], AsyncIterator[T]],
        *,
        key: str | None = None,
        retry_on: RetryOn | None = None,
        on_break: OnBreak = "raise",
    ) -> AsyncIterator[T | Restarted]:
        """As `stream`, for asynchronous iterators."""
        return self._walk(name, key, retry_on).stream_async(fn, on_break)

    def with_fallback(self, name: str, **options: Any) -> Callable[[Callable[..., T]], Any]:
        """Decorates `fn(id, provider, …)`: called without the two, it goes through the chain."""
        from functools import partial

        from modelpin_runtime.chain import decorator

        return decorator(partial(self.call, name, **options), partial(self.acall, name, **options))
