"""A live reply at its end: whether it is an answer, and what is noted and recorded of it.

A reply may look well by its status and hold no answer, and a stream may hold a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_modelpin.intercept.failing import failure
from pytest_modelpin.intercept.refusals_in_streams import is_refusal_in_stream
from pytest_modelpin.providers import bare
from pytest_modelpin.providers.streams import AWS_CONTENT_TYPE
from pytest_modelpin.providers.wire import Reply, is_stream
from pytest_modelpin.recordings.capture import (
    CapturedCall,
    Cause,
    OpenCapture,
    RequestKey,
    Trouble,
)
from pytest_modelpin.recordings.exchange import NOT_AWAITED, Exchange, Response
from pytest_modelpin.recordings.outgoing import Outgoing
from pytest_modelpin.recordings.reply_content import redact_reply, settled
from pytest_modelpin.redaction.redact import redact, redact_url

_REFUSED = frozenset({401, 402, 403, 404, 405, 407, 410, 421, 425, 426, 451, 499})
"""Statuses with which no model has its say: its provider, a proxy or a gateway does."""
_OF_AN_ACCOUNT = re.compile(
    r"credit balance is too low|billing hard limit|billing (?:is )?not (?:active|enabled)"
    r"|exceeded your current quota|insufficient[_ ](?:quota|balance|credits?)",
    re.IGNORECASE,
)
"""What providers say with a 400 where an account's money is gone, and so no model had its say."""
_LONGEST_MESSAGE = 300  # characters

_KEPT_HEADERS = frozenset(
    {"deprecation", "location", "openai-model", "openai-processing-ms", "openai-version",
     "request-id", "retry-after", "sunset", "x-request-id", "x-should-retry"}
)  # fmt: skip
"""What code under test may read of any provider's reply, beside what the provider itself lists."""
_KEPT_PREFIXES = ("x-ratelimit-", "anthropic-ratelimit-", "x-litellm-")
"""Limits, and what LiteLLM's proxy says of its answer: its cost, its deployment."""
_OF_A_KEY = "x-litellm-key"
"""What that proxy says of whoever asks: budget and spend of a key."""

