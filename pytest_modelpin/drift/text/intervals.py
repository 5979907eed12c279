"""How often something comes again, as the time that lies between: quarterly, twice a year, every
other day.

"Every three months", "once a quarter" and "four times a year" are one thing said in three ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache

from pytest_modelpin.drift.lexicon.numerals import INTERVALS, UNITS, UNITS_OF_TEN
from pytest_modelpin.drift.text.numbers import Quantity, Value
from pytest_modelpin.drift.text.tokens import letters, plain

_A = r"(?:a|an|per|each|every|in a|in an|am|pro|im|in der|par|al|por|alla|all'|ao|por)"
_TIMES_A = re.compile(
    r"\b(?:(?P<once>once|twice|thrice|einmal|zweimal|dreimal)"
    r"|(?P<count>\d{1,2}|[^\W\d_]+)(?: times| ?[x×]| mal| fois| veces| volte| vezes))"
    rf" (?:{_A} (?P<unit>[^\W\d_]+)|(?P<adverb>[^\W\d_]+))"
)
_ONCE = {"once": 1, "twice": 2, "thrice": 3, "einmal": 1, "zweimal": 2, "dreimal": 3}
_OFTEN = frozenset((*_ONCE, "times", "x", "mal", "fois", "veces", "volte", "vezes"))
OF_INTERVALS = _OFTEN | INTERVALS.keys() | {"second", "other", "zweite"}
"""Words of which a text that gives an interval in letters without accents has one, or a longer one
that begins like the last."""
_PERIODS = frozenset(("quarter", "quartal", "trimestre"))
"""Of these words those that are a time themselves."""
_EVERY_OTHER = re.compile(
    r"\b(?:every|each) (?:other|second) (?P<unit>[^\W\d_]+)"
    r"|\bjede[nrs]? zweite[nrs]? (?P<einheit>[^\W\d_]+)"
)


def intervals(text: str, words: Sequence[str]) -> Iterable[Quantity]:
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


_EVERY = re.compile(
    r"\b(?:(?P<once>an?|one|eine?[nmrs]?|une?|una?|uma?)"
    r"|every|each|per|alle|jede[nrs]?|pro|tou(?:te)?s les|chaque|cada|ogni)"
    r" (?:(?P<count>\d{1,3}|[^\W\d_]+) )??(?P<unit>[^\W\d_]+)"
)


_LASTING = frozenset((*UNITS, *INTERVALS))


@lru_cache(maxsize=8192)
def frequencies(sentence: str) -> Sequence[tuple[Value, bool]]:
    """How often a sentence says that something comes again, in any way of saying it; False beside
    what may be no more than a time that it takes, as "a day" is.
    """
    text = plain(sentence)
    words = letters(text)
    if _LASTING.isdisjoint(words):
        return ()  # as most sentences
    found = [(q.value, True) for q in intervals(text, words)]
    for match in _EVERY.finditer(_TIMES_A.sub(" ", text)):
        unit, count = _unit(match["unit"]), _count(match["count"]) if match["count"] else 1
        if unit is not None and count:
            between = _between((unit[0], unit[1] * count), 1, match[0])
            found.append((between.value, not match["once"]))
    return found
