"""Cookies that a provider hands out: they are no part of what a test asks.

OpenAI and Anthropic stand behind Cloudflare, which sets `__cf_bm` and `_cfuvid` on every reply; a
client that is kept sends them from its second request on. A cookie that a test sets itself, a
gateway's session for instance, counts like any other header.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pytest_modelpin.recordings.wire import RawHeaders

KNOWN = frozenset({"__cf_bm", "__cflb", "__cfruid", "_cfuvid", "cf_clearance"})
"""Cloudflare's, by its documentation; a client may hold them from before anything was heard."""

_SET = re.compile(r"(?:^|,)\s*([^\s=;,]+)=")
"""The names in one or more `Set-Cookie` values joined by commas; dates hold commas, but no `=`."""


def cookies_set(headers: Mapping[str, str] | RawHeaders) -> frozenset[str]:
    """The names of the cookies that a reply sets."""
    pairs: Iterable[tuple[str | bytes, str | bytes]]
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return frozenset(
        name
        for header, value in pairs
        if _text(header).lower() == "set-cookie"
        for name in _SET.findall(_text(value))
    )


def without(cookie: bytes, names: frozenset[str]) -> bytes:
    """The value of a `Cookie` header without the cookies of those names."""
    kept = (each.strip() for each in cookie.decode("latin-1").split(";"))
    return "; ".join(each for each in kept if each.partition("=")[0] not in names).encode("latin-1")


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
