"""Figures of several parts: half an hour, two and a half, one in five, 3 hours and 20 minutes, 7 to
21 days, three euros eighty.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from pytest_modelpin.drift.figures.numbers import Quantity, made, minutes_of
from pytest_modelpin.drift.lexicon.numerals import (
    DAY_HALVES,
    HOURS,
    MAGNITUDES,
    PARTS,
    SHARES,
    UNITS,
    UNITS_OF_TEN,
)

_DOZEN = Decimal(12)


def half(text: str, match: re.Match[str]) -> Quantity:
    """A half of a unit or magnitude: "half an hour", "half a million"."""
    share = Decimal("0.5")
    word = (match["halved"] or match["halvedcjk"]).lower()
    unit, factor = UNITS.get(word, (None, Decimal(MAGNITUDES.get(word, _DOZEN))))
    value = share * factor
    plain = share if unit else value
    return made("number", (value,), match)._replace(plain=(plain,), unit=unit)


def hour_and_part(text: str, match: re.Match[str]) -> Quantity:
    """An hour and a half, an hour and a quarter."""
    quarters = match["quarters"]
    hours = Decimal("1.5" if quarters is None else "1.75" if quarters == "three" else "1.25")
    return made("number", (hours * 3600,), match)._replace(plain=(hours,), unit="second")


_OF_UNIT = re.compile(r"[ -](?:of )?(?:an? |d['’]|de |di )?(?P<unit>[^\W\d_]+)")


def share(text: str, match: re.Match[str]) -> Quantity:
    """A part of a whole: "a quarter of"; soft, as a quarter may also be one of a year or town, and
    "four fifths", "three quarters of an hour".
    """
    if match["part5"]:
        value = Decimal(UNITS_OF_TEN[match["several"].lower()]) / PARTS[match["part5"].lower()]
        found = made("number", (value,), match)._replace(plain=(value,))
        of = _OF_UNIT.match(text, match.end())
        if of is None or of["unit"].lower() not in UNITS:
            return found
        unit, factor = UNITS[of["unit"].lower()]
        spelled = text[match.start() : of.end()]
        return found._replace(readings=(value * factor,), unit=unit, end=of.end(), text=spelled)
    group = next(name for name in ("part", "part2", "part3", "part4") if match[name])
    over, under = SHARES.get(match[group].lower(), (1, 2))  # half, in a form that no table lists
    value = Decimal(over) / Decimal(under)
    start, end = match.span(group)
    return Quantity("number", (value,), (value,), None, True, match[group], start, end)


_MINUTES = {"media": 30, "mezza": 30, "demie": 30, "cuarto": 15, "half": 30, "quarter": 15}


def spoken_time(text: str, match: re.Match[str]) -> Quantity:
    """A time with its half of the day in words: "seis de la tarde", "six in the evening"."""
    word, past = match["h4"].lower(), (match["min5"] or "").lower()
    hour = int(word) if word.isdigit() else HOURS.get(word) or UNITS_OF_TEN[word]
    past = past or (match["past4"] or "").lower()
    minute = _MINUTES.get(past) or HOURS.get(past) or UNITS_OF_TEN.get(past, 0)
    if hour > 12:
        return made("time", (minutes_of(hour, minute, None),), match)
    half = DAY_HALVES[match["ap4"].lower()]
    return made("time", (minutes_of(hour, minute, half),), match)


_PAST = re.compile(
    r"(?:(?P<half>\bhalf past)|(?P<halb>\bhalb)|(?P<past>\bquarter past|\bviertel nach)"
    r"|(?P<to>\bquarter to|\bviertel vor)) $",
    re.IGNORECASE,
)


_PAST_ENDS = frozenset("tbhorTBHOR")
"""What any match of it ends in, but for the space."""


def past_the_hour(text: str, start: int, end: int, hours: Decimal) -> Quantity | None:
    """A time that is told from the full hour: half past nine, quarter to ten, halb zehn."""
    may = 1 <= hours <= 12 and text[start - 2 : start - 1] in _PAST_ENDS
    match = _PAST.search(text, max(start - 14, 0), start) if may else None
    if match is None:
        return None
    minutes = 30 if match["half"] else 15 if match["past"] else -15 if match["to"] else -30
    told = int(hours) * 60 + minutes
    readings = tuple(sorted({told % 1440, (told + 720) % 1440}))
    spelled = text[match.start() : end]
    return Quantity("time", readings, (), None, False, spelled, match.start(), end)


_PART_AFTER = re.compile(
    r" {1,2}(?:(?P<half>and a half|et demie?|y medi[oa]|e mezz[oa]|e mei[oa])"
    r"|(?P<quarter>and a quarter|et quart|y cuarto)|(?P<three>and three quarters)"
    r"|(?P<over>[1-7])/(?P<under>[2348]))\b(?!/)",
    re.IGNORECASE,
)


def with_part(text: str, found: Quantity) -> Quantity:
    """The quantity with the part that follows it: "two and a half", 1 3/4."""
    match = _PART_AFTER.match(text, found.end)
    if match is None:
        return found
    if match["over"]:
        part = Decimal(match["over"]) / Decimal(match["under"])
    else:
        part = Decimal("0.5" if match["half"] else "0.25" if match["quarter"] else "0.75")
    return found._replace(
        plain=tuple([value + part for value in found.plain]), end=match.end(), soft=False
    )


def has_part(found: Quantity) -> bool:
    """Whether its value is no whole number."""
    # Not `value % 1`, which raises for more digits than the context of Decimal keeps.
    return any(value != value.to_integral_value() for value in found.plain)


_IN = re.compile(r" (?:in|out of)(?: every)? ")
_MOST = 100


def _is_one_in(text: str, first: Quantity, second: Quantity) -> bool:
    """Whether two figures are one share: one in five."""
    return (
        first.sort == second.sort == "number"
        and first.unit is None
        and second.unit is None
        and first.plain == (Decimal(1),)
        and len(second.plain) == 1
        and 1 < second.plain[0] <= _MOST
        and bool(_IN.fullmatch(text, first.end, second.start))
    )


_ADDING = re.compile(r" ?(?:and |und |et |y |e )?")


def in_one(text: str, figures: Sequence[Quantity]) -> tuple[Quantity, ...]:
    """The figures, of which those that make up one amount are one: 3 hours and 20 minutes."""
    found: list[Quantity] = []
    for figure in figures:
        last = found[-1] if found else None
        if (
            last is not None
            and figure.unit is not None
            and last.unit == figure.unit
            and len(last.plain) == len(figure.plain) == 1
            and last.plain[0] > 0
            and 0 < figure.readings[0] < last.readings[0] / last.plain[0]  # type: ignore[operator]
            and figure.readings[0] / figure.plain[0] < last.readings[0] / last.plain[0]  # type: ignore[operator]
            and _ADDING.fullmatch(text, last.end, figure.start)
        ):
            total = last.readings[0] + figure.readings[0]  # type: ignore[operator]
            found[-1] = last._replace(
                readings=(total,), plain=(total,), soft=False, end=figure.end,
                text=text[last.start : figure.end],
            )  # fmt: skip
        elif last is not None and _is_small_change(text, last, figure):
            total = last.plain[0] + figure.plain[0] / 100
            found[-1] = last._replace(
                readings=(total,), plain=(total,), end=figure.end,
                text=text[last.start : figure.end],
            )  # fmt: skip
        elif last is not None and figure.sort == "time" and _begins_range(text, last, figure):
            found[-1] = _as_time(last, figure)
            found.append(figure)
        elif last is not None and _ends_range(text, last, figure):
            factor = figure.readings[0] / figure.plain[0]  # type: ignore[operator]
            found[-1] = last._replace(
                readings=tuple([each * factor for each in last.plain]), unit=figure.unit
            )
            found.append(figure)
        elif last is not None and _is_one_in(text, last, figure):
            part = 1 / figure.plain[0]
            found[-1] = last._replace(
                readings=(part,), plain=(part,), soft=False, end=figure.end,
                text=text[last.start : figure.end],
            )  # fmt: skip
        else:
            found.append(figure)
    return tuple(found)


_RANGE = re.compile(r" ?[-–—] ?| (?:to|or|till|until|bis|oder|à|ou|a|o|a las|alle|às|tot) ")
_BETWEEN = re.compile(r"\b(?:between|zwischen|entre|tra|fra) $", re.IGNORECASE)


def _begins_range(text: str, first: Quantity, last: Quantity) -> bool:
    """Whether a number without a unit, at most 24, leads to the figure behind it: 7 to 21 days."""
    return (
        first.sort == "number"
        and first.unit is None
        and bool(first.plain)
        and bool(
            _RANGE.fullmatch(text, first.end, last.start)
            or (
                text[first.end : last.start].strip().lower() in ("and", "und", "et", "y", "e", "en")
                and _BETWEEN.search(text, max(first.start - 12, 0), first.start)
            )
        )
    )


def _as_time(first: Quantity, end: Quantity) -> Quantity:
    """The hour that leads to a time, in the same half of the day where it is told from twelve."""
    hour = first.plain[0]
    if len(first.plain) != 1 or hour != hour.to_integral_value() or not 0 <= hour <= 24:
        return first
    early, late = int(hour) * 60, int(hour) % 12 * 60 + 720
    ends = [each for each in end.readings if isinstance(each, int)]
    starts = {late if hour <= 12 and early < late <= each else early for each in ends}
    return first._replace(sort="time", readings=tuple(sorted(starts)), plain=())


def _ends_range(text: str, first: Quantity, last: Quantity) -> bool:
    """Whether a figure's unit is the one's before it, too: 7 to 21 days."""
    return (
        last.sort == "number"
        and last.unit is not None
        and bool(last.plain and last.plain[0])
        and _begins_range(text, first, last)
    )


_CENTS_AFTER = re.compile(r" (?:and |und |con |e |y |et )?")
_MONEY = frozenset(("usd", "eur", "gbp", "aud", "cad", "chf"))


def _is_small_change(text: str, amount: Quantity, cents: Quantity) -> bool:
    """Whether a figure names the cents of an amount: three euros eighty, 5 € 90."""
    return (
        amount.unit in _MONEY
        and cents.sort == "number"
        and cents.unit is None
        and _CENTS_AFTER.fullmatch(text, amount.end, cents.start) is not None
        and len(amount.plain) == len(cents.plain) == 1
        and amount.plain[0] == amount.plain[0].to_integral_value()
        and (text[cents.start].isalpha() or text[amount.end - 1] in "€$£")
        and 10 <= cents.plain[0] < 100
    )
