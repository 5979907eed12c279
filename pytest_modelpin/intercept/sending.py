"""Sending a live request: where its reply comes from, and following it on its way to the client.

It is fetched ahead, or fetched now at the providers' pace.
"""

from __future__ import annotations

import threading
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
)
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NoReturn

from pytest_modelpin.clock import monotonic, perf_counter
from pytest_modelpin.errors import ModelpinError
from pytest_modelpin.intercept.door import (
    Deliver,
    Discard,
    Flow,
    Give,
    HttpReply,
    Send,
    Step,
    Wait,
    Way,
)
from pytest_modelpin.intercept.live_reply import LiveReply, LiveRequest
from pytest_modelpin.intercept.model_call_failed import note_unreached
from pytest_modelpin.live.lookahead import LookAhead
from pytest_modelpin.live.pace import TOO_MUCH, NotSent, overloaded
from pytest_modelpin.live.reply_limits import (
    REPLY_BYTES,
    TEST_REPLIES,
    Alarm,
    DeadlinePassed,
    Watch,
    decoded,
)
from pytest_modelpin.live.throttle import Permit, Throttle
from pytest_modelpin.providers.wire import is_stream
from pytest_modelpin.recordings.capture import Cause, Trouble
from pytest_modelpin.recordings.exchange import HttpRequest
from pytest_modelpin.recordings.outgoing import is_signed, only_a_stand_in, sent_instead

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
        if not capture.is_shared:  # what a fixture leaves running belongs to nobody's test
            ended = "the test ended before its reply came"
            capture.under_way(
                live.key, lambda: live.give_up(live.trouble("broken off", ended, given_up=True))
            )
        request = yield from _to_send(live)
        until = live.since + self._seconds * TEST_REPLIES
        if given := (yield from self._fetched_ahead(door, live, request, until)):
            return given
        observer = SendObserver(live)
        if self.ahead and outgoing.record == "all" and outgoing.kind == "answer":
            observer.lesson = self.ahead.lesson(capture, outgoing, request, door.sender)
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
        except NotSent as spent:
            _refuse("not sent:", str(spent), live, spent.cause)
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

    def _fetched_ahead(
        self, door: Way, live: LiveRequest, request: HttpRequest, until: float
    ) -> Generator[Step, Any, Give | None]:
        """The reply that was fetched ahead; None where none was, or it came too late.

        `until` is when the test's replies may take no longer, by the monotonic clock.
        """
        owner = live.capture.owner
        if not self.ahead or not (
            prefetch := self.ahead.find(owner, live.key, live.outgoing, request)
        ):
            return None
        waiting = partial(self.ahead.wait, prefetch, min(self._seconds, until - monotonic()))
        try:
            fetched = yield Wait(waiting)
        except BaseException:
            prefetch.settled.set()  # frees the thread that waits for a cancelled task
            raise
        # What came later than the client waits for is asked anew, for it to give up by itself.
        if fetched is None or fetched.stored.head_seconds > door.patience():
            return None
        observer = SendObserver(live, seconds=fetched.seconds)
        observer.begin(fetched.stored.status, fetched.headers)
        return Give(fetched.stored, observer)

    def _is_our_fault(self, reply: HttpReply) -> bool:
        return reply.status in TOO_MUCH and self.ahead is not None and self.ahead.is_sending


class ReplyTooLong(Exception):
    """A reply is longer than REPLY_BYTES."""


