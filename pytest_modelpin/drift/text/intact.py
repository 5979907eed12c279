"""One edit in a sentence that is word for word the same around it.

Whoever rewords a sentence moves things about. Where nothing moved, what was dropped, put in or
exchanged is meant: a condition, an item, a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pytest_modelpin.drift.figures.quantities import masked
from pytest_modelpin.drift.lexicon.connectives import CONDITION_OPENING, EQUATING, LISTING
from pytest_modelpin.drift.lexicon.numerals import MONTHS, WEEKDAYS, ZONES
from pytest_modelpin.drift.lexicon.opposites import (
    EXCEPTIVE,
    LIMITING,
    NEGATORS,
    PERSONS,
    POLAR,
)
from pytest_modelpin.drift.text.sentences import Sentence, Whole, sentence_words, topic
from pytest_modelpin.drift.text.similarity import denied, related
from pytest_modelpin.drift.text.tokens import CJK, empty, is_verb, meaning, worded

_NAME = re.compile(
    r"(?:(?<=[^\W_][,;:)]\s|[^\W_)\"'”]{2}\s)|(?<=\b[DM][rs]\.\s))"
    r"(?:[A-ZÀ-ÖØ-ÞА-Я][\w'’&-]+|[A-Z])\b"
)
_SPECIAL = re.compile(
    r"\b[OΘΩ]\([^()\n]{1,20}\)|(?<![\w/.-])(?:--?[a-zA-Z][\w-]*|(?:~|\.{1,2})?/[\w.@~-]+(?:/[\w.@~-]*)*"
    r"|[A-Za-z]:\\[\w.\\-]+|[\w-]+(?:/[\w.-]+)+\.\w{1,5}|\$[A-Z_]{2,}|[A-Z][A-Z0-9]*_[A-Z0-9_]+|[a-z]+(?:_[a-z0-9]+)+\b)"
)
_ROMAN = re.compile(r"[IVXLC]+")


def name_replaced(
    before: Sequence[Sentence],
    after: Sequence[Sentence],
    all_before: Whole,
    all_after: Whole,
) -> tuple[str, str] | None:
    """The one name that a text's sentences give and the other text lacks, and the one that the
    other has instead; None where there is none, or more than one.
    """
    if all_before.nouns_capitalised or all_after.nouns_capitalised:
        return None
    gone, new = (
        list(dict.fromkeys(_absent([name for part in parts for name in _names(part.text)], other)))
        for parts, other in ((before, all_after), (after, all_before))
    )
    return (gone[0], new[0]) if len(gone) == len(new) == 1 and _differ(gone, new) else None


def _absent(names: Iterable[str], text: Whole) -> list[str]:
    return [name for name in names if name.lower() not in text.lowered]


def _differ(gone: Sequence[str], new: Sequence[str]) -> bool:
    """Whether no name is of another's family, or its abbreviation."""
    if related([name.lower() for name in gone], [name.lower() for name in new]):
        return False
    return not abbreviates(gone, new) and not abbreviates(new, gone)


