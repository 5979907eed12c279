"""How long to wait before a request is sent again: after a rate limit, and after a failure."""

from __future__ import annotations

from collections.abc import Mapping

RETRIES = 3
SECONDARY_WAIT = 60.0
"""Seconds, where GitHub names none: docs.github.com/en/rest/using-the-rest-api/
best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately."""


def limit_wait(
    status: int, message: str, headers: Mapping[str, str], attempt: int, now: float
) -> float | None:
    """Seconds to wait where the answer is a rate limit, else None.

    A limited request took no effect, so that it may be sent again whatever its verb. `headers`
    have lower-case names; `now` is Unix time.
    """
    if status not in (403, 429):
        return None
    if (after := headers.get("retry-after", "")).isdigit():
        return max(float(after), 1.0)
    if headers.get("x-ratelimit-remaining") == "0":
        reset = headers.get("x-ratelimit-reset", "")
        # A second on top: the reset lies somewhere within the second it names.
        return max(float(reset) - now, 0.0) + 1 if reset.isdigit() else SECONDARY_WAIT
    if status == 429 or "rate limit" in message.lower() or "abuse" in message.lower():
        return SECONDARY_WAIT * 2.0**attempt
    return None


def failure_wait(repeatable: bool, status: int | None, attempt: int) -> float | None:
    """Seconds to wait after a server error (`status`) or a lost connection (None), else None.

    Only a request that does no harm twice is sent again, three times at most.
    """
    transient = status is None or status >= 500
    return float(2**attempt) if repeatable and transient and attempt < RETRIES else None
