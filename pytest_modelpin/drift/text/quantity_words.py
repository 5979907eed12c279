"""Amounts that a text gives without a number: an hour, half a litre, a quarter of an hour, weekend.

They are no figures of a sentence by themselves: "a day" is as often no amount at all. They only
answer whether a text has a figure that another gives, and are read when that is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from pytest_modelpin.drift.lexicon.numerals import HOURS, UNITS
from pytest_modelpin.drift.text.numbers import Quantity, same
from pytest_modelpin.drift.text.tokens import plain

_ONE = re.compile(
    r"\b(?:an?|one|each|every|per|eine?[nmrs]?|jede[nmrs]?|pro|une?|chaque|par|una?|uno|cada|por"
    r"|ogni|al?|uma?|een|elke?)[ -](?P<unit>[^\W\d_]+)"
)
_HALF = re.compile(
    r"\b(?:half(?: an?)?|halbe[nmrs]?|demi|medi[oa]|mezz[oa]|mei[oa])[ '-]?(?P<unit>[^\W\d_]+)"
)
_AND_HALF = re.compile(
    r"\b(?P<unit>[^\W\d_]+) (?:and a half|et demie?|y medi[oa]|e mezz[oa]|e mei[oa])\b"
)
_QUARTER = re.compile(
    r"(?P<three>\b(?:three|drei|trois|tres|tre|três)[ -]?)?"
    r"(?:quarters?|viertel|quarts?|cuartos?|quarti?|quartos?)[ -]?(?:of an? |de |di |d |d')?"
    r"(?P<unit>[^\W\d_]+)"
)
_HOURS_AND_HALF = re.compile(
    rf"\b(?P<count>{'|'.join(HOURS)}) (?P<unit>[^\W\d_]+) (?:y media|e mezz[oa]|e meia)\b"
)
_WORKWEEK = re.compile(
    r"\b(?:weekdays?|werktags|wochentags|en semaine|entre semana|giorni feriali)\b|工作日|平日"
)
_WEEKEND = re.compile(r"\bweek-?ends?\b|wochenende|fin(?:s|es)? de semana|fine settimana|周末|週末")


def says(text: str, figure: Quantity) -> bool:
    """Whether a text gives the figure without a number."""
    return any(same(figure, each) for each in _amounts(text))


@lru_cache(maxsize=4096)
def _amounts(text: str) -> tuple[Quantity, ...]:
    return tuple(_read(plain(text)))


def _read(text: str) -> Iterable[Quantity]:
    for match in _ONE.finditer(text):
        yield from _of(Decimal(1), match["unit"], match)
    for match in _HALF.finditer(text):
        yield from _of(Decimal("0.5"), match["unit"], match)
    for match in _AND_HALF.finditer(text):
        yield from _of(Decimal("1.5"), match["unit"], match)
    for match in _QUARTER.finditer(text):
        value = Decimal("0.75" if match["three"] else "0.25")
        yield from _of(value, match["unit"], match)
    for match in _HOURS_AND_HALF.finditer(text):
        yield from _of(HOURS[match["count"]] + Decimal("0.5"), match["unit"], match)
    for days, pattern in ((range(5), _WORKWEEK), (range(5, 7), _WEEKEND)):
        for match in pattern.finditer(text):
            for day in days:
                yield Quantity("weekday", (day,), (), None, True, match[0], *match.span())


def _of(value: Decimal, name: str, match: re.Match[str]) -> Iterable[Quantity]:
    """So many of the unit of that name, where it is one."""
    known = UNITS.get(name)
    if known is not None:
        unit, factor = known
        yield Quantity("number", (value * factor,), (value,), unit, True, match[0], *match.span())


def counts_only(figure: Quantity) -> bool:
    """Whether a figure is a small number in letters without a unit ("two details"), or a bare 1.

    Where only one side has it, it counts what the other just names.
    """
    return (
        figure.sort == "number"
        and figure.unit is None
        and len(figure.plain) == 1
        and (figure.plain[0] <= _FEW if figure.text.isalpha() else figure.text.strip() == "1")
    )


_FEW = 4