def swapped(before: str, after: str) -> bool:
    """Whether two names changed places, wherever they stand in a text that is otherwise the same,
    word for word.
    """
    if abs(len(before) - len(after)) > _MOST_MARKS:
        return False  # as most texts: names that change places are as long as before
    one, other = worded(before), worded(after)
    if len(one) != len(other) or one == other:
        return False
    moved = [(i, a, b) for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    pair = {moved[0][1], moved[0][2]}
    if any({a, b} != pair for _, a, b in moved) or {a for _, a, _ in moved} != pair:
        return False
    between = one[moved[0][0] + 1 : moved[-1][0]]
    capitals = {word.lower() for word in _CAPITAL.findall(before)}
    return pair <= capitals and not (len(moved) == 2 and EQUATING.issuperset(between))


def another_person(before: str, after: str) -> bool:
    """Whether a sentence that is otherwise the same, word for word, speaks of other people: they
    send their report, for we send ours.
    """
    one, other = worded(before), worded(after)
    if len(one) != len(other) or one == other or len(one) < 2 * _FEWEST_KEPT:
        return False
    moved = [(PERSONS.get(a), PERSONS.get(b)) for a, b in zip(one, other, strict=True) if a != b]
    return all(a and b and a != b for a, b in moved)


_MOST_MARKS = 8  # characters of blanks and marks by which such texts may differ
_CAPITAL = re.compile(r"\b[^\W\d_a-z]\w*")


def special(text: str) -> Sequence[str]:
    """The flags, paths, variables and names of functions in a text."""
    may = "(" in text or "/" in text or "-" in text or "\\" in text or "_" in text
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
        for name in _NAME.findall(masked(text))
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


_MOST_WORDS = 400  # longer sentences are not read so closely
_FEWEST_KEPT = 3  # words around the edit
_KEPT = 0.6  # the least share of the longer sentence that stands
_LONGEST = 12  # words that one edit drops or puts in; more is another sentence


def edited(before: str, after: str, all_before: Whole, all_after: Whole) -> bool:
    """Whether one edit dropped, put in or exchanged words that say something.

    What takes another's place is told only in English, of which enough synonyms are known, and not
    where either denies anything, which is compared apart. `all_before` and `all_after` are the
    texts around the two: what moved to another sentence was not dropped.
    """
    one, other = (
        [word for word in sentence_words(text) if word not in _COURTEOUS]
        for text in (before, after)
    )
    joints, joints_after = (list(filter(LISTING.__contains__, words)) for words in (one, other))
    if joints == joints_after:  # "and" moves where a list loses its last item
        one, other = ([w for w in words if w not in LISTING] for words in (one, other))
    if max(len(one), len(other)) > _MOST_WORDS or CJK.search(before):
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    kept = start + end
    gone, new = one[start : len(one) - end], other[start : len(other) - end]
    if kept < _FEWEST_KEPT or kept < _KEPT * min(len(one), len(other)):
        return False
    if max(len(gone), len(new)) > _LONGEST:
        return False
    if not start and not new and LIMITING.isdisjoint(gone) and gone[0] not in CONDITION_OPENING:
        return False
    lost, come = _telling(gone, all_after), _telling(new, all_before)
    if len(gone) == len(new) == 1 and bool(lost) != bool(come) and start and end:
        # The one word that took another's place, of which either stands elsewhere, too.
        lost, come = ([word] if not empty(word) else [] for word in (gone[0], new[0]))
    if lost and come:
        around = (*one[:start], *one[len(one) - end :])
        if all(empty(word) or word[0].isdigit() for word in around):
            return False  # what stands around it says nothing by itself
        both = (*gone, *new)
        if not (all_before.english and all_after.english and NEGATORS.isdisjoint(both)):
            return False
        if len(lost) == len(come) == 1 and is_verb(lost[0]) and is_verb(come[0]):
            return False  # one verb for another is mostly wording, where it is no opposite
        return len(lost) <= 3 and len(come) <= 3 and not related(lost, come)
    return bool(lost and not new) or bool(come and not gone and start > 0)


def cut_down(before: str, after: str) -> bool:
    """Whether a sentence says less or more than the other, and nothing but what that says."""
    one, other = topic(before), topic(after)
    fewer, more = sorted((one, other), key=len)
    return bool(fewer) and fewer < more and len(more) - len(fewer) >= _LEAST_CUT


_LEAST_CUT = 2  # words


_COURTEOUS = frozenset(("please", "kindly", "bitte"))
"""Words that make a sentence polite: they come and go around any edit."""


def _telling(words: Sequence[str], elsewhere: Whole) -> list[str]:
    """The words that say something, and that the other text doesn't say anywhere."""
    return [
        word
        for word in words
        if word in LIMITING
        or (
            not empty(word)
            and not word[0].isdigit()
            and word.upper() not in ZONES
            and not word.endswith("ly")
            and meaning(word) not in elsewhere.topics
        )
    ]


def meant(before: str, after: str) -> bool:
    """Whether the one sentence of a text that did not stay the same says something else.

    Whoever rewords a text rewords more than one sentence of it. So words that only one side has
    count in any language, unless those of the other side are of their family or meaning.
    """
    one, other = sentence_words(before), sentence_words(after)
    if max(len(one), len(other)) > _MOST_WORDS or CJK.search(before):
        return False
    lost = [word for word in dict.fromkeys(one) if word not in other and _weighs(word)]
    come = [word for word in dict.fromkeys(other) if word not in one and _weighs(word)]
    lost, come = (
        [word for word in lost if meaning(word) not in set(map(meaning, other))],
        [word for word in come if meaning(word) not in set(map(meaning, one))],
    )
    if bool(EXCEPTIVE.intersection(lost)) != bool(EXCEPTIVE.intersection(come)):
        return True  # only where, unless, until: another condition
    if _denies(one) != _denies(other):
        return True
    if not lost or not come:
        return False  # dropped or put in: `edited`
    if any(denied(word) in come for word in lost) or any(denied(word) in lost for word in come):
        return True  # likely, unlikely
    return not all(related([word], come) for word in lost) or not all(
        related(lost, [word]) for word in come
    )


def _denies(words: Sequence[str]) -> bool:
    return any(
        word in NEGATORS
        or (denied(word) and not empty(word))  # "until" denies nothing
        or POLAR.get(word, ("", 1))[1] < 0
        for word in words
    )


def _weighs(word: str) -> bool:
    return (not empty(word) and not word[0].isdigit() and word.upper() not in ZONES) or (
        word in EXCEPTIVE
    )


def exchanged(before: str, after: str) -> bool:
    """Whether two runs of words changed places around what stands between them.

    "First stop it, then save" for "First save, then stop it". Not where only words that join two
    equals are between them, and not at the sentence's start, where a clause may move to its end.
    """
    one, other = worded(before), worded(after)
    if len(one) != len(other) or len(one) > _MOST_WORDS or one == other:
        return False
    start = next(i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b)
    end = len(one) - next(
        i for i, (a, b) in enumerate(zip(one[::-1], other[::-1], strict=True)) if a != b
    )
    if start == 0:
        return False
    mine, theirs = one[start:end], other[start:end]
    for first in range(1, len(mine)):
        if mine[:first] != theirs[-first:]:
            continue
        for last in range(1, len(mine) - first):
            if mine[-last:] == theirs[:last] and mine[first:-last] == theirs[last:-first]:
                return not EQUATING.issuperset(mine[first:-last])
    return False
