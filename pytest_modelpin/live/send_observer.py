"""Following a live request's reply on its way to the client, and onto the capture."""

from __future__ import annotations

import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from pytest_modelpin.live.decoding import decoded
from pytest_modelpin.live.overload import overloaded
from pytest_modelpin.live.tee import teed
from pytest_modelpin.live.throttle import Permit
from pytest_modelpin.providers import bare
from pytest_modelpin.providers.reply import Reply
from pytest_modelpin.recordings.capture import Heard, Trouble
from pytest_modelpin.recordings.exchange import Exchange, Response
from pytest_modelpin.recordings.open_capture import OpenCapture, RequestKey
from pytest_modelpin.recordings.outgoing import Outgoing
from pytest_modelpin.recordings.recording_file import settled
from pytest_modelpin.recordings.redacted_content import redact_content
from pytest_modelpin.recordings.redaction import kept_headers, redact

_REFUSED = frozenset({401, 402, 403, 404})
_LONGEST_MESSAGE = 300  # characters


class NotSent(Exception):
    """A request was held back; `failure` is what its test is to hear."""

    def __init__(self, failure: BaseException) -> None:
        super().__init__(str(failure))
        self.failure = failure


@dataclass(slots=True)
class SendObserver:
    """What else is to be told of a reply on its way."""

    seconds: float | None = None
    """How long it took, where it was fetched ahead."""
    permit: Permit | None = None
    lesson: Callable[[], None] | None = None
    """To be called once the provider answers well."""

    def begun(self, response: Any) -> None:
        """The reply's headers are here."""
        if self.permit:
            self.permit.arrived(response.status_code, response.headers)
        if self.lesson and response.status_code < 400:
            self.lesson()

    def over(self, reply: Reply | None) -> None:
        """The reply ended, or none came."""
        if self.permit:
            self.permit.over(reply)

    def turned_away(self, response: Any) -> None:
        """The request was refused and will be sent again."""
        self.begun(response)
        self.over(None)


def fetch(
    send: Callable[[Any], Any],
    request: Any,
    library: ModuleType,
    outgoing: Outgoing,
    capture: OpenCapture,
    request_key: RequestKey,
    observer: SendObserver,
) -> Any:
    """Send a request and follow its reply onto the capture.

    Raises what the client raises; the `failure` of a NotSent, which has told the capture itself.
    """
    listener = _Reply(library, outgoing, capture, request_key, observer)
    try:
        response = send(request)
    except NotSent as refusal:
        raise refusal.failure from None
    except BaseException as error:
        listener.broke(error)
        raise
    listener.begin(response)
    response.stream = teed(response.stream, library, listener, is_async=False)
    return response


async def fetch_async(
    send: Callable[[Any], Awaitable[Any]],
    request: Any,
    library: ModuleType,
    outgoing: Outgoing,
    capture: OpenCapture,
    request_key: RequestKey,
    observer: SendObserver,
) -> Any:
    """As `fetch`, for asynchronous clients."""
    listener = _Reply(library, outgoing, capture, request_key, observer)
    try:
        response = await send(request)
    except NotSent as refusal:
        raise refusal.failure from None
    except BaseException as error:
        listener.broke(error)
        raise
    listener.begin(response)
    response.stream = teed(response.stream, library, listener, is_async=True)
    return response


