"""Where a live request's reply comes from: fetched ahead, or fetched now at the providers' pace."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from types import ModuleType
from typing import Any, NoReturn

from pytest_modelpin.recording.flight import Fetched
from pytest_modelpin.recording.live import NotSent, Ride, fetch, fetch_async
from pytest_modelpin.recording.lookahead import LookAhead
from pytest_modelpin.recording.open_tape import OpenTape, Place
from pytest_modelpin.recording.outgoing import Outgoing
from pytest_modelpin.recording.overload import TOO_MUCH
from pytest_modelpin.recording.replay import streamed
from pytest_modelpin.recording.tape import Trouble
from pytest_modelpin.recording.traffic import BudgetSpent, Traffic

_TRIES = 10
"""Of a request that is refused while others are sent ahead: it is not its test's fault."""


class Dispatch:
    """Sends live requests, or hands over what was fetched ahead for them."""

    def __init__(self, traffic: Traffic, ahead: LookAhead | None) -> None:
        self.traffic = traffic
        self.ahead = ahead

    def close(self) -> list[str]:
        """Send nothing ahead any more; returns what the run's reader must know of live requests."""
        self.traffic.close()
        if self.ahead is None:
            return self.traffic.budget.notes()
        self.ahead.close()
        return [*self.traffic.budget.notes(), *self.ahead.notes()]

    def send(
        self,
        send: Callable[[Any], Any],
        request: Any,
        library: ModuleType,
        outgoing: Outgoing,
        tape: OpenTape,
        place: Place,
        transport: Any,
    ) -> Any:
        """The reply to a synchronous client's request. Raises what the client raises."""
        flight = self.ahead.find(tape.owner, place, outgoing, request) if self.ahead else None
        if flight and self.ahead and (fetched := self.ahead.wait(flight)):
            give = partial(_handed, fetched, library, False)
            return fetch(give, request, library, outgoing, tape, place, Ride(fetched.seconds))
        ride = self._ride(tape, outgoing, request, transport, library)

        def patiently(request: Any) -> Any:
            for tries_left in reversed(range(_TRIES)):
                ride.passage = self._enter(outgoing, tape, place)
                response = send(request)
                if not tries_left or not self._is_our_fault(response):
                    break
                response.close()
                ride.turned_away(response)
            return response

        return fetch(patiently, request, library, outgoing, tape, place, ride)

    async def send_async(
        self,
        send: Callable[[Any], Awaitable[Any]],
        request: Any,
        library: ModuleType,
        outgoing: Outgoing,
        tape: OpenTape,
        place: Place,
        transport: Any,
    ) -> Any:
        """As `send`, for asynchronous clients: whatever waits does so in a thread."""
        from anyio.to_thread import run_sync

        flight = self.ahead.find(tape.owner, place, outgoing, request) if self.ahead else None
        if flight and self.ahead:
            fetched = await run_sync(self.ahead.wait, flight, abandon_on_cancel=True)
            if fetched:

                async def give(request: Any) -> Any:
                    return _handed(fetched, library, True, request)

                ride = Ride(fetched.seconds)
                return await fetch_async(give, request, library, outgoing, tape, place, ride)
        ride = self._ride(tape, outgoing, request, transport, library)

        async def patiently(request: Any) -> Any:
            for tries_left in reversed(range(_TRIES)):
                ride.passage = await run_sync(self._enter, outgoing, tape, place)
                response = await send(request)
                if not tries_left or not self._is_our_fault(response):
                    break
                await response.aclose()
                ride.turned_away(response)
            return response

        return await fetch_async(patiently, request, library, outgoing, tape, place, ride)

    def _ride(
        self, tape: OpenTape, outgoing: Outgoing, request: Any, transport: Any, library: ModuleType
    ) -> Ride:
        if self.ahead is None or outgoing.record != "all":
            return Ride()
        return Ride(lesson=self.ahead.lesson(tape.owner, outgoing, request, transport, library))

    def _enter(self, outgoing: Outgoing, tape: OpenTape, place: Place) -> Any:
        try:
            return self.traffic.enter(outgoing.asked)
        except BudgetSpent as spent:
            _refuse(str(spent), outgoing, tape, place)

    def _is_our_fault(self, response: Any) -> bool:
        return self.ahead is not None and self.ahead.is_sending and response.status_code in TOO_MUCH


def _refuse(message: str, outgoing: Outgoing, tape: OpenTape, place: Place) -> NoReturn:
    import pytest

    tape.fail(place, Trouble(outgoing.name, "not sent:", message))
    raise NotSent(pytest.fail.Exception(f"{outgoing.name}: {message}", pytrace=False))


def _handed(fetched: Fetched, library: Any, is_async: bool, request: Any) -> Any:
    return library.Response(
        fetched.status,
        headers=fetched.headers,
        stream=streamed(library, fetched.chunks, is_async=is_async),
        extensions=fetched.extensions,
    )
