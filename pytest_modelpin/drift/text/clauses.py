"""Clauses of a text: which deny what they say, which say the opposite of a thing, and which are
gone, conditions and parts of several.

A rewording takes other words and cuts its sentences elsewhere, but says of each thing what was said
of it. So a clause counts as gone only where the other text has none of its words and makes no
clause of its own that could stand for it.
"""

# ruff: noqa: E501 - patterns stay in one piece

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from pytest_modelpin.drift.figures.quantities import masked
from pytest_modelpin.drift.lexicon.connectives import (
    CONDITION,
    CONDITIONAL,
    JOINING,
    SUBORDINATING,
)
from pytest_modelpin.drift.lexicon.opposites import CONTRARY, DENYING, SCALE
from pytest_modelpin.drift.text.non_answers import courteous, ungreeted
from pytest_modelpin.drift.text.sentences import Sentence
from pytest_modelpin.drift.text.tokens import (
    CJK,
    empty,
    keys_of,
    meaning,
    meanings,
    telling,
    worded,
)

_MOST_SENTENCES = 200  # of a text that are read


_PART = re.compile(
    r"[,;]|\b(?:and|or|but|nor|und|oder|aber|et|ou|mais|y|o|pero|e|ma|mas)\b", re.IGNORECASE
)
# Commas and "and" may join two things of one statement, which may change places.
_ALSO = re.compile(r"\b(?:and|or|but|und|oder|aber|et|ou|mais|y|o|pero|e|ma|mas)\b", re.IGNORECASE)


def condition_dropped(before: Sequence[Sentence], after: Sequence[Sentence]) -> Sentence | None:
    """A sentence with a condition or exception of which the other text says no word.

    None where the other text makes a condition of its own of which this one says no word: it may
    be the same in other words.
    """
    lost = list(_unsaid(before, after))
    if not lost:
        return None
    return lost[0] if len(lost) > sum(1 for _ in _unsaid(after, before)) else None


def _unsaid(parts: Sequence[Sentence], others: Sequence[Sentence]) -> Iterator[Sentence]:
    keys: frozenset[str] | None = None
    for part in _changed(parts, others):
        if CONDITIONAL.isdisjoint(worded(part.levelled)):
            continue
        for match in CONDITION.finditer(part.text):
            told = telling(_ALSO.split(masked(match["told"]), maxsplit=1)[0])
            if keys is None:
                keys = _all_keys(others)
            if told and not _any_said(told, keys):
                yield part


def _changed(parts: Sequence[Sentence], others: Sequence[Sentence]) -> Iterator[Sentence]:
    """The sentences that the other text doesn't have as they are: of what it has nothing is gone."""
    kept = {other.text for other in others[:_MOST_SENTENCES]}
    return (part for part in parts[:_MOST_SENTENCES] if part.text not in kept)


def conjunct_dropped(before: Sequence[Sentence], after: Sequence[Sentence]) -> Sentence | None:
    """A sentence of several parts, joined by "and", "or" or commas, of which one is gone.

    None where anything of the other text is in words that this one doesn't have at all, or where it
    is as long: the part may be there in other words.
    """
    if sum(len(part.text) for part in after) >= sum(len(part.text) for part in before):
        return None
    lost = next(_unsaid_parts(before, after, fewest=2), None)
    return None if lost is None or any(_unsaid_parts(after, before, fewest=1)) else lost


def _unsaid_parts(
    parts: Sequence[Sentence], others: Sequence[Sentence], *, fewest: int
) -> Iterator[Sentence]:
    """Sentences with a part of at least so many words, of which the other text has none."""
    keys: frozenset[str] | None = None
    for part in _changed(parts, others):
        if (not part.text.isascii() and CJK.search(part.text)) or courteous(part.levelled):
            continue
        conjuncts = _PART.split(masked(ungreeted(part.text)))
        for each in conjuncts:
            told = telling(each)
            if fewest > 1 and (len(conjuncts) == 1 or "0" in each or _points_back(each)):
                continue  # no part of several, one that gives a figure, or "after this time"
            if len(told) < fewest:
                continue
            if keys is None:
                keys = _all_keys(others)
            if not _any_said(told, keys):
                yield part


