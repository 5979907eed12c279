"""What the name of an environment variable says of its value: a secret, perhaps one, or none."""

from __future__ import annotations

import re
from functools import lru_cache

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
