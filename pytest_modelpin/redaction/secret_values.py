"""The secrets that are known by value: what the environment holds, and what requests carried."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from urllib.parse import unquote, unquote_plus

from pytest_modelpin.redaction.names import (
    hints_at_secret,
    is_secret_field,
    is_secret_header,
    is_secret_parameter,
    says_secret,
    suggests_secret,
)
from pytest_modelpin.redaction.spellings import is_path, is_word, looks_like_key, spellings

RawHeaders = Iterable[tuple[bytes, bytes]]

_USER_INFO = re.compile(r"://([^/\s@:\"']*):([^/\s\"']+)@")
_BETWEEN = re.compile(r"[\s,;|]+")
_PART_OF_SIGNATURE = re.compile(r"(?:Credential|Signature)=([^,\s/]+)")


def environment_secrets(environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The environment's secrets, in all their spellings.

    Told by the variable's name; where that leaves a doubt (`SORT_KEY`), a word or two is none. A
    file's place is none either. Of a URL it is user and password too, of a list each of its keys.
    """
    variables = os.environ if environment is None else environment
    told = tuple((name, value) for name, value in variables.items() if _is_secret(name, value))
    return _spelt(told)


def request_secrets(
    url: str, headers: RawHeaders, secret_headers: Collection[str]
) -> tuple[str, ...]:
    """The secrets that a request carries in its headers, its query and its URL's user."""
    found: list[str] = []
    for header, content in headers:
        lower = header.decode("latin-1").lower()
        if lower in secret_headers or is_secret_header(lower):
            found += _in_header(lower, content.decode("latin-1"))
    for parameter in url.partition("?")[2].partition("#")[0].split("&"):
        name, _, value = parameter.partition("=")
        if value and is_secret_parameter(name):
            found += [value, unquote(value), unquote_plus(value)]
    found += _user_info(url)
    return _every_spelling(tuple(found))


@lru_cache(maxsize=64)  # a client's key is the same in each of its requests
def _every_spelling(found: tuple[str, ...]) -> tuple[str, ...]:
    return spellings(found)


@lru_cache(maxsize=4096)  # every live call asks for each variable
def _is_secret(name: str, value: str) -> bool:
    if not value or is_path(value):
        return False
    return _is_told(name, value) or "://" in value


def _is_told(name: str, value: str) -> bool:
    """Whether the name says so, and what it leaves in doubt the value does."""
    if says_secret(name) or (suggests_secret(name) and not is_word(value)):
        return True
    return hints_at_secret(name) and any(map(looks_like_key, _pieces(value)))


@lru_cache(maxsize=64)
def _spelt(told: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    found: list[str] = []
    for name, value in told:
        found += _user_info(value)
        if _is_told(name, value):
            found += [value, *_parts(value)]
    return spellings(found)


def _parts(value: str) -> list[str]:
    """The secrets that a secret variable's value is made of, where it is made of several.

    A list of keys, `user:password`, `AccountName=…;AccountKey=…`, or a document in JSON.
    """
    if value.lstrip()[:1] in ("{", "["):
        try:
            return _in_document(json.loads(value))
        except (ValueError, RecursionError):
            """It only begins like one."""
    pieces = _pieces(value)
    found = [each for each in pieces if each != value and looks_like_key(each)]
    for piece in pieces:
        name, _, rest = piece.partition("=")
        if rest and (is_secret_field(name) or is_secret_parameter(name)):
            found.append(rest)
    password = value.partition(":")[2]
    if password and not _BETWEEN.search(value) and not is_word(password):
        found.append(password)
    return found


def _pieces(value: str) -> list[str]:
    return [value] if value.startswith("-----") else [p for p in _BETWEEN.split(value) if p]


def _in_document(document: object, name: str = "key") -> list[str]:
    """The texts of a document that are secrets by their field's name or by their looks."""
    if isinstance(document, dict):
        return [each for key, item in document.items() for each in _in_document(item, str(key))]
    if isinstance(document, list):
        return [each for item in document for each in _in_document(item, name)]
    if not isinstance(document, str):
        return []
    return [document] if is_secret_field(name) or looks_like_key(document) else []


@lru_cache(maxsize=512)
def _in_header(lower: str, value: str) -> tuple[str, ...]:
    scheme, _, rest = value.partition(" ")
    found = [value, rest]  # "Bearer x" holds the secret x
    if "cookie" in lower:
        found += [piece.partition("=")[2] for piece in value.split(";")]
    if scheme.lower() == "basic":
        found += _of_basic(rest)
    found += _PART_OF_SIGNATURE.findall(value)
    return tuple(found)


def _of_basic(encoded: str) -> list[str]:
    try:
        plain = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return []
    user, _, password = plain.partition(":")
    return [plain, password, *([user] if not password else [])]


def _user_info(url: str) -> list[str]:
    match = _USER_INFO.search(url)
    if match is None:
        return []
    return [f"{match[1]}:{match[2]}", match[2], unquote(match[2])]
