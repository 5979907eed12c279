"""A recognised request on its way out: which model it asks, when two of them are the same question
(a fingerprint without model, secrets and noise), and what must not be written of what went by.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from pytest_modelpin.providers.api_keys import PLACEHOLDER_KEY, no_key
from pytest_modelpin.providers.endpoint import at_host
from pytest_modelpin.providers.model_hosts import is_here
from pytest_modelpin.providers.provider import Provider
from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.recordings.exchange import (
    KNOWN_COOKIES,
    HttpRequest,
    RawHeaders,
    Request,
    without_cookies,
)
from pytest_modelpin.registry.selection import RecordMode, Selected

Kind = Literal["answer", "side", "pending"]


class _Recognised(NamedTuple):
    """What is known of a request to a model from the beginning."""

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


class Outgoing(_Recognised):
    """One request to a model, the selected id already in it.

    What is derived of it is found when it is asked for: a replay that is told by the request as
    it stands needs neither its secrets nor its redacted form.
    """

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

        always, secret_headers = environment_secrets(), self.provider.secret_headers
        return (*request_secrets(self.url, self.headers, secret_headers, self.body), *always)

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
        from pytest_modelpin.recordings.redacted_request import stands_for

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


def only_a_stand_in(outgoing: Outgoing) -> str | None:
    """Why a request is not sent to the provider itself: it bears the placeholder for a key.

    None where it may go; another host, such as a gateway, may want no key, and Ollama on this
    machine wants none.
    """
    provider, url = outgoing.provider, outgoing.url
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    if not at_host(provider.hosts, host) or is_here(parts.hostname or ""):
        return None
    mark = PLACEHOLDER_KEY.encode()
    if PLACEHOLDER_KEY not in url and not any(mark in value for _, value in outgoing.headers):
        return None
    return no_key(provider.name, provider.key_variables)


def is_signed(request: HttpRequest) -> bool:
    """Whether it bears AWS's signature, which covers its URL, headers and body."""
    return any(
        value.startswith(b"AWS4-")
        for name, value in request.headers
        if name.lower() == b"authorization"
    )


# When two requests are the same question

# As texts: compiled where they are first used, which most replays never do.
_NAMED_ID = (
    r'(?i)"(?:id|call_?id|tool_?call_?id|tool_?use_?id|(?:trace|span|run|session|correlation)_?id)"'
    r':"([^"\\]{8,200})"|(pyd_ai_[0-9a-f-]{32,36})'
)
"""What names a call, a message or a run in clients; pydantic-ai's, wherever it quotes them."""
_INVENTED = (
    r"(?:call|tool|toolu|tooluse|fc|msg|rs|run|adk|lc)[-_](?=\D*\d)[0-9A-Za-z_-]{8,}"
    r"|(?=\D*\d)(?=[0-9-]*[a-f])[0-9a-f-]{8,}"  # a UUID, or its beginning
)
_OF_NINE = r"(?=(?:.*?(?:[A-Za-z]\d|\d[A-Za-z]|[a-z][A-Z])){2})[0-9A-Za-z]{9}"
"""Mistral takes no other, so that clients make such of those they have."""
_DATA = ("args", "arguments", "input", "json", "response")
"""What holds a call's arguments or a tool's result as an object, as with Gemini, Ollama, Anthropic
and Bedrock. Elsewhere they are text, in which no id is looked for."""
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False)
"""What was read from JSON holds itself nowhere, and looking for it is a tenth of the work."""


def fingerprint(provider: Provider, request: Request, ignore_fields: Sequence[str] = ()) -> str:
    """A hash that two requests share where they ask the same of whichever model.

    Method, path and body count; the model, the provider's volatile fields and `ignore_fields`
    (dotted paths, as in `metadata.trace`; a list is passed through) don't, nor do headers, host
    and, except for a GET's, the query. `request` is redacted, as recordings hold it.
    """
    path, body = counted(provider, request, ignore_fields)
    text = canonical_but_ids(body)
    return hashlib.sha256(f"{request.method} {path}\n{text}".encode()).hexdigest()


