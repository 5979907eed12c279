"""Figures with every value of their spelling, dates and times of day among them: whether two mean
the same, and which lack a partner.

5 km is 5,000 m and not 5 miles. Two quantities are the same where any of their readings agree: a
figure is called changed only if it can't be otherwise.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from pytest_modelpin.drift.lexicon.numerals import DAY_HALVES_AFTER, MONTHS, ZONES
from pytest_modelpin.drift.once import once

Sort = Literal["number", "date", "time", "weekday", "version", "id", "link", "letter"]
Day = tuple[int | None, int, int | None]
"""Year, month, day; None where the text does not say."""


Value = tuple[Sort, tuple[object, ...], str | None]
"""A figure's sort, readings and unit: what it means, however it is spelled."""


class Quantity(NamedTuple):
    """One figure of a text."""

    sort: Sort
    readings: tuple[object, ...]
    """Every value that the spelling may have: Decimals, Days, minutes since midnight, or texts."""
    plain: tuple[Decimal, ...]
    """The readings of the bare digits, without unit and magnitude."""
    unit: str | None
    soft: bool
    """True for words such as "one" or "second" that need not be a number at all."""
    text: str
    start: int
    end: int

    @property
    def value(self) -> Value:
        """Equal where two figures are the same for certain."""
        return self.sort, self.readings, self.unit


def made(sort: Sort, readings: tuple[object, ...], match: re.Match[str]) -> Quantity:
    """The figure that a match is, without unit."""
    return Quantity(sort, readings, (), None, False, match.group(), *match.span())


_FEW = 12
"""Figures that are sooner tried one by one than put in order."""
_NEAR = 1e-8
"""Of a value; wider than what counts as the same, to allow for the rounding of floats."""


def same(one: Quantity, other: Quantity) -> bool:
    """Whether two figures can mean the same."""
    if one.sort == other.sort:
        if one.sort == "date":
            return any(_same_day(a, b) for a in one.readings for b in other.readings)
        if one.sort != "number":
            return not set(one.readings).isdisjoint(other.readings)
        if one.unit == other.unit:
            return any(_close(a, b) for a in one.readings for b in other.readings)
        if one.unit is None or other.unit is None:
            if any(_close(a, b) for a in one.plain for b in other.plain):
                return True
            share, percent = (one, other) if one.unit is None else (other, one)
            return percent.unit == "percent" and any(
                0 < a <= 1 and _is_percent(a, b) for a in share.plain for b in percent.plain
            )
        if "cent" in (one.unit, other.unit) and _DIVIDED.issuperset((one.unit, other.unit)):
            return any(_close(a, b) for a in one.readings for b in other.readings)
        if "degree" in (one.unit, other.unit):
            return {"celsius", "fahrenheit"}.issuperset({one.unit, other.unit} - {"degree"}) and (
                one.readings == other.readings
            )
        return {one.unit, other.unit} in _SHARED_SIGNS and one.readings == other.readings
    return _same_across_sorts(one, other) or _same_across_sorts(other, one)


def _is_percent(share: Decimal, percent: Decimal) -> bool:
    """Whether a share is so many of a hundred; a third is 33 %."""
    exact = share * 100
    return _close(exact, percent) or (
        exact != round(exact, 1) and percent in (round(exact), round(exact, 1))
    )


_DIVIDED = frozenset(("cent", "usd", "eur", "gbp", "aud", "cad", "chf"))
"""Currencies of which a hundredth has a name, and that name."""
_SHARED_SIGNS = ({"jpy", "cny"}, {"pound", "gbp"})
"""Two units that may be written alike: ¥, and pounds of money or weight."""


class Unmatched(NamedTuple):
    """Figures of two texts that have no partner on the other side."""

    before: tuple[Quantity, ...]
    after: tuple[Quantity, ...]


def unmatched(before: Sequence[Quantity], after: Sequence[Quantity]) -> Unmatched:
    """Pair off what is the same; a figure that is merely repeated needs no second partner."""
    if len(before) * len(after) > 10_000:  # far more figures than any sentence holds
        known, new = {q.readings for q in before}, {q.readings for q in after}
        return Unmatched(
            tuple(q for q in before if q.readings not in new),
            tuple(q for q in after if q.readings not in known),
        )
    return Unmatched(_lacking(before, after), _lacking(after, before))


def _lacking(figures: Sequence[Quantity], others: Sequence[Quantity]) -> tuple[Quantity, ...]:
    """Those of `figures` that have no partner among the others."""
    if not others:
        return tuple(figures)
    alike = {q.value for q in others}
    unlike = [q for q in figures if q.value not in alike]
    if not unlike:
        return ()
    known = Figures(others)
    return tuple([q for q in unlike if not known.have(q)])


