"""Dates and times of day."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pytest_modelpin.drift.lexicon.numerals import DAY_HALVES, HOURS, MONTHS, UNITS_OF_TEN, ZONES
from pytest_modelpin.drift.text.numbers import Day, Quantity, made


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


_MINUTES = {"media": 30, "mezza": 30, "demie": 30, "cuarto": 15}


def spoken_time(text: str, match: re.Match[str]) -> Quantity:
    """A time with its half of the day in words: "seis de la tarde", "six in the evening"."""
    word, past = match["h4"].lower(), (match["min5"] or "").lower()
    hour = int(word) if word.isdigit() else HOURS.get(word) or UNITS_OF_TEN[word]
    minute = _MINUTES.get(past) or HOURS.get(past) or UNITS_OF_TEN.get(past, 0)
    if hour > 12:
        return made("time", (minutes_of(hour, minute, None),), match)
    half = DAY_HALVES[match["ap4"].lower()]
    return made("time", (minutes_of(hour, minute, half),), match)


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
    readings = {minutes_of(hour, minute, half)}
    if not half and 1 <= hour <= 12 and match["h1"] and len(match["h1"]) == 1:
        readings.add(minutes_of(hour % 12 + 12, minute, None))  # "2:30" in the afternoon
    return made("time", tuple(sorted(readings)), match)


def half_before(text: str, at: int) -> str | None:
    """The half of the day that Chinese and Japanese name before the hour."""
    before = text[max(0, at - 2) : at]
    if before in ("下午", "晚上", "午後", "傍晚"):
        return "p"
    return "a" if before in ("上午", "早上", "午前", "凌晨", "清晨") else None


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
