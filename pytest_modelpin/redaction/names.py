"""Names that say of a value that it is a secret: of variables, headers, fields, parameters."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote

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
