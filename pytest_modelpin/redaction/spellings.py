"""What a secret looks like, and where one stands in a text, escaped or parted by blanks or not."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

PLACEHOLDER = "REDACTED"
"""Stands for what was taken out. In a recorded request it matches whatever stands there."""

_WORDS = re.compile(r"[A-Za-z]{1,16}(?:[_. ][A-Za-z]{1,16}){0,2}")
_PATH = re.compile(r"(?:~|\.{1,2})?/[\w.\-/ ]*|[A-Za-z]:[\\/].*")
_RUN = re.compile(r"[A-Za-z0-9]+")
_KEY_RUN = re.compile(r"[A-Za-z0-9_\-./+=:%~]{8,}")
_AFTER_ESCAPE = re.compile(
    rf"\\(?:[nrtbfv]|u[0-9A-Fa-f]{{4}}|x[0-9A-Fa-f]{{2}})({_KEY_RUN.pattern})"
)
"""A run that begins where a line break or the like is written as an escape, with a letter."""
_KEY_LIKE = re.compile(r"[A-Za-z0-9_\-.+/=~:%!@$^&*,;#]+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d[T :.\d+\-Z]*")
_PIECE = re.compile(
    r"(%[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*"  # of a URL (RFC 3986, 2.1)
    # of JSON (RFC 8259, 7), where a pair may stand for one character, and of program code
    r"|\\(?<!\\\\)\\*u[dD][89abAB][0-9A-Fa-f]{2}\\+u[dD][c-fC-F][0-9A-Fa-f]{2}"
    r"|\\(?<!\\\\)\\*(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|/)"
    r"|&(?:#(?:[0-9]{1,7}|[xX][0-9A-Fa-f]{1,6})|amp|lt|gt|quot|apos);)"  # of HTML and XML
)
"""Characters that are written as an escape; backslashes double with every layer of JSON.

