"""HTTP requests and replies, as recordings hold them and as they are on the wire, whichever client
library sends them.

Recordings hold an `Exchange`, decoded and redacted, its request's body as JSON. Cookies that a
provider hands out are no part of what a test asks: OpenAI and Anthropic stand behind Cloudflare,
which sets `__cf_bm` and `_cfuvid` on every reply, and a client that is kept sends them from its
second request on. A cookie that a test sets itself, a gateway's session for instance, counts like
any other header.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from pytest_modelpin.providers.wire import JSON


class Request(NamedTuple):
    """What was asked, after the model id was swapped and every secret taken out."""

    method: str
    url: str
    body: JSON


class Response(NamedTuple):
    """What came back, decoded from gzip or br."""

    status: int
    headers: Mapping[str, str]
    """Lower-case names; only those on the provider's allow-list."""
    content: bytes
    complete: bool = True
    """False where the stream broke off or the client stopped reading before its end."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its reply."""

    request: Request
    response: Response
    asked: str
    """The model id that was sent."""
    served: str | None = None
    """The model id that the reply names; None where it names none."""
    seconds: float = field(default=0.0, compare=False)
    """From sending the request to the last byte of the reply."""
    sample: int = 1
    """Which of a case's samples this belongs to, from 1."""


# On the wire

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


class StoredReply(NamedTuple):
    """A whole reply, kept to be handed to a client later: recorded, or fetched ahead."""

    status: int
    headers: RawHeaders | Mapping[str, str]
    chunks: Sequence[bytes]
    """The body in the pieces in which it came, or is to be handed over."""
    extensions: Mapping[str, Any] = MappingProxyType({})
    """What else the client library that fetched it says of a reply, such as `http_version`."""

    def by_name(self) -> dict[str, str]:
        """The headers by lower-case name; of one given twice, the last."""
        if isinstance(self.headers, Mapping):
            return {name.lower(): value for name, value in self.headers.items()}
        return {n.decode("latin-1").lower(): v.decode("latin-1") for n, v in self.headers}


# A request's body as JSON

LONGEST_TEXT = 10_000
"""Characters of a form's field that are kept as they are; what is longer, or no text, is hashed."""
_BYTES_OF_A_CHARACTER = 4  # at most, in UTF-8

_LONGEST_SCALAR = LONGEST_TEXT * _BYTES_OF_A_CHARACTER
_LEAD = 64  # bytes, in which a document of any use begins
_BEGINS_JSON = (b"{", b"[", b'"', b"", b"\x00", b"\xef", b"\xfe", b"\xff")  # byte order marks, too

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
        if len(name) == len(b"content-type") and name.lower() == b"content-type":
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


# Cookies

KNOWN_COOKIES = frozenset({"__cf_bm", "__cflb", "__cfruid", "_cfuvid", "cf_clearance"})
"""Cloudflare's, by its documentation; a client may hold them from before anything was heard."""

_SET = r"(?:^|,)\s*([^\s=;,]+)="
"""The names in one or more `Set-Cookie` values joined by commas; dates hold commas, but no `=`."""


def cookies_set(headers: Mapping[str, str] | RawHeaders) -> frozenset[str]:
    """The names of the cookies that a reply sets."""
    pairs: Iterable[tuple[str | bytes, str | bytes]]
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return frozenset(
        name
        for header, value in pairs
        if _text(header).lower() == "set-cookie"
        for name in re.findall(_SET, _text(value))
    )


def without_cookies(cookie: bytes, names: frozenset[str]) -> bytes:
    """The value of a `Cookie` header without the cookies of those names."""
    kept = (each.strip() for each in cookie.decode("latin-1").split(";"))
    return "; ".join(each for each in kept if each.partition("=")[0] not in names).encode("latin-1")


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


# A body in memory, held once however large

PIECE = 65536
"""Bytes that are handed on at once."""


class Collected:
    """The pieces of a request's body that is a stream, one after the other.

    It is kept, as it may be sent after it was looked at, and few streams can be read twice. Joined
    from its pieces, or handed to a client library whole, it would be held two or three times.
    """

    __slots__ = ("_first", "_whole")

    def __init__(self) -> None:
        self._first: bytes | None = None
        self._whole: io.BytesIO | None = None

    def add(self, piece: bytes | bytearray | memoryview) -> None:
        """The next one."""
        if self._whole is None:
            if self._first is None and type(piece) is bytes:
                self._first = piece or None  # mostly the only one, which needs no copy
                return
            self._whole = io.BytesIO()
            self._whole.write(self._first or b"")
            self._first = None
        self._whole.write(piece)

    def content(self) -> bytes:
        """All of them. Nothing may be added any more."""
        if self._whole is None:
            return self._first or b""
        return self._whole.getvalue()  # shares what it holds


def pieces(content: bytes) -> Iterator[bytes]:
    """The body piece by piece; a short one as it is."""
    if len(content) <= PIECE:
        yield content
        return
    whole = memoryview(content)
    for start in range(0, len(content), PIECE):
        yield bytes(whole[start : start + PIECE])
