"""Which requests ask a model, which model that is, and which id is to be sent instead; and their
bodies as JSON, whichever form they are sent in.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from typing import NamedTuple
from urllib.parse import urlsplit

from pytest_modelpin.providers import (
    Provider,
    identify,
    is_telemetry,
    provider_for,
    side_provider_for,
)
from pytest_modelpin.providers.catalogue import asked_at, is_known_host
from pytest_modelpin.providers.endpoint import at_host
from pytest_modelpin.providers.model_hosts import is_host_of_models
from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.recordings.capture import OpenCapture
from pytest_modelpin.recordings.exchange import Exchange, RawHeaders
from pytest_modelpin.recordings.outgoing import Kind, Outgoing, fingerprint
from pytest_modelpin.registry.selection import RecordMode, Selected, Selection

_ANY_QUESTION: JSON = {
    "model": "any", "messages": [], "input": "", "inputs": "", "prompt": "", "message": "",
}  # fmt: skip
"""A body that makes any provider recognise its path."""


class _Seen(NamedTuple):
    """A request and the provider whose it is, the client's own id still in it."""

    provider: Provider
    method: str
    url: str
    path: str
    """The URL's."""
    headers: RawHeaders
    body: JSON


class Recogniser:
    """Knows a client's requests by the providers and by the models selected."""

    def __init__(self, selection: Selection, ignore_fields: Sequence[str] = ()) -> None:
        """`ignore_fields` are dotted paths in request bodies that don't tell two apart."""
        self.unlisted = _mode_for_unlisted(selection)
        """How to treat models that models.yml does not name."""
        self._selection = selection
        self._ignore_fields = tuple(ignore_fields)
        self._pins = frozenset(selected.production for selected in selection.models.values())
        questions = [_ANY_QUESTION, *({**_ANY_QUESTION, "model": id} for id in self._pins)]
        # A suite asks few addresses, each of them often. Some paths ask a model on any host, where
        # the body names one that only their provider has.
        self._asked_at = lru_cache(maxsize=256)(partial(asked_at, "POST"))
        self._takes_questions = lru_cache(maxsize=256)(
            lambda url: any(self._asked(url, each) is not None for each in questions)
        )
        self._takes_side_calls = lru_cache(maxsize=256)(
            lambda method, url: side_provider_for(method, url) is not None
        )
        self._route = lru_cache(maxsize=256)(selection.route)
        self.is_telemetry = lru_cache(maxsize=256)(is_telemetry)
        """Whether what is sent there by `method` is a report that no answer depends on."""
        modes = {selected.record for selected in selection.models.values()}
        self._beside: RecordMode = "none" if modes <= {"none"} else "new"
        """How to treat side calls to what models.yml does not name, such as its embeddings."""

    def key(self, exchange: Exchange, asking: Outgoing | None = None) -> str | None:
        """The fingerprint of a recorded request; None where no provider knows it any more.

        `asking` is the request that it may answer: mostly it is recorded just as it is sent.
        """
        request = exchange.request
        if asking is not None and request == asking.as_sent:
            return asking.fingerprint_as_sent
        provider = provider_for(request.method, request.url, request.body)
        if provider is None:
            provider = side_provider_for(request.method, request.url)
        return None if provider is None else fingerprint(provider, request, self._ignore_fields)

    def may_concern(self, method: str, url: str, headers: RawHeaders) -> bool:
        """Whether a model may be asked, or what belongs to asking one; else nothing is even read.

        Others' uploads are sent as they stream.
        """
        kind = content_type(headers)
        if method == "POST" and self._takes_questions(url) and may_be_json(kind):
            return True
        return self._takes_side_calls(method, url) and (
            is_json(kind) or is_known_host(url, side_provider_for(method, url))
        )

    def recognise(
        self,
        method: str,
        url: str,
        headers: RawHeaders,
        content: bytes,
        running: OpenCapture | None = None,
    ) -> Outgoing | None:
        """What a request with this body asks of which model; None where it is none of ours.

        `running` is what the test heard so far and the logical models that it declares. Raises
        SelectionError where several logical models share the id and nothing tells which is meant.
        """
        media_type = content_type(headers)
        body = body_as_json(media_type, content)
        if method == "POST" and type(body) is dict and may_be_json(media_type):
            provider = self._asked(url, body)
            if provider is not None:
                path = urlsplit(url).path
                kind: Kind = "pending" if provider.may_be_pending(method, path, body) else "answer"
                seen = _Seen(provider, method, url, path, headers, body)
                asked = self._question(seen, kind, running)
                # An older completion of a text, by a model of its own, is beside the question.
                if asked is not None or not provider.is_side_call("POST", "", seen.path):
                    return asked
        provider = side_provider_for(method, url)
        if provider is None:
            return None
        return self._side_call(
            _Seen(provider, method, url, urlsplit(url).path, headers, body), running
        )

    def _asked(self, url: str, body: JSON) -> Provider | None:
        """Whom a body asks that is posted there."""
        for provider, asks in self._asked_at(url):
            if asks(body):
                return provider
        return None

    def _question(self, seen: _Seen, kind: Kind, running: OpenCapture | None) -> Outgoing | None:
        requested = seen.provider.requested_model(seen.path, seen.body)
        if requested is None:
            return None
        selected = self._selected(requested, running)
        if selected is None and not at_host(seen.provider.hosts, urlsplit(seen.url).netloc):
            return None
        record = self.unlisted if selected is None else selected.record
        return self._outgoing(seen, requested, selected, record, kind)

    def _side_call(self, seen: _Seen, running: OpenCapture | None) -> Outgoing | None:
        """A call that belongs to a question: by the model that it names, by the reply that it
        follows, or by where it goes.
        """
        requested = seen.provider.requested_model(seen.path, seen.body)
        selected = self._selected(requested, running) if requested else None
        source = running.source_of(seen.path) if running else None
        pending = seen.provider.may_be_pending(seen.method, seen.path, seen.body)
        kind: Kind = "pending" if pending else "side"
        if selected is None and source is not None:
            selected = self._selection.models.get(source.name)
            asked = source.exchange.asked
            outgoing = self._outgoing(seen, asked, selected, source.record, kind, asked)
            return outgoing._replace(name=source.name)
        if selected is None and not self._is_known_place(seen.provider, seen.url, requested):
            return None
        record = self._beside if selected is None else selected.record
        named = requested or seen.provider.name
        # The id in a body that is no JSON, such as a form's, stays: it can't be put in anew.
        swaps = selected is not None and is_json(content_type(seen.headers))
        return self._outgoing(seen, named, selected, record, kind, None if swaps else named)

    def _selected(self, requested: str, running: OpenCapture | None) -> Selected | None:
        """Which logical model the id stands for, in the test that is running."""
        if running is None:
            return self._route(requested, ())
        if running.only and running.only.id == requested:
            return running.only
        return self._route(requested, tuple(running.names))

    def _outgoing(
        self,
        seen: _Seen,
        requested: str,
        selected: Selected | None,
        record: RecordMode,
        kind: Kind,
        keeps: str | None = None,
    ) -> Outgoing:
        """`keeps` is the id that stays in the request, whatever is selected."""
        path, url = seen.path, seen.url
        asked = keeps or (requested if selected is None else selected.id)
        new_path, new_body = (
            (path, seen.body)
            if asked == requested
            else seen.provider.with_model(path, seen.body, asked)
        )
        return Outgoing(
            provider=seen.provider,
            name=asked if selected is None else selected.name,
            asked=asked,
            pinned=selected is None or asked == selected.production,
            record=record,
            selected=selected,
            method=seen.method,
            url=url.replace(path, new_path, 1) if new_path != path else url,
            path=new_path,
            body=new_body,
            headers=seen.headers,
            swapped=asked != requested,
            ignore_fields=self._ignore_fields,
            pins=self._pins,
            kind=kind,
        )

    def _is_known_place(self, provider: Provider, url: str, requested: str | None) -> bool:
        """Whether a side call goes to a model host: anybody's own, or one that is set up.

        Anywhere else its model must be one whose name tells that it is one.
        """
        if is_known_host(url, provider) or is_host_of_models(urlsplit(url).netloc):
            return True
        return requested is not None and identify(requested).provider is not None


