"""Parts of a whole: half an hour, three quarters of a litre, two and a half, one in five."""

from __future__ import annotations

import re
from decimal import Decimal

from pytest_modelpin.drift.lexicon.numerals import (
    MAGNITUDES,
    PARTS,
    SHARES,
    UNITS,
    UNITS_OF_TEN,
)
from pytest_modelpin.drift.text.numbers import Quantity, made

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


def is_one_in(text: str, first: Quantity, second: Quantity) -> bool:
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
