"""A recognised request on its way out: which model it asks, what counts of it, and what must not
be written of those that went by.
"""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Literal

from pytest_modelpin.providers.provider import Provider
from pytest_modelpin.providers.reply import JSON
from pytest_modelpin.recordings import cookies
from pytest_modelpin.recordings.exchange import Request
from pytest_modelpin.recordings.matching import counted, fingerprint
from pytest_modelpin.recordings.wire import HttpRequest, RawHeaders
from pytest_modelpin.registry.selection import RecordMode, Selected

Kind = Literal["answer", "side", "pending"]

ProviderFor = Callable[[str, str, JSON], Provider | None]
"""Whose request this is, by method, URL and body; None where it asks no model."""


@dataclass(frozen=True)
class Outgoing:
    """One request to a model, the selected id already in it.

    What is derived of it is found when it is asked for: a replay that is told by the request as
    it stands needs neither its secrets nor its redacted form.
    """

    provider: Provider
    name: str
    """The logical name, or the id where models.yml does not name it."""
    asked: str
    """The id that is sent."""
    pinned: bool
    """Whether `asked` is a pin, whose recordings lie in a folder of its own name."""
    record: RecordMode
    selected: Selected | None
    """None where models.yml does not name the model."""
    method: str
    url: str
    path: str
    body: JSON
    """URL, its path, and body as sent, secrets and all."""
    headers: RawHeaders
    """As the client sends them."""
    swapped: bool
    """Whether another id than the test's own was put in."""
    ignore_fields: Sequence[str] = ()
    """Dotted paths in the body that don't tell two requests apart."""
    kind: Kind = "answer"
    """What its reply is: a model's answer, a side call's, or an answer that may be pending."""
    pins: frozenset[str] = frozenset()
    """Every pin of models.yml: into its folder only its own answers are recorded."""

    def is_side_reply(self, status: int, headers: Mapping[str, str], content: bytes) -> bool:
        """Whether a reply to this request is no answer of a model."""
        if self.kind != "pending":
            return self.kind == "side"
        reply = self.provider.read(self.path, self.body, status, headers, content)
        return not reply.complete

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """What must not be written of this request and its reply."""
        from pytest_modelpin.redaction.secret_values import environment_secrets, request_secrets

        always = environment_secrets()
        own = request_secrets(self.url, self.headers, self.provider.secret_headers)
        return (*own, *always)

    @cached_property
    def request(self) -> Request:
        """As recordings hold it: redacted."""
        from pytest_modelpin.redaction.redact import redact_request

        return Request(self.method, *redact_request(self.url, self.body, self.secrets))

    @cached_property
    def as_sent(self) -> Request:
        """Secrets and all."""
        return Request(self.method, self.url, self.body)

    @cached_property
    def fingerprint(self) -> str:
        """What the request is recorded under."""
        return fingerprint(self.provider, self.request, self.ignore_fields)

    @cached_property
    def fingerprint_as_sent(self) -> str:
        """The same as `fingerprint` where the request holds no secret, and far sooner found."""
        return fingerprint(self.provider, self.as_sent, self.ignore_fields)

    def is_asked_by(self, recorded: Request) -> bool:
        """Whether a recorded request is this one but for what was taken out of it."""
        from pytest_modelpin.recordings.redacted_content import stands_for

        if recorded.method != self.method:
            return False
        path, body = counted(self.provider, recorded, self.ignore_fields)
        own_path, own = counted(self.provider, self.as_sent, self.ignore_fields)
        return stands_for(path, own_path) and stands_for(body, own)


def sent_instead(outgoing: Outgoing) -> HttpRequest | None:
    """The request with the selected id in it; None where the client's own has it already."""
    if not outgoing.swapped:
        return None
    content = json.dumps(outgoing.body).encode()
    headers = [
        (name, str(len(content)).encode() if name.lower() == b"content-length" else value)
        for name, value in outgoing.headers
        if name.lower() != b"transfer-encoding"
    ]
    return HttpRequest(outgoing.method, outgoing.url, headers, content)


_Noted = tuple[str, RawHeaders, Collection[str]]

_MOST_NOTED = 200
"""Requests that are kept to be looked into later."""
_MOST_RECENT = 8
"""Requests of which also that is known what no other carries."""
_SIGNATURE = re.compile(rb"\bSignature=[^,\s]+")


class KnownSecrets:
    """A request is only noted when it goes by; what it carries is looked into when one writes.

    Of what is replayed, or asks no model, the last few are enough: no recording comes of it. Of
    what a model is asked live nothing is forgotten but what goes with one request: a cookie that
    the provider sets anew with each reply, AWS's signature. Kept, they would make every look for
    secrets slower than the one before.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._passing: deque[_Noted] = deque(maxlen=_MOST_NOTED)
        self._sent: list[_Noted] = []
        self._found: dict[str, None] = {}
        self._recent: deque[tuple[str, ...]] = deque(maxlen=_MOST_RECENT)

    def pass_by(self, url: str, headers: RawHeaders) -> None:
        """A request goes by, whomever it asks."""
        self._passing.append((url, headers, ()))

    def go_out(self, outgoing: Outgoing) -> None:
        """A model is asked."""
        noted = (outgoing.url, outgoing.headers, outgoing.provider.secret_headers)
        if outgoing.record == "none":
            self._passing.append(noted)
            return
        with self._lock:
            self._sent.append(noted)
            full = len(self._sent) >= _MOST_NOTED
        if full:
            self._look_into()

    def values(self) -> tuple[str, ...]:
        """All that must not be written now, in all spellings, the longest first."""
        from pytest_modelpin.redaction.secret_values import environment_secrets

        self._look_into()
        found = {*environment_secrets(), *self._found, *chain.from_iterable(self._recent)}
        return tuple(sorted(found, key=lambda each: (-len(each), each)))

    def _look_into(self) -> None:
        from pytest_modelpin.redaction.secret_values import request_secrets

        with self._lock:
            noted = [*self._sent, *self._passing]
            self._sent.clear()
            self._passing.clear()
            for url, headers, secret_headers in noted:
                lasting = [(name, _lasting(name, value)) for name, value in headers]
                found = request_secrets(url, lasting, secret_headers)
                self._found.update(dict.fromkeys(found))
                if lasting != [*headers]:
                    self._recent.append(request_secrets(url, headers, secret_headers))


def _lasting(name: bytes, value: bytes) -> bytes:
    """What of a header other requests carry, too."""
    lower = name.lower()
    if lower == b"cookie":
        return cookies.without(value, cookies.KNOWN)
    return _SIGNATURE.sub(b"", value) if lower == b"authorization" else value