class Figures:
    """The figures of a text, of which only those are tried that can be the same as another."""

    def __init__(self, figures: Sequence[Quantity]) -> None:
        self._figures = figures

    @once
    def _by_sort(self) -> Mapping[Sort, list[Quantity]]:
        found: dict[Sort, list[Quantity]] = {}
        for figure in self._figures:
            found.setdefault(figure.sort, []).append(figure)
        return found

    @once
    def _numbers(self) -> list[tuple[float, int]]:
        """The values of all numbers in order, each with its figure's place."""
        return sorted(
            (value, place)
            for place, q in enumerate(self._figures)
            if q.sort == "number"
            for value in _values(q)
        )

    def have(self, figure: Quantity) -> bool:
        """Whether any of them can mean the same as `figure`."""
        by_sort = self._by_sort
        for sort in _COMPARABLE[figure.sort]:
            if sort not in by_sort:
                continue
            others: Collection[Quantity] = by_sort[sort]
            if sort == figure.sort == "number" and len(others) > _FEW:
                others = self._near(figure)
            if any(same(figure, other) for other in others):
                return True
        return False

    def _near(self, figure: Quantity) -> Collection[Quantity]:
        """The numbers near a value of the figure's."""
        places: set[int] = set()
        for value in _values(figure):
            # A share may be written as a percentage, on either side.
            for near in (value, value * 100, value / 100):
                slack = abs(near) * _NEAR
                first = bisect_left(self._numbers, (near - slack, -1))
                last = bisect_right(self._numbers, (near + slack, len(self._figures)))
                places.update(place for _, place in self._numbers[first:last])
        return [self._figures[place] for place in places]


_COMPARABLE: Mapping[Sort, Sequence[Sort]] = {
    "number": ("number", "date", "time", "id", "version"),
    "date": ("date", "number"),
    "time": ("time", "number"),
    "id": ("id", "number", "version"),
    "version": ("version", "number", "id"),
    "weekday": ("weekday",),
    "letter": ("letter",),
    "link": ("link",),
}
"""Of each sort those of which one can be `same`."""


def _values(figure: Quantity) -> set[float]:
    return {float(value) for value in (*figure.readings, *figure.plain)}  # type: ignore[arg-type]


def _same_day(a: object, b: object) -> bool:
    assert isinstance(a, tuple)
    assert isinstance(b, tuple)
    return all(x == y or x is None or y is None for x, y in zip(a, b, strict=True))


def _close(a: object, b: object) -> bool:
    if a == b:
        return True
    assert isinstance(a, Decimal)
    assert isinstance(b, Decimal)
    if a == a.to_integral_value() and b == b.to_integral_value():
        return False  # two order numbers may differ in their last digit alone
    return abs(a - b) <= max(abs(a), abs(b)) * Decimal("1e-9")


