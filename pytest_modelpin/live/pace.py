"""How many live requests may be under way, and how soon the next may start.

Two kinds of limit are met. A provider that counts requests says 429, and mostly when to come back:
then nothing starts before that, and afterwards requests are spaced at the rate that it took before.
One that is overloaded (529 and the like without a time) gets half as many requests at once, and
with each good reply one more again.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from math import ceil

from pytest_modelpin.clock import utc_now
from pytest_modelpin.providers.provider import Provider
from pytest_modelpin.recordings.capture import Cause
from pytest_modelpin.wording import counted as counted_of

COUNTED = 429
"""The status of providers that count requests."""

TOO_MUCH = frozenset({COUNTED, 529})
"""Statuses that ask for fewer requests."""

_RETRIED = frozenset({408, 409, 429})
"""Statuses that SDKs try again, whatever the provider."""

_LONGEST_WAIT = 60.0
"""Seconds; where a provider wants to be left alone for longer, only what asks the id waits."""
_IN_THIS_RUN = 600.0
"""Seconds; for longer, such as a day, no run waits: what asks the id is turned away at once."""
_REFUSED_THROUGHOUT = 120.0
"""Seconds of nothing but refusals that name no time, after which an id is given up for the run: an
account's quota is used up, or its money. Limits are counted by the minute or come with a time."""
_DURATION = re.compile(r"(?<!\d)(\d+(?:\.\d+)?)(ms|h|m|s)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_YEAR = 365 * 24 * 3600.0

_UNTOLD_WAIT = 1.0  # seconds to pause where the provider names no time
_ROUNDING = 1e-6  # of a request

_WINDOW = 1.0  # seconds over which the requests that a provider took are counted
_SHARE = 0.97
"""Of a rate that a provider took: requests never arrive as evenly as they start."""
_BURST = 1 - _SHARE  # of a second's requests may start at once after a lull
_AS_BEFORE = 0.85
"""A provider that took this share of the rate kept to it, and was asked a little too soon."""
_TELLING = 0.2
"""Share of the first burst that is taken where it is counted by the second. Where it is less,
bursts themselves may be what is refused."""

_PROVEN = 1.1  # seconds without a refusal after which a raised rate counts as allowed
_REST_FIRST, _REST_LAST = 4.0, 300.0  # seconds at a known rate before a higher one is tried
_REST_OF_WAITS = 30.0
"""The same as a multiple of what a refusal costs: trying must not take more than it can bring."""
_SEARCH, _PROBE = 2.0, 1.1  # factors for a rate that is unknown yet, and for one that is known


class NotSent(Exception):
    """A request was not sent: its reply might have passed the budget, or it came too soon."""

    def __init__(self, why: str, cause: Cause = "provider") -> None:
        super().__init__(why)
        self.cause = cause


class Pace:
    """Keeps the limits of one run; every time is the caller's, in seconds of one clock."""

    def __init__(self, jobs: int) -> None:
        """At most `jobs` requests at once; starts with that many."""
        self._jobs = jobs
        self._limit = float(jobs)
        self._flying = 0
        self._not_before = 0.0
        self.left_alone: dict[str, float] = {}
        """By id: until when its provider wants no request, where that is long."""
        self._refused_since: dict[str, float] = {}
        """By id: since when it was refused throughout, without a time to come back."""
        self._starts: deque[float] = deque()
        """When requests started that were not refused, as far back as they may be counted."""
        self._lesson_at = 0.0
        """When a refusal last taught anything; what was under way by then teaches it again."""
        self._too_much: float | None = None
        """When the request started whose refusal is still to be learned from."""
        self._rate: float | None = None
        self._set_at = 0.0
        self._allowance = 0.0
        self._counted = 0.0
        self._proven: float | None = None
        """The rate before it was raised; None where it was not."""
        self._factor = _PROBE
        self._rest = self._next_rest = _REST_FIRST
        """Seconds until a higher rate is tried: now, and after the next lesson."""
        self._steady_since = 0.0

    @property
    def limit(self) -> int:
        """How many requests may be under way."""
        return int(self._limit)

    def delay(self, now: float) -> float | None:
        """Seconds until the next request may start: 0 is now, None is when another one ended."""
        if self._flying >= self.limit:
            return None
        if now < self._not_before:
            return self._not_before - now
        if self._too_much is not None:
            self._learn(now, self._too_much)
        return self._until_allowed(now)

    def start(self, now: float) -> None:
        """A request starts."""
        self._flying += 1
        self._starts.append(now)
        while self._starts[0] < now - _WINDOW:
            self._starts.popleft()
        if self._rate is not None:
            self._refill(now)
            self._allowance -= 1.0

    def end(self) -> None:
        """A request is no longer under way, whatever became of it."""
        self._flying -= 1

    def accepted(self, now: float, headers: Mapping[str, str], asked: str = "") -> None:
        """The provider of the id `asked` answered; `headers` may say how much more it will."""
        self._refused_since.pop(asked, None)
        self._limit = min(float(self._jobs), self._limit + 1.0)
        if (rate := exhausted_at_rate(headers)) is not None:
            self._keep_to(now, rate)

    def rest_of(self, asked: str, now: float) -> float:
        """Seconds for which an id's provider wants no request."""
        return max(0.0, self.left_alone.get(asked, now) - now)

    def too_soon(self, asked: str, now: float) -> str:
        """Why nothing is to be asked of an id for the rest of a run; empty where it may be."""
        seconds = self.rest_of(asked, now)
        if seconds <= _IN_THIS_RUN:
            return ""
        if asked in self._refused_since:
            throughout = counted_of(round(_REFUSED_THROUGHOUT / 60), "minute")
            return (
                f"its provider refused every call for {throughout} ({COUNTED}): a quota or a "
                "credit is used up"
            )
        wait = counted_of(ceil(min(seconds, _YEAR) / 60), "minute")
        if seconds > _YEAR:
            wait = "more than a year"
        elif seconds > 2 * _SECONDS["h"]:
            wait = counted_of(round(seconds / _SECONDS["h"]), "hour")
        return f"its provider refused a call and wants none for {wait}"

    def refused(
        self,
        now: float,
        headers: Mapping[str, str],
        started: float,
        asked: str = "",
        *,
        counted: bool = True,
    ) -> None:
        """The request to the id `asked` that started at `started` was too much.

        `counted` says whether the provider counts requests (429), or has not the power for more.
        """
        if started in self._starts:
            self._starts.remove(started)
        asked_for = retry_after(headers)
        if asked_for is not None and asked_for > _LONGEST_WAIT:
            self.left_alone[asked] = now + asked_for
            self._refused_since.pop(asked, None)
            return
        if counted and asked_for is None:
            since = self._refused_since.setdefault(asked, now)
            if now - since >= _REFUSED_THROUGHOUT:
                self.left_alone[asked] = now + _YEAR
                return
        wait = _UNTOLD_WAIT if asked_for is None else asked_for
        if started >= self._lesson_at:
            self._lesson_at = now
            if counted or asked_for is not None:
                self._too_much = started
                self._next_rest = max(self._next_rest, _REST_OF_WAITS * wait)
            else:
                self._limit = max(1.0, self._limit / 2)
        self._not_before = max(self._not_before, now + wait)

    def _learn(self, now: float, too_much: float) -> None:
        """Draw the lesson of a refusal once the wait is over and its companions are known."""
        self._too_much = None
        taken = float(sum(start > too_much - _WINDOW for start in self._starts))
        searching = False
        if self._rate is None:
            rate = _SHARE * max(1.0, taken)
            if taken < _TELLING * self._jobs:
                self._factor, searching = _SEARCH, True
        else:
            rate = self._asked_too_soon(too_much) if self._proven is None else self._proven
            if taken < _AS_BEFORE * rate:
                rate = _SHARE * max(1.0, taken)
            if self._factor == _SEARCH:  # found by doubling; the rest of the way goes by tenths
                self._factor, searching = _PROBE, True
        self._keep_to(now, rate)
        self._allowance = 1.0  # the wait is over
        if searching:
            self._rest = _PROVEN
        else:
            self._rest, self._next_rest = self._next_rest, min(_REST_LAST, self._next_rest * 2)

    def _asked_too_soon(self, too_much: float) -> float:
        """The rate to keep to where the present one was refused, but was taken before.

        Within the window in which it was set, what was asked before that still counts.
        """
        assert self._rate is not None
        return self._rate * (_SHARE if too_much - self._set_at > _WINDOW else 1.0)

    def _keep_to(self, now: float, rate: float) -> None:
        if rate != self._rate:
            self._rate, self._set_at = rate, now
        self._proven = None
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
        if now - self._steady_since > self._rest:
            self._proven = self._rate
            self._rate *= self._factor
            self._rest = _PROVEN
            self._set_at = self._steady_since = now
        burst = max(1.0, self._rate * _BURST)
        self._allowance = min(burst, self._allowance + (now - self._counted) * self._rate)
        self._counted = now


def overloaded(provider: Provider, status: int, headers: Mapping[str, str]) -> bool:
    """Whether a reply with this status and these headers (lower case) says "later"."""
    return (
        status in _RETRIED
        or status >= 500
        or status in provider.overload_statuses
        or headers.get("x-should-retry") == "true"
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that `retry-after-ms` or `retry-after` asks for; None without."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after", "")
    seconds = _number(value)
    return _seconds_until(value, headers) if seconds is None and value else seconds


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
        seconds = _duration(reset) or _seconds_until(reset, headers)
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


def _seconds_until(text: str, headers: Mapping[str, str]) -> float | None:
    """By the provider's own clock, where it tells it: this machine's may be hours off."""
    when, now = _moment(text), _moment(headers.get("date", "")) or utc_now()
    return None if when is None else max(0.0, (when - now).total_seconds())


def _moment(text: str) -> datetime | None:
    from email.utils import parsedate_to_datetime  # some milliseconds, and rarely needed

    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return parse(text).astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            continue
    return None
