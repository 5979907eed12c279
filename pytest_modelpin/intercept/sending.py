"""Where a live request's reply comes from: fetched ahead, or fetched now at the providers' pace."""

from __future__ import annotations

from functools import partial
from typing import NoReturn

from pytest_modelpin.clock import monotonic
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.intercept.door import (
    Deliver,
    Discard,
    Flow,
    Give,
    HttpReply,
    Send,
    Wait,
    Way,
)
from pytest_modelpin.intercept.send_observer import LiveRequest, SendObserver
from pytest_modelpin.intercept.signing import is_signed, signed_anew
from pytest_modelpin.live.deadline import TEST_REPLIES, DeadlinePassed
from pytest_modelpin.live.lookahead import LookAhead
from pytest_modelpin.live.rate_limits import TOO_MUCH
from pytest_modelpin.live.throttle import BudgetSpent, Throttle
from pytest_modelpin.providers.api_keys import only_a_stand_in
from pytest_modelpin.recordings.outgoing import sent_instead
from pytest_modelpin.recordings.wire import HttpRequest

_TRIES = 10
"""Of a request that is refused while others are sent ahead: it is not its test's fault."""


class Sending:
    """Sends live requests, or hands over what was fetched ahead for them."""

    def __init__(self, throttle: Throttle, ahead: LookAhead | None, seconds: float) -> None:
        """No reply may take longer than `seconds`, and no test's replies TEST_REPLIES times it."""
        self.throttle = throttle
        self.ahead = ahead
        self._seconds = seconds

    def close(self) -> list[str]:
        """Send nothing ahead any more; returns what the run's reader must know of live requests."""
        self.throttle.close()
        if self.ahead is None:
            return self.throttle.budget.notes()
        self.ahead.close()
        return [*self.throttle.budget.notes(), *self.ahead.notes()]

    def flow(self, door: Way, live: LiveRequest) -> Flow:
        """The rest of `Interceptor.flow` for a request that goes live.

        Raises what the client raises, or what fails a test whose budget or time is used up.
        """
        outgoing, capture = live.outgoing, live.capture
        try:
            swapped = sent_instead(outgoing)
            if swapped is not None and is_signed(swapped):
                swapped = yield Wait(partial(signed_anew, swapped))
        except ModelpinError as error:
            _refuse("not sent:", str(error), live)
        request = swapped or HttpRequest(
            outgoing.method, outgoing.url, outgoing.headers, live.content
        )
        if no_key := only_a_stand_in(outgoing.provider, request.url, request.headers):
            _refuse("not sent:", no_key, live)
        until = capture.live_since() + self._seconds * TEST_REPLIES
        if self.ahead and (prefetch := self.ahead.find(capture.owner, live.key, outgoing, request)):
            waiting = partial(self.ahead.wait, prefetch, min(self._seconds, until - monotonic()))
            try:
                fetched = yield Wait(waiting)
            except BaseException:
                prefetch.settled.set()  # frees the thread that waits for a cancelled task
                raise
            if fetched is not None:
                observer = SendObserver(live, seconds=fetched.seconds)
                observer.begin(fetched.stored.status, fetched.headers)
                return Give(fetched.stored, observer)
        observer = SendObserver(live)
        if self.ahead and outgoing.record == "all" and outgoing.kind == "answer":
            observer.lesson = self.ahead.lesson(capture.owner, outgoing, request, door.sender)
        try:
            for tries_left in reversed(range(_TRIES)):
                admission = self.throttle.admission(outgoing.asked, until)
                try:
                    observer.permit = admission.at_once() or (yield Wait(admission.wait))
                except BaseException:
                    admission.abandon()  # a task that was cancelled never gets what it waited for
                    raise
                observer.limit_to(min(self._seconds, until - monotonic()), door.abort)
                reply: HttpReply = yield Send(request)
                if not reply.from_network:
                    observer.withdraw()
                    return Deliver(reply)
                if not tries_left or not self._is_our_fault(reply):
                    break
                yield Discard(reply)
                observer.turned_away(reply.status, reply.headers)
        except BudgetSpent as spent:
            _refuse("not sent:", str(spent), live)
        except DeadlinePassed:
            seconds = self._seconds * TEST_REPLIES
            message = f"the test's live calls took more than {seconds:g} s in all (--model-timeout)"
            _refuse("out of time:", message, live)
        except BaseException as error:
            heard = observer.broke(error)
            if heard is error:
                raise
            raise heard from None
        observer.begin(reply.status, reply.headers)
        return Deliver(reply, observer)

    def _is_our_fault(self, reply: HttpReply) -> bool:
        return self.ahead is not None and self.ahead.is_sending and reply.status in TOO_MUCH


def _refuse(what: str, message: str, live: LiveRequest) -> NoReturn:
    live.fail(what, message)
    raise live.failure(message) from None
