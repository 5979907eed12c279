"""How the two sorts of streams are taken apart: server-sent events, in which nearly every provider
streams, and AWS's binary ones.

Bedrock's are `application/vnd.amazon.eventstream`,
https://smithy.io/2.0/aws/amazon-eventstream.html: a message is its length, the length of its
headers, a checksum of the two, the headers, a payload and a checksum of it all. The checksums are
not looked at: TCP and TLS have their own, and a recording may have been redacted since. botocore
has a parser, too; a second way to read the same bytes would be a second home for the fact.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

# Only these end a line: str.splitlines would also cut at U+2028 or U+0085 inside a model's text.
# https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
_LINE_END = r"\r\n|\n|\r"


_LINES = re.compile(rf"[^\r\n]*(?:{_LINE_END})|[^\r\n]+")


def lines(text: str) -> list[str]:
    """The lines of events, or of lines of JSON, each with what ends it."""
    return _LINES.findall(text)


class Event(NamedTuple):
    """One server-sent event."""

    name: str
    """The `event` field; empty where the stream gives none."""
    data: str
    """The `data` lines, joined by line feeds."""


def server_sent_events(content: bytes) -> list[Event]:
    """The events of a stream, in order. Never raises: odd bytes are replaced, odd lines skipped.

    An event that the stream breaks off before its blank line is given too; a reader tells by its
    data whether it is whole. Many servers end with `data: [DONE]` and no blank line.
    """
    found: list[Event] = []
    name = ""
    data: list[str] = []
    text = content.decode("utf-8", "replace").removeprefix("\ufeff")
    for line in [*re.split(_LINE_END, text), ""]:
        if not line:
            if data:
                found.append(Event(name, "\n".join(data)))
            name, data = "", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data.append(value)
        elif field == "event":
            name = value
    return found


def looks_like_events(content: bytes) -> bool:
    """Whether a body of undeclared type starts as an event stream does."""
    return content.lstrip()[:6].startswith((b"data:", b"event:", b":", b"id:", b"retry:"))


AWS_CONTENT_TYPE = "application/vnd.amazon.eventstream"

_PRELUDE = struct.Struct(">III")
_CHECKSUM = struct.Struct(">I")
_LONGEST = 16 * 2**20  # bytes; AWS's own limit of a payload
_FIXED_SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""By type of a header's value; texts and bytes, 6 and 7, bear their length."""


def messages(content: bytes) -> Iterator[tuple[Mapping[str, str], bytes]]:
    """The textual headers and the payload of each whole message."""
    for start, payload, end in _whole_messages(content):
        yield _headers(content[start + _PRELUDE.size : payload]), content[payload:end]


def with_payloads(content: bytes, payloads: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The whole messages with these payloads, their lengths and checksums with them, and what of a
    torn message follows. There are as many payloads as whole messages.
    """
    made, done = [], 0
    for (start, at, end), payload in zip(_whole_messages(content), payloads, strict=True):
        done = end + _CHECKSUM.size
        headers = content[start + _PRELUDE.size : at]
        lengths = struct.pack(
            ">II", _PRELUDE.size + len(headers) + len(payload) + _CHECKSUM.size, len(headers)
        )
        message = lengths + _CHECKSUM.pack(zlib.crc32(lengths)) + headers + payload
        same = payload == content[at:end]
        whole = message + _CHECKSUM.pack(zlib.crc32(message))
        made.append(content[start:done] if same else whole)
    return b"".join(made), content[done:]


def _whole_messages(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Where each whole message begins, its payload begins, and its payload ends."""
    at = 0
    while at + _PRELUDE.size <= len(content):
        total, headers_length, _ = _PRELUDE.unpack_from(content, at)
        payload = at + _PRELUDE.size + headers_length
        end = at + total - _CHECKSUM.size
        if total > _LONGEST or end > len(content) - _CHECKSUM.size or payload > end:
            return
        yield at, payload, end
        at += total


def _headers(content: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    at = 0
    while at < len(content):
        name_end = at + 1 + content[at]
        if name_end >= len(content):
            return found
        name, kind = content[at + 1 : name_end].decode("utf-8", "replace"), content[name_end]
        at = name_end + 1
        if kind in (6, 7):
            if at + 2 > len(content):
                return found
            (length,) = struct.unpack_from(">H", content, at)
            found[name] = content[at + 2 : at + 2 + length].decode("utf-8", "replace")
            at += 2 + length
        elif kind in _FIXED_SIZES:
            at += _FIXED_SIZES[kind]
        else:
            return found
    return found
