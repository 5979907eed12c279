"""What is secret by its name (of headers, fields, parameters), and what is known to be
secret by its value: what the environment holds, and what requests carried, in all the ways in which
it may be spelt: escaped, encoded, in base64.
"""

from __future__ import annotations

import base64
import html
import json
import os
import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from pytest_modelpin.providers.wire import JSON
from pytest_modelpin.redaction.spellings import (
    document_in,
    is_path,
    is_word,
    looks_like_key,
    of_basic,
)
from pytest_modelpin.redaction.variable_names import (
    hints_at_secret,
    says_secret,
    suggests_secret,
)
from pytest_modelpin.write_access import secrets_of_children

# The ends of names; each `_` stands for `_`, `-`, `.` or nothing, in any case. A bare "token" or
# "key" is missing on purpose: log probabilities name every piece of text so, maps their entries.
_STRONG = (
    "access_key",
    "access_key_id",
    "access_token",
    "account_key",
    "api_key",
    "api_token",
    "auth_key",
    "auth_token",
    "authorization",
    "bearer_token",
    "client_secret",
    "connection_string",
    "cookie",
    "credential",
    "credentials",
    "id_token",
    "passphrase",
    "passwd",
    "password",
    "private_key",
    "refresh_token",
    "secret",
    "secret_access_key",
    "secret_key",
    "security_token",
    "session_token",
    "signing_key",
    "subscription_key",
    "webhook_url",
)
SECRET_NAME = "(?:" + "|".join(name.replace("_", r"[-_.]?") for name in _STRONG) + ")"
"""A regular expression for the end of a field's name; to be used ignoring case."""

_FIELD = re.compile(rf".*{SECRET_NAME}", re.IGNORECASE | re.DOTALL)
_PARAMETERS = frozenset({"key", "token", "sig", "signature", "auth", "code", "jwt", "pat"})
_SIGNED = ("x-amz-", "x-goog-")
_SHORTEST_SIGNATURE = 8  # characters
_HEADERS = frozenset(
    {"key", "token", "x-goog-user-project"}
    | {f"{whose}-{what}" for whose in ("openai",) for what in ("organization", "project")}
    | {f"anthropic-{what}" for what in ("organization-id", "workspace-id")}
)
_ACCOUNT = re.compile(r".*-(?:org|organi[sz]ation|project|workspace|account|tenant)(?:-id)?")


@lru_cache(maxsize=4096)
def is_secret_field(name: str) -> bool:
    """Whether a field of JSON is named as secrets are: `api_key`, `client-secret`, `dbPassword`."""
    return _FIELD.fullmatch(name) is not None


@lru_cache(maxsize=4096)
def is_secret_header(name: str) -> bool:
    """Whether a request's header carries a credential or the id of an account."""
    lower = name.lower()
    return (
        lower in _HEADERS
        or lower.endswith(("-key", "_key", "-token", "_token", "-auth", "-signature"))
        or _ACCOUNT.fullmatch(lower) is not None
        or is_secret_field(lower)
    )


@lru_cache(maxsize=4096)
def is_secret_parameter(name: str) -> bool:
    """Whether a query parameter carries a credential, a signature or a part of either."""
    lower = unquote(name).lower()
    return lower in _PARAMETERS or lower.startswith(_SIGNED) or is_secret_field(lower)


@lru_cache(maxsize=4096)
def is_signature_parameter(name: str, value: str) -> bool:
    """Whether a query parameter is part of a signature, whatever its value looks like.

    Of a name that others bear too, a short value is none.
    """
    lower = unquote(name).lower()
    if lower.startswith(_SIGNED):
        return True
    return lower in ("sig", "signature", "awsaccesskeyid") and len(value) >= _SHORTEST_SIGNATURE


RawHeaders = Iterable[tuple[bytes, bytes]]

_USER_INFO = re.compile(r"://([^/\s@:\"']*):([^/\s\"']+)@")
_LONGEST_CREDENTIAL = 4096  # characters
_BETWEEN = re.compile(r"[\s,;|]+")
_PART_OF_SIGNATURE = re.compile(r"(?:Credential|Signature)=([^,\s/]+)")


def environment_secrets(environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The environment's secrets, in all their spellings.

    Told by the variable's name; where that leaves a doubt (`SORT_KEY`), a word or two is none. A
    file's place is none either. Of a URL it is user and password too, of a list each of its keys.
    """
    variables = os.environ if environment is None else environment
    told = tuple((name, value) for name, value in variables.items() if _is_secret(name, value))
    if environment is not None:
        return _spelt(told)
    return (*_spelt(told), *_every_spelling(tuple(secrets_of_children)))


def request_secrets(
    url: str, headers: RawHeaders, secret_headers: Collection[str], body: JSON = None
) -> tuple[str, ...]:
    """The secrets that a request carries in its headers, its query, its URL's user and its body."""
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
    within = _in_body(body)
    told = _every_spelling(tuple(found)) if found else ()
    return (*told, *spellings(within)) if within else told


def _in_body(body: JSON) -> list[str]:
    """The credentials that a body carries for others, such as an MCP server's token: what has a
    secret's name and looks like a key, and those of URLs.
    """
    found: list[str] = []
    left: list[tuple[str, JSON]] = [("", body)]
    while left:
        name, value = left.pop()
        if isinstance(value, dict):
            left += value.items()
        elif isinstance(value, list):
            left += [(name, each) for each in value]
        elif isinstance(value, str) and len(value) <= _LONGEST_CREDENTIAL:
            if is_secret_field(name):
                found += filter(looks_like_key, _in_header(name.lower(), value))
            if "://" in value:
                found += filter(looks_like_key, request_secrets(value, (), ()))
    return found


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

    A list of keys, `user:password`, `AccountName=…;AccountKey=…`, or a document in JSON, as it is
    or in base64.
    """
    with suppress(RecursionError):
        if (document := document_in(value)) is not None:
            return _in_document(document)
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
        found += of_basic(rest)
    found += _PART_OF_SIGNATURE.findall(value)
    return tuple(found)


def _user_info(url: str) -> list[str]:
    match = _USER_INFO.search(url)
    if match is None:
        return []
    return [f"{match[1]}:{match[2]}", match[2], unquote(match[2])]


# The ways in which a secret may be spelt

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

_ESCAPE = re.compile(r"%[0-9A-F]{2}")
_SEPARATORS = (":", "-", " ")
"""What stands between bytes in hex: of fingerprints, of dumps."""


def spellings(secrets: Iterable[str]) -> tuple[str, ...]:
    """Each secret as it may be written, the longest first; without what is too short."""
    spelt: set[str] = set()
    for secret in secrets:
        plain = secret.strip()
        if len(plain) >= SHORTEST_SECRET and plain.lower() not in _STOCK:
            spelt |= _written(plain)
    return tuple(sorted(spelt, key=lambda each: (-len(each), each)))


@lru_cache(maxsize=512)
def _written(plain: str) -> frozenset[str]:
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
        *_in_hex(data),
        *_in_base64(data),
    }
    return frozenset(each for each in found if len(each) >= SHORTEST_SECRET)


def _in_hex(data: bytes) -> set[str]:
    plain = {data.hex(), *(data.hex(separator) for separator in _SEPARATORS)}
    return plain | {each.upper() for each in plain}


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
