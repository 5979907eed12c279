"""Which replies say "later": the request may be tried again, and no recording is made."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_modelpin.providers.provider import Provider

COUNTED = 429
"""The status of providers that count requests."""

TOO_MUCH = frozenset({COUNTED, 529})
"""Statuses that ask for fewer requests."""

_RETRIED = frozenset({408, 409, 429})
"""Statuses that SDKs try again, whatever the provider."""


def overloaded(provider: Provider, status: int, headers: Mapping[str, str]) -> bool:
    """Whether a reply with this status and these headers (lower case) says "later"."""
    return (
        status in _RETRIED
        or status >= 500
        or status in provider.overload_statuses
        or headers.get("x-should-retry") == "true"
    )
