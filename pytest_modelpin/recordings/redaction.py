"""Taking secrets out of everything that is written: keys, cookies, account ids.

Redaction is by allow-list for headers, by name for query parameters and JSON fields, by shape for
well-known kinds of key, and by value for the secrets that this request or the environment holds.
Every function is pure, and redacting twice is redacting once, so that a request which is redacted
again in replay still matches its recording.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from urllib.parse import quote, unquote

from pytest_modelpin.providers.reply import JSON

PLACEHOLDER = "REDACTED"

_SHORTEST_SECRET = 8
"""Characters. Shorter values would blot out words such as `test`, `none` and `dummy`."""

_LONGEST_REMEMBERED = 100
"""Characters of a text whose redaction is remembered."""

_SECRET_VARIABLES = ("_KEY", "_TOKEN", "_SECRET", "_PASSWORD")

# The ends of field names; each `_` stands for `_`, `-` or nothing, in any case. A bare "token" is
# missing on purpose: log probabilities name every piece of text so.
_SECRET_NAMES = (
    "api_key",
    "access_key",
    "access_key_id",
    "access_token",
    "auth_token",
    "authorization",
    "bearer_token",
    "client_secret",
    "cookie",
    "id_token",
    "passwd",
    "password",
    "private_key",
    "refresh_token",
    "secret",
    "secret_access_key",
    "secret_key",
    "security_token",
    "session_token",
    "subscription_key",
)
_NAME = "(?:" + "|".join(name.replace("_", "[-_]?") for name in _SECRET_NAMES) + ")"
_SECRET_NAME = re.compile(rf".*{_NAME}", re.IGNORECASE | re.DOTALL)
_SECRET_PARAMETERS = frozenset({"key", "token", "sig", "signature", "auth", "code"})
_SECRET_HEADERS = frozenset(
    {"key", "token", "openai-organization", "openai-project", "x-goog-user-project"}
)

_SHAPES = re.compile(
    r"""
    (?<![A-Za-z0-9]) (?:
        sk-[A-Za-z0-9_\-]{10,}                      # OpenAI, Anthropic, OpenRouter, DeepSeek …
      | (?:pk|rk)[-_](?:live|test|lf)[-_][A-Za-z0-9\-]{10,}
      | AIza[A-Za-z0-9_\-]{20,}                     # Google
      | ya29\.[A-Za-z0-9_\-]{20,}
      | gh[oprsu]_[A-Za-z0-9]{16,} | github_pat_[A-Za-z0-9_]{16,} | glpat-[A-Za-z0-9_\-]{16,}
      | xox[a-z]-[A-Za-z0-9\-]{8,} | xapp-[A-Za-z0-9\-]{8,}
      | (?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])    # AWS
      | hf_[A-Za-z0-9]{16,} | gsk_[A-Za-z0-9]{16,} | xai-[A-Za-z0-9]{16,} | pplx-[A-Za-z0-9]{16,}
      | r8_[A-Za-z0-9]{16,} | nvapi-[A-Za-z0-9_\-]{16,}
      | org-[A-Za-z0-9]{16,} | proj_[A-Za-z0-9]{16,} # OpenAI's account ids
      | eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*   # JSON web token
    )
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----.{0,20000}?-----END\ [A-Z ]*PRIVATE\ KEY-----
    """,
    re.VERBOSE | re.DOTALL,
)
_SCHEMES = re.compile(
    r"\b(Bearer|Basic)(\s+)(?!REDACTED)(?=\S*\d)[A-Za-z0-9._~+/=\-]{8,}"
    r"|\b(Bearer|Basic)(\s+)(?!REDACTED)[A-Za-z0-9._~+/=\-]{20,}",
    re.IGNORECASE,
)
_USER_INFO = re.compile(r"(?<=://)[^/\s@:\"']+:[^/\s@\"']+(?=@)")
# A field of JSON inside a text: the reply's arguments of a tool, or an event of a stream. The
# quotes may be escaped, once or more. Every repetition is bounded: texts come from strangers.
_FIELD_IN_TEXT = re.compile(
    rf"""(?P<field>(?P<quote>\\{{0,15}}["'])[\w\-]{{0,40}}{_NAME}(?P=quote)\s*:\s*(?P<open>\\{{0,15}}["']))"""
    r""".{1,20000}?(?<!\\)(?P=open)""",
    re.IGNORECASE | re.DOTALL,
)


def redact(text: str, secrets: Iterable[str] | None = None) -> str:
    """`text` without secrets: those of well-known shapes, and `secrets` to the letter.

    `secrets` are by default those of the environment.
    """
    if not text:
        return text
    for secret in environment_secrets() if secrets is None else secrets:
        text = text.replace(secret, PLACEHOLDER)
    text = _SHAPES.sub(PLACEHOLDER, text)
    text = _SCHEMES.sub(_keep_scheme, text)
    text = _USER_INFO.sub(PLACEHOLDER, text)
    return _FIELD_IN_TEXT.sub(_keep_field, text)


def redact_json(value: JSON, secrets: Collection[str]) -> JSON:
    """A copy of `value` with every string redacted, and every text under a secret's name.

    A number in whose digits a secret stands is taken out as a whole.
    """
    if isinstance(value, str):
        return _redact_recurring(value, secrets)
    if type(value) in (int, float):
        digits = json.dumps(value)
        return PLACEHOLDER if any(secret in digits for secret in secrets) else value
    if isinstance(value, list):
        return [redact_json(item, secrets) for item in value]
    if isinstance(value, dict):
        return {
            _redact_recurring(name, secrets): (
                PLACEHOLDER
                if isinstance(item, str) and item and _names_a_secret(name)
                else redact_json(item, secrets)
            )
            for name, item in value.items()
        }
    return value


def redact_url(url: str, secrets: Collection[str]) -> str:
    """`url` with the values of secret query parameters and any user and password taken out."""
    request_key, mark, query = url.partition("?")
    parameters = [_redact_parameter(parameter) for parameter in query.split("&")]
    return redact(request_key + mark + "&".join(parameters), secrets)


def kept_headers(
    headers: Mapping[str, str], kept: Collection[str], secrets: Collection[str]
) -> dict[str, str]:
    """The headers that may be recorded, by lower-case name, sorted: content-type and `kept`."""
    allowed = {"content-type", *kept}
    return {
        name: redact(value, secrets)
        for name, value in sorted((name.lower(), value) for name, value in headers.items())
        if name in allowed
    }


def request_secrets(
    url: str, headers: Iterable[tuple[str, str]], secret_headers: Collection[str]
) -> tuple[str, ...]:
    """The secrets that a request carries in its headers, its query and its URL's user."""
    found: list[str] = []
    for name, value in headers:
        lower = name.lower()
        if lower in secret_headers or _is_secret_header(lower):
            found += [value, value.partition(" ")[2]]  # "Bearer x" holds the secret x
            if "cookie" in lower:
                found += [piece.partition("=")[2] for piece in value.split(";")]
    for parameter in url.partition("?")[2].split("&"):
        name, _, value = parameter.partition("=")
        if _is_secret_parameter(name):
            found += [value, unquote(value)]
    if user_info := _USER_INFO.search(url):
        found += [user_info[0], unquote(user_info[0].partition(":")[2])]
    return _spellings(found)


def environment_secrets(environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The values of the environment's variables whose name ends like that of a secret."""
    variables = os.environ if environment is None else environment
    return _spellings(variables[name] for name in filter(_variable_holds_a_secret, variables))


def _spellings(secrets: Iterable[str]) -> tuple[str, ...]:
    """Each secret as it may be written: plain, in JSON, in a URL; the longest first."""
    spelt: set[str] = set()
    for secret in secrets:
        plain = secret.strip()
        if len(plain) >= _SHORTEST_SECRET and plain != PLACEHOLDER:
            spelt |= _spelt(plain)
    return tuple(sorted(spelt, key=lambda secret: (-len(secret), secret)))


# Every request brings the same few secrets, field names and short words (roles, ids, units). What
# is remembered of them saves half the time of a replay.


@lru_cache(maxsize=4096)
def _variable_holds_a_secret(name: str) -> bool:
    return name.upper().endswith(_SECRET_VARIABLES)


@lru_cache(maxsize=256)
def _spelt(plain: str) -> frozenset[str]:
    return frozenset((plain, json.dumps(plain)[1:-1], quote(plain, safe="")))


def _redact_recurring(text: str, secrets: Collection[str]) -> str:
    if len(text) > _LONGEST_REMEMBERED:
        return redact(text, secrets)
    return _redact_remembered(text, tuple(secrets))


@lru_cache(maxsize=4096)
def _redact_remembered(text: str, secrets: tuple[str, ...]) -> str:
    return redact(text, secrets)


@lru_cache(maxsize=4096)
def _names_a_secret(name: str) -> bool:
    return _SECRET_NAME.fullmatch(name) is not None


def _is_secret_header(lower: str) -> bool:
    own = lower in _SECRET_HEADERS or lower.endswith(("-key", "_key", "-token", "_token"))
    return own or _names_a_secret(lower)


def _is_secret_parameter(name: str) -> bool:
    lower = unquote(name).lower()
    return (
        lower in _SECRET_PARAMETERS
        or lower.startswith(("x-amz-", "x-goog-"))
        or _names_a_secret(lower)
    )


def _redact_parameter(parameter: str) -> str:
    name, equals, _ = parameter.partition("=")
    return f"{name}={PLACEHOLDER}" if equals and _is_secret_parameter(name) else parameter


def _keep_scheme(match: re.Match[str]) -> str:
    return f"{match[1] or match[3]}{match[2] or match[4]}{PLACEHOLDER}"


def _keep_field(match: re.Match[str]) -> str:
    return f"{match['field']}{PLACEHOLDER}{match['open']}"
