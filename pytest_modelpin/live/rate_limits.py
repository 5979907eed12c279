"""What a reply says of a provider's limits: that it is too much, when to come back, the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from pytest_modelpin.clock import time, utc_now
from pytest_modelpin.providers.provider import Provider

COUNTED = 429
"""The status of providers that count requests."""

TOO_MUCH = frozenset({COUNTED, 529})
"""Statuses that ask for fewer requests."""

_RETRIED = frozenset({408, 409, 429})
"""Statuses that SDKs try again, whatever the provider."""

_LONGEST_WAIT = 60.0  # seconds; a provider that asks for more is asked again after it
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def overloaded(provider: Provider, status: int, headers: Mapping[str, str]) -> bool:
    """Whether a reply with this status and these headers (lower case) says "later"."""
    return (
        status in _RETRIED
        or status >= 500
        or status in provider.overload_statuses
        or headers.get("x-should-retry") == "true"
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that `retry-after-ms` or `retry-after` asks for, at most a minute; None without."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return min(_LONGEST_WAIT, milliseconds / 1000)
    value = headers.get("retry-after", "")
    seconds = _number(value)
    if seconds is None and value:
        seconds = _seconds_until(value)
    return None if seconds is None else min(_LONGEST_WAIT, seconds)


def exhausted_at_rate(headers: Mapping[str, str]) -> float | None:
    """Requests a second at which a used-up quota refills; None where it is not used up.

    OpenAI: `x-ratelimit-{limit,remaining,reset}-requests`, the reset a duration such as `6m0s`;
    Anthropic: `anthropic-ratelimit-requests-{limit,remaining,reset}`, the reset a time (RFC 3339).
    Both name the moment at which the whole quota is back.
    """
    for pattern in ("x-ratelimit-{}-requests", "anthropic-ratelimit-requests-{}"):
        limit = _number(headers.get(pattern.format("limit")))
        left = _number(headers.get(pattern.format("remaining")))
        reset = headers.get(pattern.format("reset"), "")
        if left != 0 or not limit or not reset:
            continue
        seconds = _duration(reset) or _seconds_until(reset)
        if seconds:
            return max(limit / seconds, 1 / _LONGEST_WAIT)
    return None


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def _duration(text: str) -> float:
    return sum(float(number) * _SECONDS[unit] for number, unit in _DURATION.findall(text))


def _seconds_until(text: str) -> float | None:
    from email.utils import parsedate_to_datetime  # some milliseconds, and rarely needed

    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            when = parse(text)
            now = utc_now() if when.tzinfo else datetime.fromtimestamp(time())
            return max(0.0, (when - now).total_seconds())
        except (TypeError, ValueError):
            continue
    return None
