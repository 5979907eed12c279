"""Enumerations within a sentence, and labelled fields: an item that is gone, a field's new value.

An enumeration keeps its items whatever is said around it, and a field its name. So both show a
change in a text of which every sentence is worded differently.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from pytest_modelpin.drift.text.quantities import masked, quantities
from pytest_modelpin.drift.text.sentences import Sentence, key_of, sentence_words, topic
from pytest_modelpin.drift.text.similarity import ARTICLES, related
from pytest_modelpin.drift.text.tokens import CJK, empty, is_verb, keys_of, worded

_MOST_SENTENCES = 200  # of a text that are read
_MOST_ITEMS = 40
_FEWEST = 3  # items of an enumeration
_LONGEST = 5  # telling words of an item; a longer one is a clause

_JOINT = re.compile(
    r"[,;]\s*(?:(?:and|or|und|oder|sowie|et|ou|y|o|e)\s)?"
    r"|\s(?:and|or|und|oder|sowie|et|ou|y|as well as|plus)\s"
)


@lru_cache(maxsize=8192)
def _items(sentence: str) -> Sequence[frozenset[str]]:
    """What each item of a sentence's enumeration says, by the keys of its words; else nothing."""
    if "," not in sentence or (not sentence.isascii() and CJK.search(sentence)):
        return ()
    lead, _, enumerated = sentence.rpartition(": ")
    found = _JOINT.split(masked(enumerated))[:_MOST_ITEMS]
    if len(found) < _FEWEST:
        return ()  # most commas part no items, and then none is read
    # What comes before the first item belongs to it unless a colon parts them.
    if any(map(_clause, found if lead else found[1:])):
        return ()
    items = [keys for each in found if (keys := _keys(each))]
    return items if len(items) >= _FEWEST else ()


def _clause(item: str) -> bool:
    """Whether what stands between two commas says something of its own: it has a verb."""
    return (
        not _FINITE.isdisjoint(worded(item))
        or "0" in item
        or any(is_verb(word) and word not in _ALSO_NOUNS for word in worded(item)[:1])
    )


_FINITE = frozenset(
    """is are was were be been am has have had do does did will would can could may might must shall
    should ist sind war waren wird werden hat haben kann können muss müssen est sont était ont peut
    doit es son era está están ha han puede pueden""".split()  # noqa: SIM905
)
_ALSO_NOUNS = frozenset(
    """email phone address notice note file record report request order cover result review charge
    cost credit deposit discount display document drink experience fee filter fish flour form fruit
    gift guide help house interest light list loan love map mark message milk notice offer oil pain
    paper permit photo place plan price print produce project question rate refund rent salt screen
    service ship sleep sound stamp state stress study support taste test tour trade train travel
    trouble update use view visit walk wash watch water weight work worry""".split()  # noqa: SIM905
)


@lru_cache(maxsize=16384)
def _keys(text: str) -> frozenset[str]:
    words = [
        word for word in sentence_words(text) if _tells(word) and word.isalpha() and len(word) > 2
    ]
    if len(words) > _LONGEST:
        return frozenset()
    return frozenset(key for word in words for key in keys_of(word))


def _tells(word: str) -> bool:
    return not empty(word) and word not in ARTICLES


@lru_cache(maxsize=8192)
def _joined(sentence: str) -> Sequence[frozenset[str]]:
    """The same of whatever commas and "and" part, after a colon where there is one."""
    found = _JOINT.split(masked(sentence.rpartition(": ")[2]))[:_MOST_ITEMS]
    return [keys for each in found if (keys := _keys(each))]


class LostItem(NamedTuple):
    """An item of an enumeration that the other text's has not."""

    before: Sentence
    after: Sentence
    keys: frozenset[str]
    """What its words share with their synonyms and inflections."""


def enumerations(parts: Sequence[Sentence]) -> Sequence[tuple[Sentence, Sequence[frozenset[str]]]]:
    """The sentences that enumerate something, each with what its items say."""
    return [(part, items) for part in parts[:_MOST_SENTENCES] if (items := _items(part.text))]


def item_lost(before: Sequence[Sentence], after: Sequence[Sentence]) -> LostItem | None:
    """Two sentences with one enumeration, of which the second lacks an item that the other has.

    At least two items have to be there on both sides, and each of the second's has to be one of the
    first's: an item that is not may be the same in other words.
    """
    same = {part.text for part in after}  # what both texts say as it is lost nothing
    lists = enumerations([part for part in before if part.text not in same])
    if not lists:
        return None
    known: frozenset[str] | None = None
    for other in after[:_MOST_SENTENCES]:
        now = _joined(other.text)
        for part, items in lists:
            if not 2 <= len(now) < len(items):
                continue
            if any(all(each.isdisjoint(item) for item in items) for each in now):
                continue
            if known is None:
                known = all_keys(after)
            lost = [item for item in items if item.isdisjoint(known)]
            kept = [item for item in items if any(not item.isdisjoint(each) for each in now)]
            if lost and len(kept) >= 2:
                return LostItem(part, other, lost[0])
    return None


def all_keys(parts: Sequence[Sentence]) -> frozenset[str]:
    """What the words of several sentences share with their synonyms and inflections."""
    return frozenset().union(*(_telling_keys(part.text) for part in parts))


@lru_cache(maxsize=8192)
def _telling_keys(sentence: str) -> frozenset[str]:
    told = filter(_tells, sentence_words(sentence))
    return frozenset([key for word in told for key in keys_of(word)])


_FIELD = re.compile(
    r"^[ \t]*(?:[-*+•]\s+|\d{1,2}[.)]\s+)?[*_]{0,2}(?P<name>[^\W\d_][\w /-]{1,30}?)[*_]{0,2}"
    r"[ \t]*:[*_]{0,2}[ \t]+(?P<value>[^\n]+)$",
    re.MULTILINE,
)
_VALUE_ENDS = re.compile(r"(?<=\w)[.;](?:\s|$)|\s[–—]\s")
_LONGEST_VALUE = 6  # words; a longer one is a sentence, which may say the same in other words


@lru_cache(maxsize=4096)
def short_fields(text: str) -> Mapping[str, str]:
    """By name, the short value of each field that a text has once."""
    found: dict[str, str] = {}
    several: set[str] = set()
    for match in _FIELD.finditer(text) if ":" in text else ():
        name = " ".join(match["name"].lower().split())
        value = _VALUE_ENDS.split(match["value"], maxsplit=1)[0].strip(" *_`\"'.")
        several.update({name} & found.keys())
        found[name] = value
    return {
        name: value
        for name, value in found.items()
        if name not in several and 0 < len(value.split()) <= _LONGEST_VALUE
    }


def field_changed(before: str, after: str) -> tuple[str, str] | None:
    """The field of one name on both sides, whose short values share no word or figure."""
    if ":" not in before:
        return None
    one, other = short_fields(before), short_fields(after)
    for name, value in one.items():
        now = other.get(name)
        if now is None or key_of(now) == key_of(value) or CJK.search(value + now):
            continue
        if quantities(value) and quantities(now):
            continue  # figures are compared as figures
        mine, theirs = topic(value), topic(now)
        if mine and theirs and mine.isdisjoint(theirs) and not _of_one_family(value, now):
            return f"{name}: {value}", f"{name}: {now}"
    return None


def _of_one_family(one: str, other: str) -> bool:
    return related(
        [word for word in sentence_words(one) if not empty(word)],
        [word for word in sentence_words(other) if not empty(word)],
    )
