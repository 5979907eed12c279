"""Following a live request's reply on its way to the client, and onto the capture."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pytest_modelpin.clock import perf_counter
from pytest_modelpin.intercept.failing import failure
from pytest_modelpin.intercept.no_answer import (
    is_refusal_in_stream,
    why_no_answer,
    why_of_another_kind,
    why_unfinished,
)
from pytest_modelpin.live.deadline import Alarm, Watch
from pytest_modelpin.live.decoding import REPLY_BYTES, decoded
from pytest_modelpin.live.rate_limits import overloaded
from pytest_modelpin.live.throttle import Permit
from pytest_modelpin.providers import bare
from pytest_modelpin.providers.body import is_stream
from pytest_modelpin.providers.reply import Reply
from pytest_modelpin.recordings.capture import Heard, Trouble
from pytest_modelpin.recordings.exchange import Exchange, Response
from pytest_modelpin.recordings.open_capture import OpenCapture, RequestKey
from pytest_modelpin.recordings.outgoing import Outgoing
from pytest_modelpin.recordings.recording_file import settled
from pytest_modelpin.recordings.redacted_content import redact_content
from pytest_modelpin.redaction.redact import kept_headers, redact, redact_url

_REFUSED = frozenset({401, 402, 403, 404, 405, 407, 410, 421, 425, 426, 451, 499})
"""Statuses with which no model has its say: its provider, a proxy or a gateway does."""
_LONGEST_MESSAGE = 300  # characters

_KEPT_HEADERS = frozenset(
    {"location", "openai-processing-ms", "request-id", "retry-after", "x-request-id"}
)
"""What code under test may read of any provider's reply, beside what the provider itself lists."""
_KEPT_PREFIXES = ("x-ratelimit-", "anthropic-ratelimit-")


class ReplyTooLong(Exception):
    """A reply is longer than REPLY_BYTES."""