def _mode_for_unlisted(selection: Selection) -> RecordMode:
    """How to treat models that models.yml does not name: as production is, where all is that."""
    if any(selected.which != "production" for selected in selection.models.values()):
        return "none"
    modes = {selected.record for selected in selection.models.values()}
    return modes.pop() if len(modes) == 1 else "none"


# A request's body as JSON

LONGEST_TEXT = 10_000
"""Characters of a form's field that are kept as they are; what is longer, or no text, is hashed."""
_BYTES_OF_A_CHARACTER = 4  # at most, in UTF-8

_LONGEST_SCALAR = LONGEST_TEXT * _BYTES_OF_A_CHARACTER
_LEAD = 64  # bytes, in which a document of any use begins
_BEGINS_JSON = (b"{", b"[", b'"', b"", b"\x00", b"\xef", b"\xfe", b"\xff")  # byte order marks, too

_CONTENT_TYPE = b"content-type"
_LENGTH = len(_CONTENT_TYPE)  # told sooner than the name itself

_BOUNDARY = rb'(?i)boundary="?([^";,]+)"?'
_PARAMETER = r'\b(filename|name)="((?:[^"\\]|\\.)*)"'


def body_as_json(kind: bytes, content: bytes) -> JSON:
    """The body, by its content-type: JSON as it is, None where there is none.

    A form (multipart/form-data) becomes an object: its short texts as fields, its files by length
    and hash; the boundary, made up anew for each request, is gone. So is what else is no JSON.
    """
    if not content:
        return None
    if kind.lower().startswith(b"multipart/"):
        found = re.search(_BOUNDARY, kind)
        return _form(content, found[1]) if found else _hashed(content)
    if len(content) > _LONGEST_SCALAR and content[:_LEAD].lstrip()[:1] not in _BEGINS_JSON:
        return _text_or_hash(content)  # a file as it is; to be parsed it would be copied to a text
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return _text_or_hash(content)


