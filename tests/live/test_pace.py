"""Keeping to a provider's limits; the clock is a number here, so that no test waits."""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable
from typing import Any

import pytest

from pytest_modelpin.live.pace import Pace, exhausted_at_rate, retry_after


class Windows:
    """Counts requests by the second of the clock."""

    def __init__(self, allowed: int) -> None:
        self.allowed, self.window, self.counted = allowed, -1, 0

    def takes(self, now: float) -> bool:
        if int(now) != self.window:
            self.window, self.counted = int(now), 0
        self.counted += 1
        return self.counted <= self.allowed


class Sliding:
    """Counts the requests that it took within the last second."""

    def __init__(self, allowed: int) -> None:
        self.allowed, self.taken = allowed, deque[float]()

    def takes(self, now: float) -> bool:
        while self.taken and self.taken[0] <= now - 1:
            self.taken.popleft()
        if len(self.taken) >= self.allowed:
            return False
        self.taken.append(now)
        return True


class Bucket:
    """Gives out tokens that flow in at a rate; so many are kept for a burst."""

    def __init__(self, allowed: int, burst: int | None = None) -> None:
        self.allowed, self.burst = allowed, burst or allowed
        self.tokens, self.filled = float(self.burst), 0.0

    def takes(self, now: float) -> bool:
        self.tokens = min(self.burst, self.tokens + (now - self.filled) * self.allowed)
        self.filled = now
        self.tokens -= (taken := self.tokens >= 1)
        return taken


def to_the_millisecond(now: float) -> dict[str, str]:
    return {"retry-after-ms": str(int((int(now) + 1 - now) * 1000) + 1)}


def whole_seconds(now: float) -> dict[str, str]:
    return {"retry-after": "1"}


def soon(now: float) -> dict[str, str]:
    return {"retry-after": "0.05"}


def untold(now: float) -> dict[str, str]:
    return {}


def night(
    limiter: Any,
    told: Callable[[float], dict[str, str]],
    *,
    requests: int = 600,
    jobs: int = 50,
    latency: float = 2.0,
    start: float = 0.3,
    jitter: float = 0.0,
) -> tuple[float, int]:
    """The share used of the rate that a provider allows, and how many requests it refused.

    Requests arrive up to `jitter` seconds after they start.
    """
    pace, now, left, number = Pace(jobs), start, requests, 0
    chance = random.Random(7)
    ends: list[tuple[float, int, bool, float]] = []
    accepted: list[float] = []
    refused = 0
    while left or ends:
        delay = pace.delay(now) if left else None
        if delay == 0:
            pace.start(now)
            left, number = left - 1, number + 1
            good = limiter.takes(now + chance.uniform(0, jitter))
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
                pace.refused(now, told(now), started)
    return (requests - 1) / (accepted[-1] - accepted[0]) / limiter.allowed, refused


@pytest.mark.parametrize("told", [to_the_millisecond, whole_seconds, soon, untold])
@pytest.mark.parametrize("kind", [Windows, Sliding, Bucket])
@pytest.mark.parametrize("jitter", [0.0, 0.02])
@pytest.mark.parametrize("start", [0.0, 0.3, 0.95])
def test_a_rate_limit_is_used_to_nine_tenths_with_few_refusals(
    kind: Any, told: Any, start: float, jitter: float
) -> None:
    used, refused = night(kind(20), told, start=start, jitter=jitter)
    assert used >= 0.9
    assert refused <= 60


def test_a_limit_that_takes_no_bursts_is_found_by_and_by() -> None:
    used, refused = night(Bucket(20, burst=1), soon, requests=3000)
    assert used >= 0.9
    assert refused <= 100


@pytest.mark.parametrize(("before", "after"), [(20, 10), (20, 40)])
def test_a_limit_may_change_midway(before: int, after: int) -> None:
    class Changing:
        allowed = after

        def __init__(self) -> None:
            self.old, self.new = Sliding(before), Sliding(after)

        def takes(self, now: float) -> bool:
            return (self.old if now < 10 else self.new).takes(now)

    used, refused = night(Changing(), whole_seconds, requests=6000, latency=0.5)
    assert used >= 0.8
    assert refused <= 100


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
        pace.refused(2.0, {}, started=1.0, counted=False)
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


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "86400"}, 86400.0),
        (
            {
                "retry-after": "Thu, 01 Jan 1970 00:01:00 GMT",
                "date": "Thu, 01 Jan 1970 00:00:00 GMT",
            },
            60.0,
        ),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_duration_of_many_digits_takes_time_in_proportion(growth: Any) -> None:
    """A header of sixty thousand digits held a run up for minutes."""
    told = {"x-ratelimit-limit-requests": "5", "x-ratelimit-remaining-requests": "0"}

    def work(size: int) -> None:
        exhausted_at_rate({**told, "x-ratelimit-reset-requests": "0" * size})

    assert growth(work, 2_000, 20_000) < 3


def test_a_used_up_quota_tells_its_rate() -> None:
    headers = {
        "x-ratelimit-limit-requests": "600",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "1m0s",
    }
    assert exhausted_at_rate(headers) == 10.0
    assert exhausted_at_rate({**headers, "x-ratelimit-remaining-requests": "1"}) is None
    assert exhausted_at_rate({**headers, "x-ratelimit-reset-requests": "later"}) is None


def test_whoever_wants_to_be_left_alone_for_longer_than_a_run_is_not_waited_for() -> None:
    pace = Pace(jobs=4)
    pace.start(0.0)
    pace.end()
    pace.refused(0.0, {"retry-after": "86400"}, 0.0, "m")
    assert pace.delay(0.0) == 0, "others are asked on"
    assert pace.too_soon("m", 60.0) == ("its provider refused a call and wants none for 24 hours")
    assert "11 minutes" in pace.too_soon("m", 86_400 - 630.0)
    assert pace.too_soon("other", 60.0) == pace.too_soon("m", 86_400.0) == ""


def test_an_absurd_wait_is_told_in_few_words() -> None:
    pace = Pace(4)
    pace.refused(0.0, {"retry-after": "1e300"}, 0.0, "m")
    assert pace.too_soon("m", 60.0).endswith("wants none for more than a year")


def refused_at(pace: Pace, *times: float) -> None:
    for now in times:
        pace.start(now)
        pace.refused(now, {}, now, "m")
        pace.end()


def test_an_id_that_is_refused_throughout_is_given_up() -> None:
    """A used-up quota was asked for until the night's time was up: 400 requests for four cases."""
    pace = Pace(4)
    refused_at(pace, 0.0, 60.0, 119.0)
    assert pace.too_soon("m", 119.0) == ""
    refused_at(pace, 121.0)
    assert pace.too_soon("m", 122.0) == (
        "its provider refused every call for 2 minutes (429): a quota or a credit is used up"
    )
    assert pace.too_soon("other", 122.0) == ""


def test_one_good_reply_begins_the_count_anew() -> None:
    pace = Pace(4)
    refused_at(pace, 0.0, 60.0)
    pace.accepted(90.0, {}, "m")
    refused_at(pace, 121.0, 200.0)
    assert pace.too_soon("m", 200.0) == ""


def test_who_has_not_the_power_for_more_is_not_given_up() -> None:
    pace = Pace(4)
    for now in (0.0, 100.0, 200.0):
        pace.refused(now, {}, now, "m", counted=False)
    assert pace.too_soon("m", 200.0) == ""