def _same_across_sorts(one: Quantity, other: Quantity) -> bool:
    """Whether a bare number is a part of a date, time, id or version: "the 1st" of March 1."""
    if one.sort == "version" and other.sort == "id":
        return other.text.lower().endswith(str(one.readings[0]))
    if one.sort != "number":
        return False
    if other.sort == "date":
        # Its day or its year: a bare figure is no month of a date that names one.
        days = [day for day in other.readings if isinstance(day, tuple)]
        parts = {part for year, _, day in days for part in (year, day)}
        return one.unit is None and any(value in parts for value in one.plain)
    if other.sort == "time":
        if one.unit == "second":  # "2h30" is read as a time of day
            return any(value == 60 * m for value in one.readings for m in other.readings)  # type: ignore[operator]
        hours = {int(m) // 60 for m in other.readings if isinstance(m, (int, Decimal))}
        return any(value in hours or value + 12 in hours for value in one.plain)
    if other.sort == "id":
        digits = re.sub(r"\D", "", other.text)
        return bool(digits) and any(str(value) == digits.lstrip("0") for value in one.plain)
    return other.sort == "version" and one.text.strip() in other.readings


def _day(year: int | None, month: int, day: int | None) -> Day | None:
    if 1 <= month <= 12 and (day is None or 1 <= day <= 31):
        return (year, month, day)
    return None


def _dates(candidates: Iterable[Day | None], match: re.Match[str]) -> Quantity:
    days = tuple(day for day in candidates if day is not None)
    if days:
        return made("date", days, match)
    return made("id", (match.group().lower(),), match)


def iso_date(text: str, match: re.Match[str]) -> Quantity:
    """2026-03-01, also with a time behind it, which is a figure of its own."""
    year, month, day = (int(part) for part in re.split(r"[-/.]", match["iso"]))
    return _dates([_day(year, month, day)], match)._replace(end=match.end("iso"), text=match["iso"])


def cjk_date(text: str, match: re.Match[str]) -> Quantity:
    """2026年3月1日, 3月1日 or 2026年3月."""
    year, day = match["cy"], match["cd"]
    return _dates(
        [_day(int(year) if year else None, int(match["cm"]), int(day) if day else None)], match
    )


def numeric_date(text: str, match: re.Match[str]) -> Quantity:
    """01/03/2026, with both readings of day and month."""
    first, second, year = int(match["n1"]), int(match["n2"]), int(match["n3"])
    year += 2000 if year < 100 else 0
    return _dates([_day(year, first, second), _day(year, second, first)], match)


def slashed_date(text: str, match: re.Match[str]) -> Quantity | None:
    """04/03 without a year, with both readings; None where neither is a day, as in a fraction."""
    first, second = int(match["s1"]), int(match["s2"])
    found = _dates([_day(None, first, second), _day(None, second, first)], match)
    return found if found.sort == "date" else None


def dotted_date(text: str, match: re.Match[str]) -> Quantity:
    """04.06., as German writes the fourth of June."""
    return _dates([_day(None, int(match["dm"]), int(match["dd"]))], match)


def named_date(text: str, match: re.Match[str]) -> Quantity:
    """March 1, 2026; 1. März 2026; March 2026."""
    for month, day, year in (("m1", "d1", "y1"), ("m2", "d2", "y2"), ("m3", None, "y3")):
        if match[month]:
            return _dates(
                [
                    _day(
                        int(match[year]) if match[year] else None,
                        MONTHS[match[month].lower()],
                        int(match[day]) if day else None,
                    )
                ],
                match,
            )
    raise AssertionError(match.group())


def minutes_of(hour: int, minute: int, half: str | None) -> int:
    """Minutes since midnight; `half` is "a", "p" or None for the 24-hour clock."""
    if half:
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    return hour * 60 + minute


def clock(text: str, match: re.Match[str]) -> Quantity:
    """A time of day: 14:05, 2:05 pm, 14 Uhr, noon."""
    if match["noon"]:
        midnight = match["noon"].lower() in ("midnight", "mitternacht")
        return made("time", (0 if midnight else 720,), match)
    hour = int(match["h1"] or match["h2"] or match["h3"])
    minute = int(match["min1"] or match["min3"] or match["min4"] or 0)
    half = match["ap1"] or match["ap2"] or half_before(text, match.start())
    readings = {minutes_of(hour, minute, half or half_after(text, match.end())[0])}
    if not half and 1 <= hour <= 12 and match["h1"] and len(match["h1"]) == 1:
        readings.add(minutes_of(hour % 12 + 12, minute, None))  # "2:30" in the afternoon
    return made("time", tuple(sorted(readings)), match)


def half_before(text: str, at: int) -> str | None:
    """The half of the day that Chinese and Japanese name before the hour."""
    before = text[max(0, at - 2) : at]
    if before in ("下午", "晚上", "午後", "傍晚"):
        return "p"
    return "a" if before in ("上午", "早上", "午前", "凌晨", "清晨") else None


_HALF_AFTER = re.compile(rf" ({'|'.join(DAY_HALVES_AFTER)})\b", re.IGNORECASE)


def half_after(text: str, end: int) -> tuple[str | None, int]:
    """The half of the day that is named behind a time, None where none is, and where that ends."""
    match = _HALF_AFTER.match(text, end)
    return (DAY_HALVES_AFTER[match[1].lower()], match.end()) if match else (None, end)


_ZONE = re.compile(
    rf"(?:(?<=[\dm.] )|(?<=\())(?:{'|'.join(ZONES)}|[PMCE][SD]?T)\b"
    r"|(?<=:\d\d)Z\b|(?<=:\d\d:\d\d)[+-]\d{2}:\d{2}\b"
    r"|\b(?:(?<=[\dm.] )|(?=\w+ (?:[Ss]tandard |[Dd]aylight )?[Tt]ime\b))"
    r"(?:Pacific|Mountain|Central|Eastern)\b"
)
_SAME_ZONE = {"Z": "UTC", "GMT": "UTC", "+00:00": "UTC"} | {
    short: zone
    for zone in ("Pacific", "Mountain", "Central", "Eastern")
    for short in (f"{zone[0]}T", f"{zone[0]}ST", f"{zone[0]}DT")
}


def zones(text: str) -> frozenset[str]:
    """The time zones of a text's times, each by one name: PT, PST and Pacific Time are one."""
    return frozenset(_SAME_ZONE.get(zone, zone) for zone in _ZONE.findall(text))