Each alternative begins with its character, because `re` skips to those in one pass.
"""
_ASCII_PIECE = re.compile(
    r"(%[0-7][0-9A-Fa-f](?:%[0-7][0-9A-Fa-f])*"
    r"|\\(?<!\\\\)\\*(?:u00[0-7][0-9A-Fa-f]|x[0-7][0-9A-Fa-f]|/)"
    r"|&(?:#(?:0{0,4}[0-9]{1,3}|[xX]0{0,4}[0-7]?[0-9A-Fa-f])|amp|lt|gt|quot|apos);)"
)
"""Those of ASCII alone: nearly all secrets are, and texts in other scripts escape every letter."""
_LAYERS = 3
"""How often a text may have been escaped: a URL within JSON within a log line."""
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


def may_hold_key(text: str) -> bool:
    """Whether `looks_like_key` may say so of a part of `text`."""
    if len(text) < _SHORTEST_KEY:
        return False
    runs = _RUN.findall(text)
    if any(len(run) >= 24 or (len(run) >= 16 and not run.isalpha()) for run in runs):
        return True
    shifts = sum(len(_SHIFT.findall(run)) for run in runs)
    return shifts >= 3 and any(each.isdigit() for each in text)


def is_word(value: str) -> bool:
    """Whether a value is one to three words or an identifier: `priority`, `created_at`."""
    return _WORDS.fullmatch(value) is not None


def is_path(value: str) -> bool:
    """Whether a value says where something lies, as `GOOGLE_APPLICATION_CREDENTIALS` does."""
    return _PATH.fullmatch(value) is not None


def document_in(value: str) -> dict[str, Any] | list[Any] | None:
    """The JSON document that a text is, as it stands or in base64; None where it is none."""
    try:
        if value.lstrip()[:1] not in ("{", "["):
            value = base64.b64decode("".join(value.split()), validate=True).decode()
        found = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None


def of_basic(encoded: str) -> list[str]:
    """The secrets that stand behind `Basic` in a header; none where it is no base64."""
    try:
        plain = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return []
    user, _, password = plain.partition(":")
    return [plain, password, *([user] if not password else [])]


def readings(text: str, secrets: Iterable[str]) -> Iterator[str]:
    r"""What the text says once its escapes are read, layer by layer; nothing where it has none.

    Any character may be escaped, and each encoder chooses others: `\u002d` in JSON, `%2d` in a
    URL, `&#45;` in HTML. Spelling out every choice is impossible; reading is not. What no
    character of `secrets` can stand behind is left as it is.
    """
    if not _may_hold_a_piece(text):
        return
    pieces = _ASCII_PIECE if all(map(str.isascii, secrets)) else _PIECE
    known = _Read()
    for _ in range(_LAYERS):
        parts = pieces.split(text)
        if len(parts) == 1:
            return
        parts[1::2] = map(known.__getitem__, parts[1::2])
        text = "".join(parts)
        yield text


class _Read(dict[str, str]):
    """What each escape of a text stands for: texts repeat few of them, often."""

    def __missing__(self, piece: str) -> str:
        read = self[piece] = "".join(character for character, _ in _characters(piece))
        return read


_BLANK = r"(?:[ \t\r\n\v\f]|\\{1,4}[nrt])"
_ESCAPED_BLANK = re.compile(r"\\{1,4}[nrt]")
_SHORTEST_PARTED = 16  # characters; of a shorter one, ordinary words may make the letters
_LONGEST_PARTED = 400


def _without_blanks(text: str) -> str:
    """The text with all that parts its characters taken out: blanks, line breaks, their escapes."""
    read = _ESCAPED_BLANK.sub("", text) if "\\" in text else text
    # A string has no way to delete characters that is half as fast.
    data = read.encode("utf-8", "surrogatepass").translate(None, b" \t\r\n\v\f")
    return data.decode("utf-8", "surrogatepass")


@lru_cache(maxsize=64)
def _sought_parted(secrets: tuple[str, ...]) -> frozenset[str]:
    """Those that are sought with blanks in them too: such as no words can make."""
    return frozenset(
        secret
        for secret in secrets
        if _SHORTEST_PARTED <= len(secret) <= _LONGEST_PARTED
        and not secret.isalpha()
        and not any(map(str.isspace, secret))
    )


def runs_of(text: str) -> frozenset[str]:
    """The longest pieces of `text` that a key can be made of; texts repeat most of theirs.

    Whoever seeks something that consists of such characters alone finds it in one of them.
    """
    runs = frozenset(_KEY_RUN.findall(text))
    return runs.union(_AFTER_ESCAPE.findall(text)) if "\\" in text else runs


def standing_in(
    text: str, runs: frozenset[str], secrets: tuple[str, ...], *, parted: bool, keys: bool
) -> tuple[tuple[str, ...], list[str]]:
    """Which of the secrets stand in a text, however spelt; and which of its `runs` may be `keys`.

    Those with blanks or line breaks within count if `parted`.
    """
    read = list(readings(text, secrets))
    across = _parted_in(text, secrets) if parted else frozenset()
    plain, in_runs = _plain(secrets), "\n".join((*runs, *read))
    present = tuple(
        secret
        for secret in secrets
        if secret in across
        or (secret in in_runs if secret in plain else _stands_in(secret, (text, *read)))
    )
    return present, list(filter(may_hold_key, runs)) if keys else []


def _stands_in(secret: str, texts: Sequence[str]) -> bool:
    escaped = json.dumps(secret)[1:-1]
    return any(secret in text or escaped in text for text in texts)


@lru_cache(maxsize=8)
def _plain(secrets: tuple[str, ...]) -> frozenset[str]:
    """Those that stand in a run of a text, or nowhere in it."""
    return frozenset(filter(_KEY_RUN.fullmatch, secrets))


def _parted_in(text: str, secrets: tuple[str, ...]) -> frozenset[str]:
    """The secrets that stand in a text once its blanks and line breaks are taken out."""
    sought = _sought_parted(secrets)
    together = _without_blanks(text) if sought else ""
    return frozenset(secret for secret in sought if secret in together)


def without_parted(text: str, secrets: tuple[str, ...]) -> str:
    """The text without those secrets that stand in it with blanks or line breaks within."""
    for secret in sorted(_parted_in(text, secrets), key=len, reverse=True):
        text = re.sub(f"{_BLANK}*".join(map(re.escape, secret)), PLACEHOLDER, text)
    return text


def without_escaped(text: str, secrets: Sequence[str]) -> str:
    """The text without those secrets that stand in it only once its escapes are read."""
    if not any(secret in read for read in readings(text, secrets) for secret in secrets):
        return text
    left, places = text, list(range(len(text) + 1))
    found: list[tuple[int, int]] = []
    for _ in range(_LAYERS):
        left, places = _read_with_places(left, places)
        for secret in secrets:
            at = left.find(secret)
            while at >= 0:
                found.append((places[at], places[at + len(secret)]))
                at = left.find(secret, at + len(secret))
    kept, end = [], 0
    for start, stop in sorted(found):
        if start >= end:
            kept += [text[end:start], PLACEHOLDER]
        end = max(end, stop)
    return "".join([*kept, text[end:]])


def _may_hold_a_piece(text: str) -> bool:
    return "%" in text or "\\" in text or "&" in text


def _read_with_places(text: str, places: list[int]) -> tuple[str, list[int]]:
    """The text with its escapes read, and where in the original each character of it begins."""
    read, begins, end = [], [], 0
    for piece in _PIECE.finditer(text):
        read.append(text[end : piece.start()])
        begins += places[end : piece.start()]
        at = piece.start()
        for character, width in _characters(piece[0]):
            read.append(character)
            begins.append(places[at])
            at += width
        end = piece.end()
    read.append(text[end:])
    return "".join(read), begins + places[end:]


def _characters(piece: str) -> Iterator[tuple[str, int]]:
    """What an escape stands for, each with the number of characters that it is written in."""
    if piece[0] == "%":
        data = bytes.fromhex(piece.replace("%", ""))
        for character in data.decode("utf-8", "surrogateescape"):
            yield character, 3 * len(character.encode("utf-8", "surrogateescape"))
    elif piece[0] == "&":
        yield _of_html(piece), len(piece)
    else:
        yield _of_json(piece.replace("\\", "")), len(piece)


def _of_json(escape: str) -> str:
    if escape[0] == "u":
        units = bytes.fromhex(escape.replace("u", ""))
        return units.decode("utf-16-be", "surrogatepass")
    return "/" if escape == "/" else chr(int(escape[1:], 16))


def _of_html(reference: str) -> str:
    if reference[1] != "#":
        return html.unescape(reference)
    # `html.unescape` follows HTML 5, which has no control characters; a secret may.
    digits = reference[2:-1]
    code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    return chr(code) if code <= sys.maxunicode else reference[0]