@dataclass(slots=True)
class SendObserver:
    """Collects the bytes of one reply and puts it on the capture once it ended."""

    live: LiveRequest
    seconds: float | None = None
    """How long it took, where it was fetched ahead."""
    permit: Permit | None = None
    lesson: Callable[[Mapping[str, str]], None] | None = None
    """To be called with the reply's headers once the provider answers well."""
    _started: float = field(default_factory=perf_counter)
    _chunks: list[bytes] = field(default_factory=list)
    _size: int = 0
    _status: int = 0
    _headers: Mapping[str, str] = field(default_factory=dict)
    _overloaded: bool = False
    """Whether the provider had no time for the request, by the reply's head."""
    _done: bool = False
    _alarm: Alarm | None = None
    _longest: float = 0.0
    # A reply may be closed by another thread than the one that reads it.
    _lock: threading.Lock = field(default_factory=threading.Lock)

    # What the flow tells

    def limit_to(self, seconds: float, abort: Callable[[], None]) -> None:
        """From now on the whole reply may take so long; then `abort` is called."""
        if self._alarm is not None:
            self._alarm.off()
        self._longest = seconds
        self._alarm = Watch.shared().after(seconds, abort)

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """The reply's head is here, and its body will be read."""
        self._status = status
        self._headers = headers
        self._arrived(status, headers)
        self._overloaded = overloaded(self.live.outgoing.provider, status, headers)
        answers = status < 400 and self.live.outgoing.kind == "answer"
        self.live.capture.under_way(
            self.live.key, lambda: self.end(exhausted=False), answers=answers
        )
        if self._overloaded:
            # Now, not at the end: an SDK tries again without reading the reply.
            self.live.fail(str(status), "")

    def turned_away(self, status: int, headers: Mapping[str, str]) -> None:
        """The request was refused and will be sent again."""
        self._arrived(status, headers)
        self._over()

    def withdraw(self) -> None:
        """A mock answered: as far as models go, nothing was asked."""
        self._over()
        self.live.capture.withdraw(self.live.key)

    # The reply's way to the client

    def follow(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """As `Listener.follow`."""
        try:
            for chunk in chunks:
                self.chunk(chunk)
                yield chunk
        except GeneratorExit:
            raise
        except BaseException as error:
            self._raise_instead(error)
        self.end(exhausted=True)

    async def follow_async(self, chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        """As `follow`, for asynchronous streams."""
        source = aiter(chunks)
        try:
            async for chunk in source:
                self.chunk(chunk)
                yield chunk
        except GeneratorExit:
            raise
        except BaseException as error:
            self._raise_instead(error)
        finally:
            # Left to the garbage collector, it would be closed in no task of the test's.
            if isinstance(source, AsyncGenerator):
                await source.aclose()
        self.end(exhausted=True)

    def chunk(self, data: bytes) -> None:
        """The next bytes. Raises ReplyTooLong."""
        self._size += len(data)
        if self._size > REPLY_BYTES:
            raise ReplyTooLong
        self._chunks.append(data)

    def broke(self, error: BaseException) -> BaseException:
        """No reply came, or not the whole of it; returns what the client is to hear."""
        late = self._alarm is not None and self._alarm.rang
        left: Trouble | None = None
        if not (late or isinstance(error, Exception)):  # the client's task was cancelled
            left = self.live.trouble(type(error).__name__, str(error), given_up=True)
            if self._chunks and is_stream(self._headers.get("content-type", "")):
                self.end(exhausted=False, left=left)
                return error
        self._over()
        if late:
            what = "timeout:"
            message = f"no whole reply within {self._longest:g} s (--model-timeout)"
        elif isinstance(error, ReplyTooLong):
            what = "too long:"
            message = f"the reply is longer than {REPLY_BYTES // 2**20} MB and was broken off"
        else:
            if self._take_end() and not self._overloaded:
                if left:
                    self.live.give_up(left)
                else:
                    self.live.fail(type(error).__name__, str(error))
            asked = self.live.outgoing
            note_unreached(error, asked.name, asked.url, asked.provider)
            return error
        if self._take_end():
            self.live.fail(what, message)
        return self.live.failure(message)

    def end(self, *, exhausted: bool, left: Trouble | None = None) -> None:
        """The client has read all, or stopped reading; `left` where it was cancelled meanwhile.

        Raises where its time was up before.
        """
        if self._alarm is not None and self._alarm.rang and exhausted:
            # Without a length in its head, a reply that is shut looks like one that ended.
            raise self.broke(EOFError()) from None
        if not self._take_end():
            return
        took = perf_counter() - self._started if self.seconds is None else self.seconds
        if self._alarm is not None:
            self._alarm.off()
        content = decoded(self._headers, self._chunks, REPLY_BYTES)
        heard = LiveReply.read(self.live, self._status, self._headers, content)
        if self.permit:
            self.permit.over(heard.embedding or heard.reply)
        if not self._overloaded:
            heard.note(took, exhausted=exhausted, left=left)
        elif self._chunks:
            heard.note_overload()

    def _raise_instead(self, error: BaseException) -> NoReturn:
        """Raise what the client is to hear of a failed connection."""
        heard = self.broke(error)
        if heard is error:
            raise error
        raise heard from None

    def _take_end(self) -> bool:
        with self._lock:
            done, self._done = self._done, True
            return not done

    def _arrived(self, status: int, headers: Mapping[str, str]) -> None:
        if self.permit:
            self.permit.arrived(status, headers)
        if self.lesson and status < 400:
            self.lesson(headers)

    def _over(self) -> None:
        """No answer comes of the present try."""
        if self._alarm is not None:
            self._alarm.off()
        if self.permit:
            self.permit.over(None)


def _to_send(live: LiveRequest) -> Generator[Step, Any, HttpRequest]:
    """The request with the selected version's id, signed anew where its signature covers that.

    Raises what fails the test where there is no key to send it with.
    """
    outgoing = live.outgoing
    try:
        swapped = sent_instead(outgoing)
        if swapped is not None and is_signed(swapped):
            from pytest_modelpin.intercept.botocore_hook import signed_anew

            swapped = yield Wait(partial(signed_anew, swapped))
    except ModelpinError as error:
        _refuse("not sent:", str(error), live)
    if no_key := only_a_stand_in(outgoing):
        _refuse("not sent:", no_key, live, "key")
    return swapped or HttpRequest(outgoing.method, outgoing.url, outgoing.headers, live.content)


def _refuse(what: str, message: str, live: LiveRequest, cause: Cause | None = None) -> NoReturn:
    live.fail(what, message, cause=cause)
    raise live.failure(message) from None
