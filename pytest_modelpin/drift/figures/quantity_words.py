"""Amounts that a text gives without a number: an hour, half a litre, a quarter of an hour, weekend;
and how often something comes again, as the time between: "every three months" is "quarterly".

They are no figures of a sentence by themselves: "a day" is as often no amount at all. They only
answer whether a text has a figure that another gives, and are read when that is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from pytest_modelpin.drift.figures.numbers import Figures, Quantity, same
from pytest_modelpin.drift.figures.quantities import quantities, with_western_digits
from pytest_modelpin.drift.lexicon.figure_patterns import MONTH
from pytest_modelpin.drift.lexicon.numerals import (
    HOURS,
    INTERVALS,
    MONTHS,
    MULTIPLES,
    UNITS,
    UNITS_OF_TEN,
    WEEKDAYS,
)
from pytest_modelpin.drift.once import once
from pytest_modelpin.drift.text.tokens import letters, levelled, plain

_A = r"(?:a|an|per|each|every|in a|in an|am|pro|im|in der|par|al|por|alla|all'|ao|por)"
_TIMES_A = re.compile(
    r"\b(?:(?P<once>once|twice|thrice|einmal|zweimal|dreimal)"
    r"|(?P<count>\d{1,2}|[^\W\d_]+)(?: times| ?[x×]| mal| fois| veces| volte| vezes))"
    rf" (?:{_A} (?P<unit>[^\W\d_]+)|(?P<adverb>[^\W\d_]+))"
)
_ONCE = {"once": 1, "twice": 2, "thrice": 3, "einmal": 1, "zweimal": 2, "dreimal": 3}
_OFTEN = frozenset((*_ONCE, "times", "x", "mal", "fois", "veces", "volte", "vezes"))
_OF_INTERVALS = _OFTEN | INTERVALS.keys() | {"second", "other", "zweite"}
"""Words of which a text that gives an interval in letters without accents has one, or a longer one
that begins like the last."""
_PERIODS = frozenset(("quarter", "quartal", "trimestre"))
"""Of these words those that are a time themselves."""
_EVERY_OTHER = re.compile(
    r"\b(?:every|each) (?:other|second) (?P<unit>[^\W\d_]+)"
    r"|\bjede[nrs]? zweite[nrs]? (?P<einheit>[^\W\d_]+)"
)


def _intervals(text: str, words: Sequence[str]) -> Iterable[Quantity]:
    """The times between what comes again, which a text gives without them.

    `text` is in lower case and `words` are its words.
    """
    counted = [] if _OFTEN.isdisjoint(words) else list(_TIMES_A.finditer(text))
    told = {match["adverb"] for match in counted}  # "twice daily" is not daily
    for word in (INTERVALS.keys() & words) - told - _PERIODS:
        yield _between(INTERVALS[word], 1, word)
    if "second" in words or "other" in words or "zweite" in text:
        for match in _EVERY_OTHER.finditer(text):
            unit = _unit(match["unit"] or match["einheit"])
            if unit is not None:
                yield _between((unit[0], unit[1] * 2), 1, match[0])
    for match in counted:
        count = _ONCE.get(match["once"] or "") or _count(match["count"])
        unit = INTERVALS.get(match["adverb"]) if match["adverb"] else _unit(match["unit"])
        if count and unit is not None:
            yield _between(unit, count, match[0])


def _unit(name: str) -> tuple[str, Decimal] | None:
    return UNITS.get(name) or INTERVALS.get(name)


def _count(word: str | None) -> int | None:
    if word is None:
        return None
    return int(word) if word.isdigit() else UNITS_OF_TEN.get(word)


def _between(unit: tuple[str, Decimal], times: int, spelled: str) -> Quantity:
    """The unit that it comes again so many times in, divided by them."""
    name, factor = unit
    return Quantity("number", (factor / times,), (), name, True, spelled, 0, 0)


_COUNTING = re.compile(
    r"an?|one|(?:the )?(?:past|last|next|coming)"
    r"|each|every|per|eine?[nmrs]?|jede[nmrs]?|pro|une?|chaque|par|una?|uno|cada|por"
    r"|ogni|al?|uma?|een|elke?"
)
_ONE = re.compile(rf"\b(?:{_COUNTING.pattern})[ -](?P<unit>[^\W\d_]+)")
_HALF = re.compile(
    r"\b(?:half(?: an?)?|halbe[nmrs]?|demi|medi[oa]|mezz[oa]|mei[oa])[ '-]?(?P<unit>[^\W\d_]+)"
)
_HALF_A = re.compile(r"\bhalf an? (?!hour|day|year)[^\W\d_]+")
"""Half of what is no unit: half a cup."""
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
_MONTH_END = re.compile(
    r"\b(?:end of|close of|last day of|ende|fin(?:al)?(?: de| d')?|finales de|fine(?: di)?|fim de) "
    rf"(?P<month>{MONTH})\b"
)
_LAST_DAYS = {2: (28, 29), 4: (30,), 6: (30,), 9: (30,), 11: (30,)}
_WORKWEEK = re.compile(
    r"\b(?:weekdays?|werktags|wochentags|en semaine|entre semana|giorni feriali)\b|工作日|平日"
)
_WEEKEND = re.compile(r"\bweek-?ends?\b|wochenende|fin(?:s|es)? de semana|fine settimana|周末|週末")


_LASTING_UNITS = {
    "minütig": "minuten", "stündig": "stunden", "tägig": "tage", "wöchig": "wochen",
    "monatig": "monate", "jährig": "jahre",
}  # fmt: skip
_LASTING = re.compile(
    r"(?<![^\W\d_])(?:(?P<digits>\d{1,4}(?:[.,]\d{1,2})?)-?|(?P<word>[^\W\d_]{1,20}?)(?P<half>einhalb)?)"
    rf"(?P<of>{'|'.join(_LASTING_UNITS)})(?:e[nmrs]?)?\b"
)
"""German adjectives with a count: zweieinhalbstündig, 3-tägige."""
_PART_OF_DAY = re.compile(
    rf"\b(?P<day>{'|'.join(day for day in WEEKDAYS if day.endswith('tag'))})"
    r"(?:vormittag|mittag|nachmittag|morgen|abend|nacht|früh)s?\b"
)


def says(text: str, figure: Quantity) -> bool:
    """Whether a text gives the figure without a number, or leaves it to be reckoned."""
    return any(same(figure, each) for each in _amounts(text)) or (
        figure.unit == "second" and figure.readings[0] in _spans(text)
    )


def says_days(text: str) -> bool:
    """Whether a text gives days of the week and names none: weekends, on workdays."""
    return any(each.sort == "weekday" for each in _amounts(text))


class Spoken:
    """What several sentences say so; each is read once, whatever figures are asked for."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self._sentences = sentences

    def have(self, figure: Quantity) -> bool:
        """Whether any of them `says` the figure."""
        return self._known.have(figure) or (
            figure.unit == "second" and figure.readings[0] in self._lasting
        )

    @once
    def _known(self) -> Figures:
        return Figures([each for sentence in self._sentences for each in _amounts(sentence)])

    @once
    def _lasting(self) -> frozenset[object]:
        return frozenset().union(*map(_spans, self._sentences))