_POINTING = frozenset(
    """this that these those dies diese dieser dieses diesem diesen ce cet cette ces ese esa esos este
    esta estos questo questa quel quella esse essa""".split()  # noqa: SIM905
)


def _points_back(part: str) -> bool:
    """Whether a part begins by pointing at what was said: "after that time", "passé ce délai"."""
    return not _POINTING.isdisjoint(worded(part)[:_POINTS_WITHIN])


_POINTS_WITHIN = 3  # words


def _all_keys(parts: Sequence[Sentence]) -> frozenset[str]:
    return _keys_of_all(tuple(parts[:_MOST_SENTENCES]))


@lru_cache(maxsize=256)  # of the texts of a case, each is held against several
def _keys_of_all(parts: Sequence[Sentence]) -> frozenset[str]:
    return frozenset().union(*[_known(part.levelled) for part in parts])


def _any_said(words: Iterable[str], keys: frozenset[str]) -> bool:
    return any(not keys.isdisjoint(keys_of(word)) for word in words)


@lru_cache(maxsize=8192)
def _known(levelled: str) -> frozenset[str]:
    return frozenset([key for word in worded(levelled) for key in keys_of(word)])


_MARK = re.compile(r"[,;:.!?()]")
_JOINT = re.compile(rf"\b(?:{'|'.join(sorted(JOINING))})\b")


@lru_cache(maxsize=16384)
def denied_clauses(sentence: str) -> Sequence[tuple[bool, frozenset[str]]]:
    """The clauses of a sentence: whether each is denied, and what its words mean."""
    found = []
    for part in _MARK.split(sentence.lower()):
        # To look for a word that joins is far cheaper than for where it stands.
        joined_up = not JOINING.isdisjoint(worded(part))
        for clause in _JOINT.split(part) if joined_up else (part,):
            told = [word for word in worded(clause) if not word[0].isdigit()]
            denies = sum(map(DENYING.__contains__, told)) % 2 == 1
            found.append((denies, meanings(told, ascii=clause.isascii())))
    return tuple(found)


_EITHER = frozenset(
    """join near amount force whole time bound exclusive trade borrow teach party direction""".split()  # noqa: SIM905
)
"""Opposites that join, compare or limit, or that two parties of one action do: buying and selling.
The same may be said by either, the other way round."""
_OPPOSED = {word: known for word, known in {**SCALE, **CONTRARY}.items() if known[0] not in _EITHER}


@lru_cache(maxsize=8192)
def _qualified(sentence: str) -> Sequence[tuple[tuple[str, str], int]]:
    """What a sentence says of a word by one of two opposites before it: left of shoulder."""
    words = [
        word
        for word in worded(sentence)
        if word in _OPPOSED or word in SUBORDINATING or not empty(word)
    ]
    found = []
    for one, other in pairwise(words):
        of, said = (one, other) if one in _OPPOSED else (other, one)
        if of not in _OPPOSED or said in _OPPOSED or said in SUBORDINATING:
            continue
        if said.isalpha() and (of == one or _OPPOSED[of][0] == "trend"):  # "profits rose"
            found.append(((_OPPOSED[of][0], meaning(said)), _OPPOSED[of][1]))
    return found


def opposite_said(
    before: Sequence[Sentence], after: Sequence[Sentence]
) -> tuple[Sentence, Sentence] | None:
    """The sentences of which one says of a thing the opposite of what the other says of it.

    Only where neither text says both: "the left shoulder", and nothing of the right one.
    """
    mine = _by_thing(before)
    theirs = _by_thing(after) if mine else {}
    for of, steps in mine.items():
        now = theirs.get(of, {})
        if len(steps) == len(now) == 1 and steps.keys() != now.keys():
            return next(iter(steps.values())), next(iter(now.values()))
    return None


def _by_thing(
    parts: Sequence[Sentence],
) -> Mapping[tuple[str, str], Mapping[int, Sentence]]:
    """By what is qualified, the first sentence that has each of two opposites of it."""
    found: dict[tuple[str, str], dict[int, Sentence]] = {}
    for part in parts[:_MOST_SENTENCES]:
        for of, step in _qualified(part.levelled):
            found.setdefault(of, {}).setdefault(step, part)
    return found
