"""What is secret by its name (of variables, headers, fields, parameters), and what is known to be
secret by its value: what the environment holds, and what requests carried, in all the ways in which
it may be spelt: escaped, encoded, in base64.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import os
import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from pytest_modelpin.redaction.spellings import is_path, is_word, looks_like_key
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

_WHICH = re.compile(
    r"(?:_(?:V?\d{1,3}|OLD|NEW|CURRENT|PREV|PREVIOUS|PRIMARY|SECONDARY|BACKUP|ROTATED"
    r"|PROD|PRODUCTION|STAGING|STAGE|DEV|TEST|LIVE|SANDBOX|CI"
    r"|B64|BASE64|HEX|PEM|DER|RAW|JSON|VALUE))+$"
)
"""What says which of several a secret is, or how it is written: `API_KEY_2`, `TLS_KEY_PEM`."""
_CERTAIN_VARIABLE = re.compile(
    r".*(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|API_?KEY|API_?TOKEN|ACCESS_?KEY|ACCESS_?KEY_ID"
    r"|ACCESS_?TOKEN|AUTH_?TOKEN|PRIVATE_?KEY|SECRET_?KEY|SIGNING_?KEY|SESSION_?TOKEN"
    r"|(?:^|_)PASS|(?:^|_)PAT|(?:^|_)PWD|CREDENTIALS?|WEBHOOK(?:_URL)?|CONNECTION_?STRING"
    r"|DATABASE_URL|(?:^|_)DSN|COOKIE)S?"
)
_LIKELY_VARIABLE = re.compile(
    r"(?:.*_)?(?:KEYS?|TOKEN|AUTH|JWT|SIGNATURE|LICENSE|ORG_ID|PROJECT_ID)"
)
_HINT = re.compile(r"(?:.*_)?(?:API_?)?(?:KEY|TOKEN|SECRET|PASSWORD|PASS|PAT|AUTH|CRED)S?(?:_.*)?")
_NO_SECRETS = frozenset({"PWD", "OLDPWD"})  # a shell's working folders


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


@lru_cache(maxsize=4096)
def says_secret(variable: str) -> bool:
    """Whether an environment variable's name leaves no doubt: `DB_PASSWORD`, `OPENAI_API_KEY_2`."""
    name = _WHICH.sub("", variable.upper())
    return name not in _NO_SECRETS and _CERTAIN_VARIABLE.fullmatch(name) is not None


@lru_cache(maxsize=4096)
def suggests_secret(variable: str) -> bool:
    """Whether it may be a secret's name, as `OPENAI_KEY` is, or may not, as `SORT_KEY` is not."""
    return _LIKELY_VARIABLE.fullmatch(_WHICH.sub("", variable.upper())) is not None


@lru_cache(maxsize=4096)
def hints_at_secret(variable: str) -> bool:
    """Whether it has a secret's word anywhere: `TOKEN_GITLAB`, `GH_TOKENS`, `KEY_FOR_ACME`."""
    return _HINT.fullmatch(variable.upper()) is not None


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
    if environment is not None:
        return _spelt(told)
    return (*_spelt(told), *_every_spelling(tuple(secrets_of_children)))


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
