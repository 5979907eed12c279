"""HTTP requests and replies, as recordings hold them and as they are on the wire, whichever client
library sends them.

Recordings hold an `Exchange`, decoded and redacted, its request's body as JSON. Cookies that a
provider hands out are no part of what a test asks: OpenAI and Anthropic stand behind Cloudflare,
which sets `__cf_bm` and `_cfuvid` on every reply, and a client that is kept sends them from its
second request on. A cookie that a test sets itself, a gateway's session for instance, counts like
any other header.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from pytest_modelpin.providers.wire import JSON, Reply


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


NOT_AWAITED = Response(499, {}, b"", complete=False)
"""What stands in the place of a reply that its client did not wait for: a task that was cancelled,
a thread that its test left behind. The status is the one by which nginx logs a client that went.
"""


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

    def reply(self) -> Reply:
        """What the provider said. Never raises on odd input."""
        from pytest_modelpin.providers import read_reply  # which a replay does without

        (_, url, body), response = self.request, self.response
        return read_reply(url, body, response.status, response.headers, response.content)


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
    head_seconds: float = 0.0
    """From sending the request to the reply's head, where it was fetched ahead."""

    def raw(self) -> RawHeaders:
        """The headers as they are sent."""
        if isinstance(self.headers, Mapping):
            return [(name.encode("latin-1"), v.encode()) for name, v in self.headers.items()]
        return self.headers

    def by_name(self) -> dict[str, str]:
        """The headers by lower-case name; of one given twice, the last."""
        if isinstance(self.headers, Mapping):
            return {name.lower(): value for name, value in self.headers.items()}
        return {n.decode("latin-1").lower(): v.decode("latin-1") for n, v in self.headers}


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
