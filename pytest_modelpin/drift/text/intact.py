"""One edit in a sentence that is word for word the same around it.

Whoever rewords a sentence moves things about. Where nothing moved, what was dropped, put in or
exchanged is meant: a condition, an item, a word.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pytest_modelpin.drift.lexicon.numerals import ZONES
from pytest_modelpin.drift.lexicon.opposites import NEGATORS
from pytest_modelpin.drift.lexicon.quantifiers import LIMITING, QUANTIFIERS
from pytest_modelpin.drift.text.sentences import told
from pytest_modelpin.drift.text.substitution import related
from pytest_modelpin.drift.text.tokens import CJK, empty, meaning

_MOST_WORDS = 400  # longer sentences are not read so closely
_FEWEST_KEPT = 3  # words around the edit
_KEPT = 0.6  # the least share of the longer sentence that stands
_LONGEST = 12  # words that one edit drops or puts in; more is another sentence


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


def requantified(before: str, after: str) -> bool:
    """Whether a sentence is true of more or fewer than it was: all for some, must for may."""
    one, other = told(before), told(after)
    if one == other or abs(len(one) - len(other)) > 3:
        return False
    for scale in QUANTIFIERS:
        mine = {scale[word] for word in one if word in scale}
        theirs = {scale[word] for word in other if word in scale}
        if len(mine) == len(theirs) == 1 and mine != theirs:
            return True
    return False
