"""What a secret looks like, and the ways in which one may be spelt: escaped, encoded, in base64."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote, quote_plus

PLACEHOLDER = "REDACTED"
"""Stands for what was taken out. In a recorded request it matches whatever stands there."""

SHORTEST_SECRET = 8
"""Characters. Shorter values would blot out words such as `test`, `none` and `dummy`."""

_SHORTEST_ENCODED = 8
"""Characters of a piece of base64 that is looked for: six bytes, 48 bits."""

_STOCK = frozenset(
    {"password", "passwort", "postgres", "postgresql", "changeme", "change-me", "changeit",
     "mongodb", "rabbitmq", "anonymous", "undefined", "disabled", "required", "optional",
     "localhost", "redacted", "placeholder", "development", "production"}
)  # fmt: skip
"""What stands in for a secret on everybody's machine, and is none."""

_WORDS = re.compile(r"[A-Za-z]{1,16}(?:[_. ][A-Za-z]{1,16}){0,2}")
_PATH = re.compile(r"(?:~|\.{1,2})?/[\w.\-/ ]*|[A-Za-z]:[\\/].*")
_RUN = re.compile(r"[A-Za-z0-9]+")
_KEY_LIKE = re.compile(r"[A-Za-z0-9_\-.+/=~:%!@$^&*,;#]+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d[T :.\d+\-Z]*")
_ESCAPE = re.compile(r"%[0-9A-F]{2}")
_SHIFT = re.compile(r"(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])|(?<=[a-z])(?=[A-Z])")
_SHORTEST_KEY = 12
_LONGEST_LOOKED_AT = 4096  # characters


def looks_like_key(value: str) -> bool:
    """Whether a value is such as machines draw: long, without blanks, letters and digits mixed.

    A word, an identifier, a date, a model id and a path are not.
    """
    value = value[:_LONGEST_LOOKED_AT]
    if len(value) < _SHORTEST_KEY or _KEY_LIKE.fullmatch(value) is None:
        return False
    if is_path(value) or _DATE.fullmatch(value):
        return False
    runs = _RUN.findall(value)
    longest = max(runs, key=len, default="")
    if len(longest) >= 24 or (len(longest) >= 16 and not longest.isalpha()):
        return True
    shifts = sum(len(_SHIFT.findall(run)) for run in runs)
    return shifts >= 3 and any(each.isdigit() for each in value)


def is_word(value: str) -> bool:
    """Whether a value is one to three words or an identifier: `priority`, `created_at`."""
    return _WORDS.fullmatch(value) is not None


def is_path(value: str) -> bool:
    """Whether a value says where something lies, as `GOOGLE_APPLICATION_CREDENTIALS` does."""
    return _PATH.fullmatch(value) is not None


def spellings(secrets: Iterable[str]) -> tuple[str, ...]:
    """Each secret as it may be written, the longest first; without what is too short."""
    spelt: set[str] = set()
    for secret in secrets:
        plain = secret.strip()
        if len(plain) >= SHORTEST_SECRET and plain.lower() not in _STOCK:
            spelt |= _spelt(plain)
    return tuple(sorted(spelt, key=lambda each: (-len(each), each)))


@lru_cache(maxsize=512)
def _spelt(plain: str) -> frozenset[str]:
    data = plain.encode("utf-8", "surrogatepass")
    percent = quote(data, safe="")
    found = {
        plain,
        json.dumps(plain)[1:-1],
        json.dumps(plain, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(plain)[1:-1])[1:-1],
        repr(plain)[1:-1],
        html.escape(plain),
        percent,
        _ESCAPE.sub(lambda escape: escape[0].lower(), percent),
        quote(data, safe="/"),
        quote_plus(data),
        quote(percent, safe=""),
        data.hex(),
        data.hex().upper(),
        *_in_base64(data),
    }
    return frozenset(each for each in found if len(each) >= SHORTEST_SECRET)


def _in_base64(data: bytes) -> set[str]:
    """What is the same in every base64 of a text that holds `data`, at each of three offsets.

    Base64 turns three bytes into four characters: the first and the last may be half another's.
    """
    found: set[str] = set()
    for before in range(3):
        padded = b"\0" * before + data
        whole = len(padded) // 3 * 4
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(padded).decode().rstrip("=")
            kept = text[(0, 2, 3)[before] : whole]
            if len(kept) >= _SHORTEST_ENCODED:
                found.add(kept)
            if before == 0:
                found.add(text)
    return found