_TO = re.compile(r" ?(?:-|–|—|to|and|until|till|bis|und|à|et|a|y|alle|e) ?")


@lru_cache(maxsize=4096)
def _spans(text: str) -> frozenset[object]:
    """The seconds from one time of day to the next that a text gives: 14:02–14:47."""
    figures = quantities(text)
    if len(figures) < 2:
        return frozenset()  # as most sentences
    text = with_western_digits(text)
    return frozenset(
        60 * (end - start)  # type: ignore[operator]
        for one, other in pairwise(figures)
        if one.sort == other.sort == "time" and _TO.fullmatch(text, one.end, other.start)
        for start in one.readings
        for end in other.readings
    )


def _counted(match: re.Match[str]) -> Iterable[Decimal]:
    """The count that such a word begins with; nothing where it is none."""
    if match["digits"]:
        yield Decimal(match["digits"].replace(",", "."))
        return
    word = match["word"]
    value = 1 if word == "ein" else UNITS_OF_TEN.get(word)
    if value is not None:
        yield Decimal(value) + (Decimal("0.5") if match["half"] else 0)


@lru_cache(maxsize=4096)
def _amounts(text: str) -> tuple[Quantity, ...]:
    return () if text.isascii() and not _may_give(levelled(text)) else tuple(_read(plain(text)))


