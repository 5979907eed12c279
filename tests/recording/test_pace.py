"""Keeping to a provider's limits; the clock is a number here, so that no test waits."""

from __future__ import annotations

import heapq

import pytest

from pytest_modelpin.recording.pace import Pace, exhausted_at_rate, retry_after


def night(
    requests: int, *, jobs: int = 50, latency: float = 2.0, allowed: int = 20, start: float = 0.3
) -> tuple[float, int]:
    """The used share of the rate that a server with fixed one-second windows allows; refusals."""
    pace, now, left, number = Pace(jobs), start, requests, 0
    ends: list[tuple[float, int, bool, float]] = []
    accepted: list[float] = []
    refused, window, counted = 0, -1, 0
    while left or ends:
        delay = pace.delay(now) if left else None
        if delay == 0:
            pace.start(now)
            left, number = left - 1, number + 1
            if int(now) != window:
                window, counted = int(now), 0
            counted += 1
            good = counted <= allowed
            heapq.heappush(ends, (now + (latency if good else 0.01), number, good, now))
            if good:
                accepted.append(now)
            now += 0.001
            continue
        times = [ends[0][0]] if ends else []
        now = max(now, min([*times, now + delay] if delay is not None else times))
        while ends and ends[0][0] <= now:
            _, _, good, started = heapq.heappop(ends)
            pace.end()
            if good:
                pace.accepted(now, {})
            else:
                refused, left = refused + 1, left + 1
                rest = int((int(now) + 1 - now) * 1000) + 1
                pace.refused(now, {"retry-after-ms": str(rest)}, started)
    return (requests - 1) / (accepted[-1] - accepted[0]) / allowed, refused


@pytest.mark.parametrize("start", [0.0, 0.3, 0.95])
def test_a_rate_limit_is_used_to_nine_tenths_with_few_refusals(start: float) -> None:
    used, refused = night(600, start=start)
    assert used >= 0.9
    assert refused <= 60


def test_it_starts_with_all_jobs_and_holds_back_the_next() -> None:
    pace = Pace(3)
    for _ in range(3):
        assert pace.delay(0.0) == 0
        pace.start(0.0)
    assert pace.delay(0.0) is None
    pace.end()
    assert pace.delay(0.0) == 0


def test_overload_halves_what_is_under_way_once_and_good_replies_bring_it_back() -> None:
    pace = Pace(40)
    for _ in range(40):
        pace.start(1.0)
    for _ in range(40):
        pace.end()
        pace.refused(2.0, {}, started=1.0)
    assert pace.limit == 20
    for _ in range(20):
        pace.accepted(4.0, {})
    assert pace.limit == 40


def test_nothing_starts_before_the_time_the_provider_names() -> None:
    pace = Pace(5)
    pace.start(10.0)
    pace.end()
    pace.refused(10.0, {"retry-after": "7"}, started=10.0)
    assert pace.delay(12.0) == pytest.approx(5.0)
    assert pace.delay(17.5) == 0


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


def test_after_a_used_up_quota_requests_keep_its_rate() -> None:
    pace = Pace(50)
    headers = {
        "anthropic-ratelimit-requests-limit": "60",
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": "2999-01-01T00:00:00Z",
    }
    pace.start(0.0)
    pace.end()
    pace.accepted(0.0, headers)
    assert 59 < (pace.delay(0.0) or 0) < 61