def counted(
    provider: Provider, request: Request, ignore_fields: Sequence[str] = ()
) -> tuple[str, JSON]:
    """What of a request tells it from others: its path and its body, without what `fingerprint`
    leaves out.
    """
    parts = urlsplit(request.url)
    path, body = provider.without_model(parts.path, request.body)
    if request.method == "GET" and parts.query:  # a page of a list, not the key
        path = f"{path}?{'&'.join(sorted(parts.query.split('&')))}"
    if isinstance(request.body, list | str):  # a body that is no JSON object names no model
        body = {"": request.body}
    for field in ignore_fields:
        body = _without(body, field.split("."))
    return path, body


def canonical(value: JSON) -> str:
    """JSON that is the same text for the same value, whatever the order of its fields."""
    return _CANONICAL.encode(value)


def canonical_but_ids(value: JSON) -> str:
    """Canonical JSON with the first id that a client made up as 1, the second as 2, and so on.

    Where a provider gives a tool's call no id, as Gemini's, clients make one up, a new one in each
    run; so do those that keep a conversation themselves. An id that was replayed counts alike.
    What a call is told and what a tool answers is the test's own: an `id` there, such as a commit's
    hash, is part of the question.
    """
    text = canonical(value)
    if 'id":"' not in text.lower() and "pyd_ai_" not in text:  # most requests, told much sooner
        return text
    numbers: dict[str, str] = {}
    try:
        looked_at = canonical(_without_data(value))
    except RecursionError:  # which holds a tool's data deeper than anybody sends it
        looked_at = text
    for found in re.finditer(_NAMED_ID, looked_at):
        value = found[1] or found[2]
        if value not in numbers and (found[2] or _is_invented(value)):
            numbers[value] = f"invented-{len(numbers) + 1}"
    for value in sorted(numbers, key=len, reverse=True):
        text = text.replace(value, numbers[value])
    return text


def _without_data(value: JSON) -> JSON:
    """Without the arguments and results of tools that are JSON objects."""
    if isinstance(value, list):
        return [_without_data(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: None if name in _DATA and isinstance(item, dict) else _without_data(item)
        for name, item in value.items()
    }


def _is_invented(value: str) -> bool:
    """Whether nobody has chosen an id: it is drawn, as `call_9f8a7b6c` is, not `question_2`."""
    if re.fullmatch(_INVENTED, value) or re.fullmatch(_OF_NINE, value):
        return True
    # Only here: most requests carry no id, and their replay loads no redaction.
    from pytest_modelpin.redaction.spellings import looks_like_key

    return looks_like_key(value)


def _without(value: JSON, steps: list[str]) -> JSON:
    """A copy of `value` without the field that `steps` lead to."""
    if isinstance(value, list):
        return [_without(item, steps) for item in value]
    if not isinstance(value, dict) or steps[0] not in value:
        return value
    first, *rest = steps
    if not rest:
        return {name: item for name, item in value.items() if name != first}
    return {**value, first: _without(value[first], rest)}


# What must not be written

_Noted = tuple[str, RawHeaders, Collection[str]]

_MOST_NOTED = 200
"""Requests that are kept to be looked into later."""
_MOST_RECENT = 8
"""Requests of which also that is known what no other carries."""
_SIGNATURE = rb"\bSignature=[^,\s]+"


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
        self._bodies: list[JSON] = []
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
            self._bodies.append(outgoing.body)
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
            noted, self._sent = [*self._sent, *self._passing], []
            bodies, self._bodies = self._bodies, []
            self._passing.clear()
            self._recent.extend(filter(None, (request_secrets("", (), (), b) for b in bodies)))
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
        return without_cookies(value, KNOWN_COOKIES)
    return re.sub(_SIGNATURE, b"", value) if lower == b"authorization" else value