@lru_cache(maxsize=8192)
def _may_give(levelled: str) -> bool:
    """Whether a sentence gives any amount so with figures of as many digits: most give none."""
    return any(True for _ in _read(plain(levelled)))


# To look for what every match holds is far cheaper than for a match.
_HALVES = ("half", "halbe", "demi", "medi", "mezz", "mei")
_QUARTERS = ("quart", "viertel", "cuarto")
_WEEKS = ("week", "woche", "werktag", "semain", "seman", "settimana", "feriali")


_KNOWN = frozenset((*UNITS, *MULTIPLES, *MONTHS, *_OF_INTERVALS))
_HELD = (*_HALVES, *_QUARTERS, *_WEEKS, "ig", "tag", "zweite")


@lru_cache(maxsize=20_000)
def _may_tell(word: str) -> bool:
    """Whether a word is one of those of which each amount here has one, or holds a part of it."""
    return word in _KNOWN or any(map(word.__contains__, _HELD))


def _read(text: str) -> Iterable[Quantity]:
    words = letters(text)
    held = text
    if text.isascii():
        words = list(filter(_may_tell, told := words))
        if not words:
            return
        held = " ".join(words)
    else:
        told = words
    if not _OF_INTERVALS.isdisjoint(words) or "zweite" in held:
        yield from _intervals(text, told)
    for word in MULTIPLES.keys() & words:
        value = Decimal(MULTIPLES[word])
        yield Quantity("number", (value,), (value,), "times", True, word, 0, 0)
    for match in _MONTH_END.finditer(text) if not MONTHS.keys().isdisjoint(words) else ():
        month = MONTHS[match["month"]]
        last = tuple((None, month, day) for day in _LAST_DAYS.get(month, (31,)))
        yield Quantity("date", last, (), None, True, match[0], *match.span())
    if not UNITS.keys().isdisjoint(words) and any(
        unit in UNITS and _COUNTING.fullmatch(word) for word, unit in pairwise(told)
    ):
        for match in _ONE.finditer(text):
            yield from _of(Decimal(1), match["unit"], match)
    if any(map(held.__contains__, _HALVES)):
        for match in _HALF.finditer(text):
            yield from _of(Decimal("0.5"), match["unit"], match)
        for match in _HALF_A.finditer(text):
            parts = (Decimal("0.5"),)
            yield Quantity("number", parts, parts, None, True, match[0], *match.span())
        for match in _AND_HALF.finditer(text):
            yield from _of(Decimal("1.5"), match["unit"], match)
        for match in _HOURS_AND_HALF.finditer(text):
            yield from _of(HOURS[match["count"]] + Decimal("0.5"), match["unit"], match)
    for match in _QUARTER.finditer(text) if any(map(held.__contains__, _QUARTERS)) else ():
        value = Decimal("0.75" if match["three"] else "0.25")
        yield from _of(value, match["unit"], match)
    for match in _LASTING.finditer(text) if "ig" in held else ():
        unit = _LASTING_UNITS[match["of"]]
        for value in _counted(match):
            yield from _of(value, unit, match)
    for match in _PART_OF_DAY.finditer(text) if "tag" in held else ():
        day = WEEKDAYS[match["day"]]
        yield Quantity("weekday", (day,), (), None, True, match[0], *match.span())
    if text.isascii() and not any(map(held.__contains__, _WEEKS)):
        return
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
