"""HTTP as it is on the wire, whichever client library sends it, and a request's body as JSON: so
recordings hold it and match it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pytest_modelpin.providers.reply import JSON

RawHeaders = Sequence[tuple[bytes, bytes]]
"""Names and values in the order and the case in which they are sent, Latin-1."""


class HttpRequest(NamedTuple):
    """A request, its body read."""

    method: str
    url: str
    headers: RawHeaders
    body: bytes

    def header(self, name: str) -> str:
        """The value of the first header of that name (lower case), empty where there is none."""
        wanted = name.encode("latin-1")
        found = (value for each, value in self.headers if each.lower() == wanted)
        return next(found, b"").decode("latin-1")

    @property
    def is_signed(self) -> bool:
        """Whether it bears AWS's signature, which covers its URL, headers and body."""
        return self.header("authorization").startswith("AWS4-")


@dataclass(frozen=True, slots=True)
class StoredReply:
    """A whole reply, kept to be handed to a client later: recorded, or fetched ahead."""

    status: int
    headers: RawHeaders | Mapping[str, str]
    chunks: Sequence[bytes]
    """The body in the pieces in which it came, or is to be handed over."""
    extensions: Mapping[str, Any] = field(default_factory=dict)
    """What else the client library that fetched it says of a reply, such as `http_version`."""

    def by_name(self) -> dict[str, str]:
        """The headers by lower-case name; of one given twice, the last."""
        if isinstance(self.headers, Mapping):
            return {name.lower(): value for name, value in self.headers.items()}
        return {n.decode("latin-1").lower(): v.decode("latin-1") for n, v in self.headers}


LONGEST_TEXT = 10_000
"""Characters of a form's field that are kept as they are; what is longer, or no text, is hashed."""
_BYTES_OF_A_CHARACTER = 4  # at most, in UTF-8

_LONGEST_SCALAR = LONGEST_TEXT * _BYTES_OF_A_CHARACTER
_LEAD = 64  # bytes, in which a document of any use begins
_BEGINS_JSON = (b"{", b"[", b'"', b"", b"\x00", b"\xef", b"\xfe", b"\xff")  # byte order marks, too

_BOUNDARY = rb'(?i)boundary="?([^";,]+)"?'
_PARAMETER = r'\b(filename|name)="((?:[^"\\]|\\.)*)"'


def body_as_json(headers: RawHeaders, content: bytes) -> JSON:
    """The body: JSON as it is, None where there is none.

    A form (multipart/form-data) becomes an object: its short texts as fields, its files by length
    and hash; the boundary, made up anew for each request, is gone. So is what else is no JSON.
    """
    if not content:
        return None
    kind = next((value for name, value in headers if name.lower() == b"content-type"), b"")
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
    b"application/x-www-form-urlencoded",
)  # fmt: skip
"""JSON, and what clients call a body whose type they were not told: aiohttp, urllib."""


def is_json(headers: RawHeaders) -> bool:
    """Whether the body is JSON by its content-type, or may be, where it has none."""
    return _content_type(headers).startswith((b"application/json", b"none"))


def may_be_json(headers: RawHeaders) -> bool:
    """The same, or a client gave the body a type of its own accord, which models don't mind."""
    return _content_type(headers).startswith((*_NOT_CHOSEN, b"none"))


def _content_type(headers: RawHeaders) -> bytes:
    for name, value in headers:
        if len(name) == len(b"content-type") and name.lower() == b"content-type":
            return value.lower()
    return b"none"


def _form(content: bytes, boundary: bytes) -> dict[str, JSON]:
    fields: dict[str, JSON] = {}
    whole = memoryview(content)  # what is uploaded may be large: nothing of it is copied
    for start, end in _parts(content, b"--" + boundary):
        head_end = content.find(b"\r\n\r\n", start, end)
        if head_end < 0:
            continue
        head = content[start:head_end].decode("utf-8", "replace")
        said = dict(re.findall(_PARAMETER, head))
        name = said.get("name", "")
        value = whole[head_end + 4 : end - 2 * content.endswith(b"\r\n", head_end + 4, end)]
        kept: JSON
        if "filename" in said:
            kept = {"file": said["filename"], **_hashed(value)}
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
