"""Where a live request's reply comes from: fetched ahead, or fetched now at the providers' pace."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from types import ModuleType
from typing import Any, NoReturn

from pytest_modelpin.live.lookahead import LookAhead
from pytest_modelpin.live.overload import TOO_MUCH
from pytest_modelpin.live.prefetch import PrefetchedReply
from pytest_modelpin.live.send_observer import NotSent, SendObserver, fetch, fetch_async
from pytest_modelpin.live.throttle import BudgetSpent, Throttle
from pytest_modelpin.recordings.capture import Trouble
from pytest_modelpin.recordings.open_capture import OpenCapture, RequestKey
from pytest_modelpin.recordings.outgoing import Outgoing
from pytest_modelpin.recordings.replay import streamed

_TRIES = 10
"""Of a request that is refused while others are sent ahead: it is not its test's fault."""


class Dispatch:
    """Sends live requests, or hands over what was fetched ahead for them."""

    def __init__(self, throttle: Throttle, ahead: LookAhead | None) -> None:
        self.throttle = throttle
        self.ahead = ahead

    def close(self) -> list[str]:
        """Send nothing ahead any more; returns what the run's reader must know of live requests."""
        self.throttle.close()
        if self.ahead is None:
            return self.throttle.budget.notes()
        self.ahead.close()
        return [*self.throttle.budget.notes(), *self.ahead.notes()]

    def send(
        self,
        send: Callable[[Any], Any],
        request: Any,
        library: ModuleType,
        outgoing: Outgoing,
        capture: OpenCapture,
        request_key: RequestKey,
        transport: Any,
    ) -> Any:
        """The reply to a synchronous client's request. Raises what the client raises."""
        prefetch = (
            self.ahead.find(capture.owner, request_key, outgoing, request) if self.ahead else None
        )
        if prefetch and self.ahead and (fetched := self.ahead.wait(prefetch)):
            give = partial(_handed, fetched, library, False)
            return fetch(
                give,
                request,
                library,
                outgoing,
                capture,
                request_key,
                SendObserver(fetched.seconds),
            )
        observer = self._observer(capture, outgoing, request, transport, library)

        def patiently(request: Any) -> Any:
            for tries_left in reversed(range(_TRIES)):
                observer.permit = self._enter(outgoing, capture, request_key)
                response = send(request)
                if not tries_left or not self._is_our_fault(response):
                    break
                response.close()
                observer.turned_away(response)
            return response

        return fetch(patiently, request, library, outgoing, capture, request_key, observer)

    async def send_async(
        self,
        send: Callable[[Any], Awaitable[Any]],
        request: Any,
        library: ModuleType,
        outgoing: Outgoing,
        capture: OpenCapture,
        request_key: RequestKey,
        transport: Any,
    ) -> Any:
        """As `send`, for asynchronous clients: whatever waits does so in a thread."""
        from anyio.to_thread import run_sync

        prefetch = (
            self.ahead.find(capture.owner, request_key, outgoing, request) if self.ahead else None
        )
        if prefetch and self.ahead:
            fetched = await run_sync(self.ahead.wait, prefetch, abandon_on_cancel=True)
            if fetched:

                async def give(request: Any) -> Any:
                    return _handed(fetched, library, True, request)

                observer = SendObserver(fetched.seconds)
                return await fetch_async(
                    give, request, library, outgoing, capture, request_key, observer
                )
        observer = self._observer(capture, outgoing, request, transport, library)

        async def patiently(request: Any) -> Any:
            for tries_left in reversed(range(_TRIES)):
                observer.permit = await run_sync(self._enter, outgoing, capture, request_key)
                response = await send(request)
                if not tries_left or not self._is_our_fault(response):
                    break
                await response.aclose()
                observer.turned_away(response)
            return response

        return await fetch_async(
            patiently, request, library, outgoing, capture, request_key, observer
        )

    def _observer(
        self,
        capture: OpenCapture,
        outgoing: Outgoing,
        request: Any,
        transport: Any,
        library: ModuleType,
    ) -> SendObserver:
        if self.ahead is None or outgoing.record != "all":
            return SendObserver()
        return SendObserver(
            lesson=self.ahead.lesson(capture.owner, outgoing, request, transport, library)
        )

    def _enter(self, outgoing: Outgoing, capture: OpenCapture, request_key: RequestKey) -> Any:
        try:
            return self.throttle.enter(outgoing.asked)
        except BudgetSpent as spent:
            _refuse(str(spent), outgoing, capture, request_key)

    def _is_our_fault(self, response: Any) -> bool:
        return self.ahead is not None and self.ahead.is_sending and response.status_code in TOO_MUCH


def _refuse(
    message: str, outgoing: Outgoing, capture: OpenCapture, request_key: RequestKey
) -> NoReturn:
    import pytest

    capture.fail(request_key, Trouble(outgoing.name, "not sent:", message))
    raise NotSent(pytest.fail.Exception(f"{outgoing.name}: {message}", pytrace=False))


def _handed(fetched: PrefetchedReply, library: Any, is_async: bool, request: Any) -> Any:
    return library.Response(
        fetched.status,
        headers=fetched.headers,
        stream=streamed(library, fetched.chunks, is_async=is_async),
        extensions=fetched.extensions,
    )
