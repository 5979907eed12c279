"""How many live requests may be under way, and how soon the next may start.

Two kinds of limit are met. A provider that counts requests says so with 429 and when to come back:
then nothing starts before that, and afterwards no more a second than it took before. One that is
overloaded (529, or 429 without a time) gets half as many requests at once, and with each good reply
one more again.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from datetime import datetime

_LONGEST_WAIT = 60.0  # seconds; a provider that asks for more is asked again after it
_UNTOLD_WAIT = 1.0  # seconds to pause where the provider names no time
_BURST = 0.1  # seconds' worth of requests that may start at once after a lull
_ROUNDING = 1e-6  # of a request
_PROBE_FIRST, _PROBE_LAST = 2.0, 32.0  # seconds at a rate before a higher one is tried
_PROBE_FACTOR = 1.1
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class Pace:
    """Keeps the limits of one run; every time is the caller's, in seconds of one clock."""

    def __init__(self, jobs: int) -> None:
        """At most `jobs` requests at once; starts with that many."""
        self._jobs = jobs
        self._limit = float(jobs)
        self._flying = 0
        self._not_before = 0.0
        self._halved = 0.0
        self._starts: deque[float] = deque()
        """When requests started that were not refused, for a second back."""
        self._rate: float | None = None
        self._allowance = 0.0
        self._counted = 0.0
        self._probe_after = _PROBE_FIRST
        self._steady_since = 0.0

    @property
    def limit(self) -> int:
        """How many requests may be under way."""
        return int(self._limit)

    def delay(self, now: float) -> float | None:
        """Seconds until the next request may start: 0 is now, None is when another one ended."""
        if self._flying >= self.limit:
            return None
        return max(0.0, self._not_before - now, self._until_allowed(now))

    def start(self, now: float) -> None:
        """A request starts."""
        self._flying += 1
        self._starts.append(now)
        while self._starts[0] < now - 1.0:
            self._starts.popleft()
        if self._rate is not None:
            self._refill(now)
            self._allowance -= 1.0

    def end(self) -> None:
        """A request is no longer under way, whatever became of it."""
        self._flying -= 1

    def accepted(self, now: float, headers: Mapping[str, str]) -> None:
        """The provider answered; `headers` may say how much more it will."""
        self._limit = min(float(self._jobs), self._limit + 1.0)
        if (rate := exhausted_at_rate(headers)) is not None:
            self._keep_to(now, rate)

    def refused(self, now: float, headers: Mapping[str, str], started: float) -> None:
        """The provider was overloaded or had counted enough; the request started at `started`."""
        if started in self._starts:
            self._starts.remove(started)
        told = retry_after(headers)
        if started >= self._halved:
            # What was under way already when the limit was cut is no news.
            self._halved = now
            self._slow_down(now, told)
        self._not_before = max(self._not_before, now + (_UNTOLD_WAIT if told is None else told))

    def _slow_down(self, now: float, told: float | None) -> None:
        if told is None:
            self._limit = max(1.0, self._limit / 2)
            return
        taken = float(sum(start > now - 1.0 for start in self._starts))
        if self._rate is None:
            self._keep_to(now, max(1.0, taken))
            return
        self._keep_to(now, max(1.0, taken, self._rate / _PROBE_FACTOR))
        self._probe_after = min(_PROBE_LAST, self._probe_after * 2)

    def _keep_to(self, now: float, rate: float) -> None:
        self._rate = rate
        self._allowance = min(self._allowance, 0.0)
        self._counted = self._steady_since = now

    def _until_allowed(self, now: float) -> float:
        if self._rate is None:
            return 0.0
        self._refill(now)
        missing = 1.0 - self._allowance
        return missing / self._rate if missing > _ROUNDING else 0.0

    def _refill(self, now: float) -> None:
        assert self._rate is not None
        if now - self._steady_since > self._probe_after:
            self._rate *= _PROBE_FACTOR
            self._steady_since = now
        burst = max(1.0, self._rate * _BURST)
        self._allowance = min(burst, self._allowance + (now - self._counted) * self._rate)
        self._counted = now


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
            return max(0.0, (when - datetime.now(when.tzinfo)).total_seconds())
        except (TypeError, ValueError):
            continue
    return None
