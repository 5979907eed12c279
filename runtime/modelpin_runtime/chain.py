"""Asking one model after another until one answers: fallbacks across versions and providers."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypeVar

from modelpin_runtime.breaker import Breaker, BreakerSettings, States
from modelpin_runtime.errors import log
from modelpin_runtime.failures import Failure, failure_of
from modelpin_runtime.forking import renewed_after_fork

T = TypeVar("T")
OnBreak = Literal["restart", "raise"]


@dataclass(frozen=True)
class Target:
    """One model of a chain."""

    id: str
    provider: str | None
    """As models.yml says or the id tells; None where neither does."""
    role: Literal["pin", "canary", "fallback"]
    name: str
    """The logical name that was asked for."""


@dataclass(frozen=True)
class Attempt:
    """One model that was tried or passed over."""

    target: Target
    error: BaseException | None
    """None where it was passed over."""
    why: str
    """`overloaded`, `timeout`, `connection`, `retired`, `server`, or `circuit open`."""


@dataclass(frozen=True)
class Answered(Generic[T]):
    """What a chain came to."""

    value: T
    target: Target
    """Who answered."""
    attempts: tuple[Attempt, ...] = ()
    """Those before it that did not."""


@dataclass(frozen=True)
class Restarted:
    """Stands in a stream where one model broke off and the next begins from the start.

    Whoever shows the stream drops what came before it.
    """

    target: Target
    """Who answers from here on."""
    attempts: tuple[Attempt, ...]


class ChainExhaustedError(Exception):
    """No model of a chain could answer; `attempts` holds each with its error."""

    def __init__(self, name: str, attempts: Sequence[Attempt]) -> None:
        tried = "; ".join(f"{each.target.id}: {each.why}{_said(each.error)}" for each in attempts)
        super().__init__(f"No model of {name!r} answered. {tried or 'Its chain is empty.'}")
        self.name = name
        self.attempts = tuple(attempts)


class RetryOn(Protocol):
    """Which errors pass on to the next model; None for those that are the caller's."""

    def __call__(self, error: BaseException, /) -> Failure | None:
        """What the error says of the model."""


@dataclass(eq=False)
class Breakers:
    """The breakers of a process, one a model id; with `states`, of all that share them."""

    settings: BreakerSettings = field(default_factory=BreakerSettings)
    states: States | None = None
    _by_id: dict[str, Breaker] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        renewed_after_fork(self)

    def after_fork(self) -> None:
        """In a child: who held the lock is not here."""
        self._lock = threading.Lock()

    def __getitem__(self, id: str) -> Breaker:
        with self._lock:
            if id not in self._by_id:
                self._by_id[id] = Breaker(self.settings, states=self.states, id=id)
            return self._by_id[id]