@dataclass(frozen=True, slots=True)
class LiveRequest:
    """A request that goes live: what is asked, who asks it, and which of its asker's it is."""

    outgoing: Outgoing
    content: bytes = field(repr=False)
    """Its body, as the client gave it."""
    capture: OpenCapture
    key: RequestKey

    def trouble(self, what: str, message: str) -> Trouble:
        """What kept an answer from it, in one line without secrets."""
        text = redact(message, self.outgoing.secrets)
        return Trouble(self.outgoing.name, what, " ".join(text.split())[:_LONGEST_MESSAGE])

    def fail(self, what: str, message: str) -> None:
        """Note on the capture that no answer will come."""
        self.capture.fail(self.key, self.trouble(what, message))

    def failure(self, message: str) -> BaseException:
        """What to raise where its test must not go on without an answer."""
        return failure(f"{self.outgoing.name}: {message}", self.capture)


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
        self._call_off()
        self._longest = seconds
        self._alarm = Watch.shared().after(seconds, abort)

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """The reply's head is here, and its body will be read."""
        self._status = status
        self._headers = headers
        self._overloaded = overloaded(self.live.outgoing.provider, status, headers)
        self._arrived(status, headers)
        self.live.capture.under_way(self.live.key, lambda: self.end(exhausted=False))
        if self._overloaded:
            # Now, not at the end: an SDK tries again without reading the reply.
            self.live.fail(str(status), "")

    def turned_away(self, status: int, headers: Mapping[str, str]) -> None:
        """The request was refused and will be sent again."""
        self._arrived(status, headers)
        self._over(None)

    def withdraw(self) -> None:
        """A mock answered: as far as models go, nothing was asked."""
        self._over(None)
        self.live.capture.withdraw(self.live.key)
        self.live.capture.answered_by_mock("a mock of the HTTP connection")

    # What the tee tells

    def chunk(self, data: bytes) -> None:
        """The next bytes. Raises ReplyTooLong."""
        self._size += len(data)
        if self._size > REPLY_BYTES:
            raise ReplyTooLong
        self._chunks.append(data)

    def broke(self, error: BaseException) -> BaseException:
        """No reply came, or not the whole of it; returns what the client is to hear."""
        late = self._alarm is not None and self._alarm.rang
        self._over(None)
        if late:
            what = "timeout:"
            message = f"no whole reply within {self._longest:g} s (--model-timeout)"
        elif isinstance(error, ReplyTooLong):
            what = "too long:"
            message = f"the reply is longer than {REPLY_BYTES // 2**20} MB and was broken off"
        else:
            if self._take_end() and not self._overloaded:
                self.live.fail(type(error).__name__, str(error))
            return error
        if self._take_end():
            self.live.fail(what, message)
        return self.live.failure(message)

    def end(self, *, exhausted: bool) -> None:
        """The client has read all, or stopped reading. Raises where its time was up before."""
        if self._alarm is not None and self._alarm.rang and exhausted:
            # Without a length in its head, a reply that is shut looks like one that ended.
            raise self.broke(EOFError()) from None
        if self._take_end():
            took = perf_counter() - self._started if self.seconds is None else self.seconds
            self._hear(took, exhausted)

    def _take_end(self) -> bool:
        with self._lock:
            done, self._done = self._done, True
            return not done

    def _arrived(self, status: int, headers: Mapping[str, str]) -> None:
        if self.permit:
            self.permit.arrived(status, headers)
        if self.lesson and status < 400:
            self.lesson(headers)

    def _over(self, reply: Reply | None) -> None:
        self._call_off()
        if self.permit:
            self.permit.over(reply)

    def _call_off(self) -> None:
        if self._alarm is not None:
            self._alarm.off()

    # What becomes of the reply

    def _hear(self, took: float, exhausted: bool) -> None:
        outgoing, status = self.live.outgoing, self._status
        content = decoded(self._headers, self._chunks, REPLY_BYTES)
        reply = outgoing.provider.read(outgoing.path, outgoing.body, status, self._headers, content)
        embedding = self._embedding(content)
        self._over(embedding or reply)
        if self._overloaded:
            if self._chunks:
                message = reply.error or content.decode(errors="replace")
                self.live.capture.amend(self.live.key, self.live.trouble(str(status), message))
            return
        content_type = self._headers.get("content-type", "")
        streamed = is_stream(content_type)
        side = outgoing.kind == "side"
        if side:
            reply = embedding or Reply(status=status, provider=reply.provider)
        if status < 400 and reply.error is not None and not is_refusal_in_stream(content):
            # Providers report overload inside a stream that began well.
            self.live.fail("error in stream", reply.error)
            return
        if not exhausted and not streamed:
            self.live.fail("broken off", "the reply was not read")
            return
        if not side and (why := why_no_answer(status, content_type, content)):
            self.live.fail("no answer:", why)
            return
        answers = outgoing.kind == "answer" and exhausted
        if answers and (why := why_of_another_kind(reply, content_type, content)):
            self.live.fail("no answer:", why)
            return
        heard = self._heard(content, reply, took, complete=reply.complete or not streamed)
        refused = self._refusal(reply, content)
        if refused is None and answers and (why := why_unfinished(reply)):
            refused = self.live.trouble("no answer:", why)
        self.live.capture.hear(self.live.key, heard, refused)

    def _embedding(self, content: bytes) -> Reply | None:
        """What a reply with vectors says of who made it; None of any other, and of a model that
        models.yml does not name.
        """
        outgoing = self.live.outgoing
        if outgoing.selected is None or outgoing.kind != "side" or self._status >= 400:
            return None
        found = outgoing.provider.embeddings(outgoing.path, outgoing.body, content)
        if found is None:
            return None
        name = outgoing.provider.name
        return Reply(usage=found.usage, served_model=found.served_model, provider=name)

    def _refusal(self, reply: Reply, content: bytes) -> Trouble | None:
        """Why a test that fails on this reply is lost; it is recorded for one that expects it."""
        if 300 <= self._status < 400:
            where = redact_url(self._headers.get("location", ""), self.live.outgoing.secrets)
            return self.live.trouble(str(self._status), f"redirected to {where or 'nowhere'}")
        if self._status in _REFUSED:
            message = reply.error or content.decode("utf-8", "replace")
            return self.live.trouble(str(self._status), message)
        return None

    def _heard(self, content: bytes, reply: Reply, took: float, *, complete: bool) -> Heard:
        outgoing = self.live.outgoing
        exchange = settled(
            Exchange(
                request=outgoing.request,
                response=Response(
                    status=self._status,
                    headers=self._kept_headers(),
                    content=redact_content(content, outgoing.secrets),
                    complete=complete,
                ),
                asked=outgoing.asked,
                served=reply.served_model,
                seconds=took,
                sample=self.live.capture.sample,
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
            # As `Outgoing.is_side_reply`, of a reply that is read already.
            side=outgoing.kind == "side" or (outgoing.kind == "pending" and not reply.complete),
        )

    def _kept_headers(self) -> dict[str, str]:
        secrets = self.live.outgoing.secrets
        limits = {name for name in map(str.lower, self._headers) if name.startswith(_KEPT_PREFIXES)}
        allowed = self.live.outgoing.provider.kept_headers | _KEPT_HEADERS | limits
        kept = kept_headers(self._headers, allowed, secrets)
        if "location" in kept:
            kept["location"] = redact_url(self._headers["location"], secrets)
        return kept


def version_of(outgoing: Outgoing, served: str | None) -> tuple[str, str | None]:
    """The version whose folder takes a reply, and who answered where a pin has another's answer.

    A pin keeps its own folder; any other id leads to the version that the wire names, unless that
    is a pin: recording an alias must not replace the answers that plain `pytest` replays.
    """
    if served is None:
        return outgoing.asked, None
    version = outgoing.provider.as_id(outgoing.asked, served)
    if version == bare(outgoing.asked) or version == outgoing.asked:
        return outgoing.asked, None
    if outgoing.pinned:
        return outgoing.asked, version
    return (outgoing.asked if version in outgoing.pins else version), None
