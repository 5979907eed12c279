"""Headers that tell a limit."""

from __future__ import annotations

import pytest

from pytest_modelpin.live.pace import exhausted_at_rate, retry_after


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "86400"}, 60.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_used_up_quota_tells_its_rate() -> None:
    headers = {
        "x-ratelimit-limit-requests": "600",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "1m0s",
    }
    assert exhausted_at_rate(headers) == 10.0
    assert exhausted_at_rate({**headers, "x-ratelimit-remaining-requests": "1"}) is None
    assert exhausted_at_rate({**headers, "x-ratelimit-reset-requests": "later"}) is None