_NOT_CHOSEN = (
    b"application/json", b"text/plain", b"application/octet-stream",
    b"application/x-www-form-urlencoded", b"none",
)  # fmt: skip
"""JSON, and what clients call a body whose type they were not told: aiohttp, urllib; or no type."""


def is_json(kind: bytes) -> bool:
    """Whether a body of this content-type is JSON, or may be, where it has none."""
    return kind.lower().startswith((b"application/json", b"none"))


def may_be_json(kind: bytes) -> bool:
    """The same, or a client gave the body a type of its own accord, which models don't mind."""
    return kind.lower().startswith(_NOT_CHOSEN)


def content_type(headers: RawHeaders) -> bytes:
    """What the headers say that the body is; `none` where they don't."""
    for name, value in headers:
        if len(name) == _LENGTH and name.lower() == _CONTENT_TYPE:
            return value
    return b"none"


def _form(content: bytes, boundary: bytes) -> dict[str, JSON]:
    fields: dict[str, JSON] = {}
    whole = memoryview(content)  # what is uploaded may be large: nothing of it is copied
    for start, end in _parts(content, b"--" + boundary):
        head_end = content.find(b"\r\n\r\n", start, end)
        if head_end < 0:
            continue
        head = content[start:head_end].decode("utf-8", "replace")
        parameters = dict(re.findall(_PARAMETER, head))
        name = parameters.get("name", "")
        value = whole[head_end + 4 : end - 2 * content.endswith(b"\r\n", head_end + 4, end)]
        kept: JSON
        if "filename" in parameters:
            kept = {"file": parameters["filename"], **_hashed(value)}
        else:
            kept = _text_or_hash(value)
        if name in fields:  # a list, as `timestamp_granularities[]` is sent
            before = fields[name]
            kept = [*before, kept] if isinstance(before, list) else [before, kept]
        fields[name] = kept
    return fields


def _parts(content: bytes, delimiter: bytes) -> Iterator[tuple[int, int]]:
    """Where each part of a form begins and ends."""
    at = content.find(delimiter)
    while at >= 0:
        start = at + len(delimiter)
        at = content.find(delimiter, start)
        yield start, len(content) if at < 0 else at


def _text_or_hash(content: bytes | memoryview) -> JSON:
    if len(content) > LONGEST_TEXT * _BYTES_OF_A_CHARACTER:
        return _hashed(content)
    try:
        text = str(content, "utf-8")
    except UnicodeDecodeError:
        return _hashed(content)
    return text if len(text) <= LONGEST_TEXT else _hashed(content)


def _hashed(content: bytes | memoryview) -> dict[str, JSON]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