_PAGE = (b"<!doctype", b"<html")
_DOCUMENT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:[\[{]|(?:data|event|id|retry)?:)")
"""How JSON and a stream of events begin."""
_BINARY = (AWS_CONTENT_TYPE, "application/octet-stream")


_HIT = re.compile(r"(?<![a-z])hit(?![a-z])", re.IGNORECASE)
"""As a word: `HIT`, `SEMANTIC HIT`, `TCP_HIT`, `Hit from cloudfront`, `gateway; hit; ttl=60`."""
_OF_A_PROMPT = ("prompt", "prefix", "token", "kv-")
"""In names of headers on what a provider keeps of a prompt, for which a model answers all the same.
"""
_LONGEST_HEADER = 60  # characters: it is shown
_ONLY_OF_A_HIT = "x-litellm-cache-key"
"""LiteLLM's proxy gives it with what its cache answers, and with nothing else."""

_OF_A_KEY_REFUSED = re.compile(r"Illegal header value|[Aa][Pp][Ii][ _-]?[Kk]ey")
"""An empty key makes a header that no client sends; some refuse a wrong one with a 400."""


def _cause(what: str, said: str) -> Cause:
    """Whether a refusal is of the key or of the model's name; any other is the provider's own.

    `what` is its status, or the class of the exception.
    """
    if what in ("401", "403") or _OF_A_KEY_REFUSED.search(said):
        return "key"
    return "model" if what == "404" else "provider"


@dataclass(frozen=True, slots=True)
class LiveRequest:
    """A request that goes live: what is asked, who asks it, and which of its asker's it is."""

    outgoing: Outgoing
    content: bytes = field(repr=False)
    """Its body, as the client gave it."""
    capture: OpenCapture
    key: RequestKey
    since: float
    """When its sample first asked live, by `clock.monotonic`."""

    def trouble(
        self, what: str, message: str, *, given_up: bool = False, cause: Cause | None = None
    ) -> Trouble:
        """What kept an answer from it, in one line without secrets; the cause, where none is given,
        by what the provider said.
        """
        text = " ".join(redact(message, self.outgoing.secrets).split())
        told = cause or _cause(what, text)
        return Trouble(self.outgoing.name, what, text[:_LONGEST_MESSAGE], given_up, told)

    def fail(
        self, what: str, message: str, *, given_up: bool = False, cause: Cause | None = None
    ) -> None:
        """Note on the capture that no answer will come."""
        self.capture.fail(self.key, self.trouble(what, message, given_up=given_up, cause=cause))

    def give_up(self, trouble: Trouble) -> None:
        """Note that nobody waited for the answer; recorded, so that a replay waits no longer."""
        outgoing = self.outgoing
        exchange = Exchange(
            outgoing.request, NOT_AWAITED, outgoing.asked, sample=self.capture.sample
        )
        call = CapturedCall(
            name=outgoing.name,
            exchange=exchange,
            fresh=True,
            fingerprint=outgoing.fingerprint,
            version=outgoing.asked,
            record=outgoing.record,
            side=True,
        )
        self.capture.add(self.key, call, trouble)

    def failure(self, message: str) -> BaseException:
        """What to raise where its test must not go on without an answer."""
        return failure(f"{self.outgoing.name}: {message}", self.capture)


@dataclass(frozen=True, slots=True)
class LiveReply:
    """A reply that ended, decoded."""

    live: LiveRequest
    status: int
    headers: Mapping[str, str]
    content: bytes
    reply: Reply
    """What it says, as the provider reads it."""
    embedding: Reply | None
    """What a reply with vectors says of who made it; None of any other, and of a model that
    models.yml does not name."""

    @classmethod
    def read(
        cls, live: LiveRequest, status: int, headers: Mapping[str, str], content: bytes
    ) -> LiveReply:
        """By the provider that was asked."""
        outgoing = live.outgoing
        provider = outgoing.provider
        reply = provider.read(outgoing.path, outgoing.body, status, headers, content)
        embedding = None
        if outgoing.selected is not None and outgoing.kind == "side" and status < 400:
            found = provider.embeddings(outgoing.path, outgoing.body, content)
            if found is not None:
                embedding = Reply(
                    usage=found.usage, served_model=found.served_model, provider=provider.name
                )
        return cls(live, status, headers, content, reply, embedding)

    @property
    def streamed(self) -> bool:
        """Whether it came piece by piece."""
        return is_stream(self.headers.get("content-type", ""))

    def note(self, took: float, *, exhausted: bool, left: Trouble | None = None) -> None:
        """Put it on the capture: heard, or what it lacks of an answer.

        `left`: it is a stream that its client left, as this says, before it had ended.
        """
        outgoing, status, reply = self.live.outgoing, self.status, self.reply
        content_type = self.headers.get("content-type", "")
        side = outgoing.kind == "side"
        if side:
            reply = self.embedding or Reply(status=status, provider=reply.provider)
        if status < 400 and reply.error is not None and not is_refusal_in_stream(self.content):
            # Providers report overload inside a stream that began well.
            self.live.fail("error in stream", reply.error)
            return
        if not exhausted and not self.streamed:
            self.live.fail("broken off", "the reply was not read", given_up=True)
            return
        waits = outgoing.kind == "pending" and status == 202  # with nothing in it, at xAI
        if not (side or waits) and (why := why_no_answer(status, content_type, self.content)):
            self.live.fail("no answer:", why)
            return
        answers = outgoing.kind == "answer" and exhausted
        if answers and (why := why_of_another_kind(reply, content_type, self.content)):
            self.live.fail("no answer:", why)
            return
        refused = left or self._refusal(reply)
        if refused is None and answers and (why := why_unfinished(reply)):
            refused = self.live.trouble("no answer:", why)
        call = self._call(reply, took, complete=reply.complete or not self.streamed)
        self.live.capture.add(self.live.key, call, refused)

    def note_overload(self) -> None:
        """Say on the capture in the provider's words that it had no time; nothing is recorded."""
        message = self.reply.error or self.content.decode(errors="replace")
        self.live.capture.amend(self.live.key, self.live.trouble(str(self.status), message))

    def _refusal(self, reply: Reply) -> Trouble | None:
        """Why a test that fails on this reply is lost; it is recorded for one that expects it."""
        if 300 <= self.status < 400:
            where = redact_url(self.headers.get("location", ""), self.live.outgoing.secrets)
            return self.live.trouble(str(self.status), f"redirected to {where or 'nowhere'}")
        if self.status != 400 and self.status not in _REFUSED:
            return None
        message = reply.error or self.content.decode("utf-8", "replace")
        if self.status == 400 and not _OF_AN_ACCOUNT.search(message):
            return None
        return self.live.trouble(str(self.status), message)

    def _call(self, reply: Reply, took: float, *, complete: bool) -> CapturedCall:
        outgoing, kept, served = self.live.outgoing, self._kept_headers(), reply.served_model
        if any(secret in (served or "") for secret in outgoing.secrets):
            served = None  # it would name folders, nights and commits
        cached = from_cache(self.headers)
        version, answered_by = version_of(outgoing, served)
        headers, content = redact_reply(self.headers, kept, self.content, outgoing.secrets)
        exchange = Exchange(
            request=outgoing.request,
            response=settled(Response(self.status, headers, content, complete)),
            asked=outgoing.asked,
            served=served,
            seconds=round(took, 3),
            sample=self.live.capture.sample,
        )
        return CapturedCall(
            name=outgoing.name,
            exchange=exchange,
            fresh=True,
            fingerprint=outgoing.fingerprint,
            version=version,
            answered_by=answered_by,
            record=outgoing.record,
            # As `Outgoing.is_side_reply`, of a reply that is read already.
            side=outgoing.kind == "side" or (outgoing.kind == "pending" and not reply.complete),
            cached=cached,
        )

    def _kept_headers(self) -> frozenset[str]:
        """Names in lower case."""
        limits = {
            name
            for name in map(str.lower, self.headers)
            if name.startswith(_KEPT_PREFIXES) and not name.startswith(_OF_A_KEY)
        }
        return self.live.outgoing.provider.kept_headers | _KEPT_HEADERS | limits


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


def why_no_answer(status: int, content_type: str, content: bytes) -> str | None:
    """What came in an answer's place, as words after a colon; None where it may be an answer.

    Only a success can lack its answer: an error's page is what the provider had to say.
    """
    if not 200 <= status < 300:
        return None
    if not content.strip():
        return f"status {status} with nothing in it"
    kind = content_type.partition(";")[0].strip().lower()
    if kind in _BINARY:
        return None
    if kind == "text/html" or content.lstrip()[:9].lower().startswith(_PAGE):
        return f"status {status} with an HTML page, as a proxy or a portal sends it"
    try:
        content.decode()
    except UnicodeDecodeError:
        return f"status {status} with bytes that are no text (not UTF-8)"
    return None


def why_unfinished(reply: Reply) -> str | None:
    """What a success that was read to its end lacks of an answer; None where it is one.

    A document that is cut off or garbled holds nothing, as does one of another kind altogether. A
    stream that is cut off between its provider and here (a gateway's timeout) may end well by
    HTTP's lights; that it was not whole is told by its own last event, which is missing.
    """
    if not 200 <= reply.status < 300:
        return None
    if not (reply.text or reply.tools or reply.refusal or reply.finish_reason or reply.error):
        return "a success without a text, a tool call or a reason why it ended"
    return None if reply.complete or reply.error else "a stream that ended before its answer"


def why_of_another_kind(reply: Reply, content_type: str, content: bytes) -> str | None:
    """What a success without an answer holds that is nothing which models answer in.

    A gateway's "OK", a store's error in XML, `null`: nobody can have asked for it. A document that
    holds no answer may be what a test expects.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if why_unfinished(reply) is None or kind in _BINARY or _DOCUMENT.match(content):
        return None
    return f"status {reply.status} with neither a JSON document nor a stream of events"


def from_cache(headers: Mapping[str, str]) -> str:
    """The name of the header by which a gateway's cache says that it answered; else nothing.

    What it keeps came over the network, and no model was asked for it: an answer of another day,
    perhaps of another version, is no candidate's of tonight. Headers of Cloudflare
    (`cf-aig-cache-status`), Helicone, Portkey, LiteLLM, and of HTTP caches (RFC 9211
    `cache-status`, `x-cache`).
    """
    for name, value in headers.items():
        known = name.lower()
        if known == _ONLY_OF_A_HIT:
            return known
        if "cache" not in known or any(part in known for part in _OF_A_PROMPT):
            continue
        if _HIT.search(value) or (known.endswith("hit") and value.strip().lower() in ("true", "1")):
            return known[:_LONGEST_HEADER]
    return ""