class Walk:
    """One walk along a chain: which target is next, and the four ways of asking it."""

    def __init__(
        self,
        name: str,
        targets: Sequence[Target],
        breakers: Breakers,
        retry_on: RetryOn | None = None,
    ):
        self.name = name
        self.attempts: list[Attempt] = []
        self.must_end = False
        """Whether no other may take up what fails from now on."""
        self._targets = targets
        self._tried: Target
        self._breakers = breakers
        self._retry_on = retry_on or failure_of

    def __iter__(self) -> Iterator[Target]:
        passed_over = []
        for target in self._targets:
            if self._breakers[target.id].admits():
                self._tried = target
                yield target
            else:
                passed_over.append(target)
                self.attempts.append(Attempt(target, None, "circuit open"))
        # Every model is down or left alone: better the least bad than an error unasked.
        if passed_over and not any(each.error for each in self.attempts):
            self._tried = passed_over[0]
            yield passed_over[0]

    def answered(self) -> tuple[Attempt, ...]:
        """The last one did; gives those that did not."""
        self._breakers[self._tried.id].succeeded()
        if self.attempts:
            answered, first = self._tried.id, self._targets[0].id
            log().warning("%s answered by %s instead of %s", self.name, answered, first)
        return tuple(self.attempts)

    def __enter__(self) -> None:
        """The last one is asked in the block."""

    def __exit__(self, _: object, error: BaseException | None, traceback: object) -> bool:
        """Whether it failed in such a way that it is the next one's turn."""
        if error is None:
            return False
        breaker = self._breakers[self._tried.id]
        # Where the caller gave up, or made a mistake, that says nothing of the model.
        failure = self._retry_on(error) if isinstance(error, Exception) else None
        if failure is None:
            breaker.left_alone()
            return False
        breaker.failed(failure.retry_after)
        self.attempts.append(Attempt(self._tried, error, failure.cause))
        return not self.must_end

    def exhausted(self) -> ChainExhaustedError:
        """The error where none could answer."""
        made = ChainExhaustedError(self.name, self.attempts)
        made.__cause__ = next((each.error for each in self.attempts if each.error), None)
        return made

    def call(self, fn: Callable[[str, str | None], T]) -> Answered[T]:
        """`fn(id, provider)` for one target after another until one returns.

        Raises ChainExhaustedError where none could answer, and at once whatever `retry_on` calls
        the caller's own.
        """
        for target in self:
            with self:
                value = fn(target.id, target.provider)
                return Answered(value, target, self.answered())
        raise self.exhausted()

    async def call_async(self, fn: Callable[[str, str | None], Awaitable[T]]) -> Answered[T]:
        """As `call`, for a coroutine function."""
        for target in self:
            with self:
                value = await fn(target.id, target.provider)
                return Answered(value, target, self.answered())
        raise self.exhausted()

    def stream(
        self, fn: Callable[[str, str | None], Iterator[T]], on_break: OnBreak = "raise"
    ) -> Iterator[T | Restarted]:
        """The chunks of the first target that streams to its end.

        A target that fails before its first chunk is like a failed call. One that breaks off later
        raises its error, or with `restart` the next one begins anew behind a `Restarted`.
        """
        begun = False
        for target in self:
            with self:
                if begun:
                    yield Restarted(target, tuple(self.attempts))
                for chunk in fn(target.id, target.provider):
                    begun, self.must_end = True, on_break == "raise"
                    yield chunk
                self.answered()
                return
        raise self.exhausted()

    async def stream_async(
        self, fn: Callable[[str, str | None], AsyncIterator[T]], on_break: OnBreak = "raise"
    ) -> AsyncIterator[T | Restarted]:
        """As `stream`, for asynchronous iterators."""
        begun = False
        for target in self:
            with self:
                if begun:
                    yield Restarted(target, tuple(self.attempts))
                async for chunk in fn(target.id, target.provider):
                    begun, self.must_end = True, on_break == "raise"
                    yield chunk
                self.answered()
                return
        raise self.exhausted()


def decorator(
    call: Callable[[Callable[[str, str | None], Any]], Any],
    acall: Callable[[Callable[[str, str | None], Awaitable[Any]]], Awaitable[Any]],
) -> Callable[[Callable[..., Any]], Any]:
    """For `fn(id, provider, …)`: called without the two, it goes through `call` or `acall`."""

    def decorate(fn: Callable[..., Any]) -> Any:
        if inspect.iscoroutinefunction(fn):

            @functools.wraps(fn)
            async def asked(*arguments: Any, **named: Any) -> Any:
                async def one(id: str, provider: str | None) -> Any:
                    return await fn(id, provider, *arguments, **named)

                return await acall(one)

            return asked

        @functools.wraps(fn)
        def once(*arguments: Any, **named: Any) -> Any:
            return call(lambda id, provider: fn(id, provider, *arguments, **named))

        return once

    return decorate


def _said(error: Any) -> str:
    first = str(error).strip().splitlines()[:1] if error else []
    return f" ({first[0][:200]})" if first else ""
