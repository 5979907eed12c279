"""Whether a name in a sentence gave way to another, or two changed places."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pytest_modelpin.drift.lexicon.numerals import MONTHS, WEEKDAYS, ZONES
from pytest_modelpin.drift.text.intact import JOINING
from pytest_modelpin.drift.text.sentences import told, topic
from pytest_modelpin.drift.text.substitution import related
from pytest_modelpin.drift.text.text_background import Whole
from pytest_modelpin.drift.text.tokens import empty, worded

_NAME = re.compile(
    r"(?:(?<=[^\W_][,;:)]\s|[^\W_)\"'”]{2}\s)|(?<=\b[DM][rs]\.\s))"
    r"(?:[A-ZÀ-ÖØ-ÞА-Я][\w'’&-]+|[A-Z])\b"
)
_SPECIAL = re.compile(
    r"(?<![\w/.-])(?:--?[a-zA-Z][\w-]*|(?:~|\.{1,2})?/[\w.@~-]+(?:/[\w.@~-]*)*"
    r"|[A-Za-z]:\\[\w.\\-]+|[\w-]+(?:/[\w.-]+)+\.\w{1,5}|\$[A-Z_]{2,}|[A-Z][A-Z0-9]*_[A-Z0-9_]+|[a-z]+(?:_[a-z0-9]+)+\b)"
)
_ROMAN = re.compile(r"[IVXLC]+")


def renamed(before: str, after: str, all_before: Whole, all_after: Whole) -> bool:
    """Whether a name of one sentence has given way to another name."""
    names, names_after = _names(before), _names(after)
    if not names or not names_after:
        return False
    if all_before.nouns_capitalised or all_after.nouns_capitalised:
        return False
    said, said_after = topic(before), topic(after)
    gone = [
        name
        for name in names
        if name.lower() not in all_after.text and name.lower() not in said_after
    ]
    new = [
        name
        for name in names_after
        if name.lower() not in all_before.text and name.lower() not in said
    ]
    if not gone or not new or related([n.lower() for n in gone], [n.lower() for n in new]):
        return False
    return not abbreviates(gone, new) and not abbreviates(new, gone)


def swapped(before: str, after: str) -> bool:
    """Whether two names changed places in a sentence that is otherwise the same, word for word."""
    if len(told(before)) != len(told(after)) or (
        before.isascii() and after.isascii() and topic(before) != topic(after)
    ):
        return False
    one, other = worded(before), worded(after)
    if len(one) != len(other) or one == other:
        return False
    places = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(places) != 2 or one[places[0]] != other[places[1]] or one[places[1]] != other[places[0]]:
        return False
    between = one[places[0] + 1 : places[1]]
    capitals = {word.lower() for word in re.findall(r"\b[^\W\d_a-z]\w*", before)}
    return {one[i] for i in places} <= capitals and not set(between) <= JOINING


def special(text: str) -> Sequence[str]:
    """The flags, paths, variables and names of functions in a text."""
    may = "/" in text or "-" in text or "\\" in text or "_" in text
    return _SPECIAL.findall(text) if may else ()


def abbreviates(short: Sequence[str], long: Sequence[str]) -> bool:
    """Whether an acronym stands for the names: USA for United States …"""
    return any(
        name.isupper() and len(name) > 1 and name[0] == long[0][0] and len(long) > 1
        for name in short
    )


def _names(text: str) -> tuple[str, ...]:
    """The names inside of a sentence: words with a capital that do not begin it."""
    if text[1:].islower():  # no capital but the first letter's: most sentences name nobody
        return ()
    names = [
        name
        for name in _NAME.findall(text)
        if not _ROMAN.fullmatch(name)
        and name not in ZONES
        and name not in ("AM", "PM", "PT", "ET", "CT", "MT")
        and name.lower() not in MONTHS
        and name.lower() not in WEEKDAYS
        and not empty(name.lower())
    ]
    # A title in capitals throughout names nothing in particular.
    titled = len(names) > 0.6 * max(len(text.split()), 1) and len(names) > 3
    return () if titled else tuple(names)