class _Reply:
    """Collects the bytes of one reply and puts it on the capture once it ended."""

    def __init__(
        self,
        library: Any,
        outgoing: Outgoing,
        capture: OpenCapture,
        request_key: RequestKey,
        observer: SendObserver,
    ) -> None:
        self._library = library
        self._outgoing = outgoing
        self._capture = capture
        self._request_key = request_key
        self._observer = observer
        self._started = time.perf_counter()
        self._chunks: list[bytes] = []
        self._status = 0
        self._headers: Any = None
        self._done = False
        # A reply may be closed by another thread than the one that reads it.
        self._lock = threading.Lock()

    def begin(self, response: Any) -> None:
        self._status = response.status_code
        self._headers = response.headers
        self._observer.begun(response)
        self._capture.under_way(self._request_key, lambda: self.end(exhausted=False))
        if self._overloaded():
            # Now, not at the end: an SDK tries again without reading the reply.
            self._capture.fail(self._request_key, self._trouble(str(self._status), ""))

    def chunk(self, data: bytes) -> None:
        self._chunks.append(data)

    def broke(self, error: BaseException) -> None:
        self._observer.over(None)
        if self._take_end() and not self._overloaded():
            self._capture.fail(self._request_key, self._trouble(type(error).__name__, str(error)))

    def end(self, *, exhausted: bool) -> None:
        if self._take_end():
            seconds = self._observer.seconds
            self._hear(
                time.perf_counter() - self._started if seconds is None else seconds, exhausted
            )

    def _take_end(self) -> bool:
        with self._lock:
            done, self._done = self._done, True
            return not done

    def _hear(self, seconds: float, exhausted: bool) -> None:
        outgoing = self._outgoing
        content = decoded(self._library, self._headers, self._chunks)
        reply = outgoing.provider.read(
            outgoing.path, outgoing.body, self._status, self._headers, content
        )
        self._observer.over(reply)
        if self._overloaded():
            if self._chunks:
                message = reply.error or content.decode(errors="replace")
                self._capture.amend(self._request_key, self._trouble(str(self._status), message))
            return
        if self._status < 400 and reply.error is not None:
            # Providers report overload inside a stream that began well.
            self._capture.fail(self._request_key, self._trouble("error in stream", reply.error))
            return
        streamed = self._headers.get("content-type", "").startswith("text/event-stream")
        if not exhausted and not streamed:
            self._capture.fail(
                self._request_key, self._trouble("broken off", "the reply was not read")
            )
            return
        heard = self._heard(content, reply, seconds, complete=reply.complete or not streamed)
        refused = None
        if self._status in _REFUSED:
            refused = self._trouble(
                str(self._status), reply.error or content.decode("utf-8", "replace")
            )
        self._capture.hear(self._request_key, heard, refused)

    def _heard(self, content: bytes, reply: Reply, seconds: float, *, complete: bool) -> Heard:
        outgoing = self._outgoing
        exchange = settled(
            Exchange(
                request=outgoing.request,
                response=Response(
                    status=self._status,
                    headers=kept_headers(
                        self._headers, outgoing.provider.kept_headers, outgoing.secrets
                    ),
                    content=redact_content(content, outgoing.secrets),
                    complete=complete,
                ),
                asked=outgoing.asked,
                served=reply.served_model,
                seconds=seconds,
                sample=self._capture.sample,
            )
        )
        version, answered_by = version_of(outgoing, reply.served_model)
        return Heard(
            name=outgoing.name,
            exchange=exchange,
            fresh=True,
            fingerprint=outgoing.fingerprint,
            version=version,
            answered_by=answered_by,
            record=outgoing.record,
        )

    def _overloaded(self) -> bool:
        return self._status > 0 and overloaded(self._outgoing.provider, self._status, self._headers)

    def _trouble(self, what: str, message: str) -> Trouble:
        text = redact(message, self._outgoing.secrets)
        return Trouble(self._outgoing.name, what, " ".join(text.split())[:_LONGEST_MESSAGE])


def version_of(outgoing: Outgoing, served: str | None) -> tuple[str, str | None]:
    """The version whose folder takes a reply, and who answered where a pin has another's answer.

    A pin keeps its own folder; any other id leads to the version that the wire names, unless that
    is a pin: recording an alias must not replace the answers that plain `pytest` replays.
    """
    if served is None or bare(served) == bare(outgoing.asked):
        return outgoing.asked, None
    if outgoing.pinned:
        return outgoing.asked, bare(served)
    return (outgoing.asked if bare(served) in outgoing.pins else bare(served)), None
