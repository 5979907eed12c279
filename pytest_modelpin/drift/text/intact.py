"""One edit in a sentence that is word for word the same around it.

Whoever rewords a sentence moves things about. Where nothing moved, what was dropped, put in or
exchanged is meant: a condition, an item, a word.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pytest_modelpin.drift.lexicon.numerals import ZONES
from pytest_modelpin.drift.lexicon.opposites import EXCEPTIVE, NEGATORS, POLAR
from pytest_modelpin.drift.lexicon.quantifiers import LIMITING, QUANTIFIERS
from pytest_modelpin.drift.text.sentences import told
from pytest_modelpin.drift.text.substitution import denied, related
from pytest_modelpin.drift.text.tokens import CJK, empty, meaning, worded

_MOST_WORDS = 400  # longer sentences are not read so closely
_FEWEST_KEPT = 3  # words around the edit
_KEPT = 0.6  # the least share of the longer sentence that stands
_MOST_APART = 8  # words by which two sentences may differ in length
_LONGEST = 12  # words that one edit drops or puts in; more is another sentence


JOINING = frozenset("and or is are equals with met und oder ist et ou est y es".split())  # noqa: SIM905
"""Words on both sides of which two names may change places."""


def edited(
    before: str,
    after: str,
    all_before: Collection[str],
    all_after: Collection[str],
    *,
    english: bool,
) -> bool:
    """Whether one edit dropped, put in or exchanged words that say something.

    What takes another's place is told only in English, of which enough synonyms are known, and not
    where either denies anything, which is compared apart. `all_before` and `all_after` are the
    meanings of all words of both texts: what moved to another sentence was not dropped.
    """
    one, other = told(before), told(after)
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
    if max(len(gone), len(new)) > _LONGEST or (not start and not new and LIMITING.isdisjoint(gone)):
        return False
    lost = _telling(gone, all_after)
    come = _telling(new, all_before)
    if lost and come:
        both = (*gone, *new)
        if not english or not NEGATORS.isdisjoint(both):
            return False
        return len(lost) <= 3 and len(come) <= 3 and not related(lost, come)
    return bool(lost and not new) or bool(come and not gone and start > 0)


def _telling(words: Sequence[str], elsewhere: Collection[str]) -> list[str]:
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
            and meaning(word) not in elsewhere
        )
    ]


def meant(before: str, after: str) -> bool:
    """Whether the one sentence of a text that did not stay the same says something else.

    Whoever rewords a text rewords more than one sentence of it. So words that only one side has
    count in any language, unless those of the other side are of their family or meaning.
    """
    one, other = told(before), told(after)
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
        word in NEGATORS or denied(word) or POLAR.get(word, ("", 1))[1] < 0 for word in words
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
                return not JOINING.issuperset(mine[first:-last])
    return False


def requantified(before: str, after: str) -> bool:
    """Whether a sentence is true of more or fewer than it was: all for some, must for may."""
    one, other = told(before), told(after)
    if one == other or abs(len(one) - len(other)) > _MOST_APART:
        return False
    for scale in QUANTIFIERS:
        mine = {scale[word] for word in one if word in scale}
        theirs = {scale[word] for word in other if word in scale}
        if len(mine) == len(theirs) == 1 and mine != theirs:
            return True
    return False
