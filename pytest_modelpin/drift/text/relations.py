"""What a text ties its figures to: signs of a formula, names, years.

A rewording keeps such ties whatever words it takes; all words and figures may still be there where
one of them was changed.
"""

# ruff: noqa: E501 - patterns stay in one piece

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import combinations, pairwise

from pytest_modelpin.drift.lexicon.opposites import CONTRARY, SCALE
from pytest_modelpin.drift.text.intervals import frequencies
from pytest_modelpin.drift.text.numbers import Quantity, Value, same
from pytest_modelpin.drift.text.quantities import quantities
from pytest_modelpin.drift.text.sentences import Sentence, Whole
from pytest_modelpin.drift.text.tokens import CJK, LETTERS, empty, is_verb, meaning, worded

_MOST_SENTENCES = 200  # of a text that are read
_MOST_TIES = 200  # of a text that are held against those of the other
_MOST_FIGURES = 20  # of a sentence between which words are told apart

_TERM = re.compile(r"\S*[\w)²³]$")
_LONGEST_TERM = 16
_SIGNS: Mapping[str, str] = {
    "+": "+", "-": "-", "−": "-", "*": "*", "·": "*", "×": "*", "/": "/", "÷": "/",
    "<": "<", ">": ">", "≤": "≤", "≥": "≥",
}  # fmt: skip


@lru_cache(maxsize=8192)
def _operations(sentence: str) -> Mapping[tuple[str, str], frozenset[str]]:
    """The signs between two terms, "2x + 1", by the terms."""
    words = sentence.split()
    found: dict[tuple[str, str], set[str]] = {}
    for place in range(1, len(words) - 1):
        sign = _SIGNS.get(words[place])
        one, other = words[place - 1], words[place + 1].rstrip(".,;")
        if sign and max(len(one), len(other)) <= _LONGEST_TERM and _TERM.match(one) and other:
            found.setdefault((one, other), set()).add(sign)
    return {terms: frozenset(signs) for terms, signs in found.items()}


def operation_changed(
    before: Sequence[Sentence], after: Sequence[Sentence]
) -> tuple[Sentence, Sentence] | None:
    """The sentences in which the same two terms are joined by another sign."""
    mine = [
        (part, terms, signs)
        for part in before[:_MOST_SENTENCES]
        for terms, signs in _operations(part.text).items()
    ]
    if not mine:
        return None
    for part in after[:_MOST_SENTENCES]:
        now = _operations(part.text)
        for other, terms, signs in mine[:_MOST_TIES]:
            if terms in now and signs.isdisjoint(now[terms]):
                return other, part
    return None


def interval_changed(
    before: Sequence[Sentence], after: Sequence[Sentence]
) -> tuple[Sentence, Sentence] | None:
    """The sentences that say how often something comes again, where neither text gives what the
    other one gives.
    """
    mine = _frequencies(before)
    was = next((part for part, _, sure in mine if sure), None)
    if was is None:
        return None
    theirs = _frequencies(after)
    now = next((part for part, _, sure in theirs if sure), None)
    if now is None:
        return None
    known, new = ({value for _, value, _ in told} for told in (mine, theirs))
    texts = Whole("", before), Whole("", after)
    if not known.isdisjoint(new) or any(
        q.value in values
        for text, values in zip(texts, (new, known), strict=True)
        for q in text.figures
    ):
        return None
    return was, now


def _frequencies(parts: Sequence[Sentence]) -> Sequence[tuple[Sentence, Value, bool]]:
    return [(part, *told) for part in parts[:_MOST_SENTENCES] for told in frequencies(part.text)]


def dealt_otherwise(before: str, after: str) -> bool:
    """Whether two words changed places among figures that are given in the same order.

    "Drops A for one week and drops B for four" beside "drops B for one week and drops A for four".
    """
    figures, figures_after = (
        [q for q in quantities(text) if not q.soft] for text in (before, after)
    )
    if not 2 <= len(figures) == len(figures_after) <= _MOST_FIGURES or CJK.search(before):
        return False
    if not all(map(same, figures, figures_after)) or len({q.value for q in figures}) < 2:
        return False
    one, other = _gaps(before, figures), _gaps(after, figures_after)
    moved = [(word, one[word], other[word]) for word in one if word in other]
    moved = [(word, gap, now) for word, gap, now in moved if gap != now]
    return any(
        gap == now_second and second == now
        for (_, gap, now), (_, second, now_second) in combinations(moved[:_MOST_FIGURES], 2)
    )


_EITHER = frozenset(
    """join near amount force whole time bound exclusive trade borrow teach party direction""".split()  # noqa: SIM905
)
"""Opposites that join, compare or limit, or that two parties of one action do: buying and selling.
The same may be said by either, the other way round."""
_OPPOSED = {word: known for word, known in {**SCALE, **CONTRARY}.items() if known[0] not in _EITHER}


_JOINING_CLAUSES = frozenset(
    """as because since while although though but and or when if that which weil da und aber oder
    obwohl während car et mais quoique porque y pero aunque""".split()  # noqa: SIM905
)


@lru_cache(maxsize=8192)
def _qualified(sentence: str) -> Sequence[tuple[tuple[str, str], int]]:
    """What a sentence says of a word by one of two opposites before it: left of shoulder."""
    words = [
        word
        for word in worded(sentence)
        if word in _OPPOSED or word in _JOINING_CLAUSES or not empty(word)
    ]
    found = []
    for one, other in pairwise(words):
        of, said = (one, other) if one in _OPPOSED else (other, one)
        if of not in _OPPOSED or said in _OPPOSED or said in _JOINING_CLAUSES:
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
        for of, step in _qualified(part.text):
            found.setdefault(of, {}).setdefault(step, part)
    return found


_YEARS = range(1900, 2101)


def _sorts(sentence: str) -> Mapping[object, list[Quantity]]:
    """The hard figures of a sentence by what they measure; years apart, citations left out."""
    found: dict[object, list[Quantity]] = {}
    for q in quantities(sentence):
        if q.soft or sentence[q.start - 1 : q.start] == "[":
            continue
        year = q.sort == "number" and q.unit is None and q.plain[0] in _YEARS
        found.setdefault("year" if year else (q.sort, q.unit), []).append(q)
    return found


_FEWEST_TWICE = 4  # figures: two of either sort


def matched_otherwise(before: str, after: str) -> bool:
    """Whether two figures changed places among two others that they are told of, one by one.

    "48,000 t in 2022 and 41,500 t in 2023" beside "41,500 t in 2022, 48,000 t in 2023", in
    whatever words: figures of two sorts that take turns.
    """
    if min(len(quantities(before)), len(quantities(after))) < _FEWEST_TWICE:
        return False
    one, other = _sorts(before), _sorts(after)
    pairs = [
        (sort, one[sort], other[sort])
        for sort in one
        if len(one[sort]) == len(other.get(sort, ())) == 2 and not same(*one[sort])
    ]
    kept = [p for p in pairs if same(p[1][0], p[2][0]) and same(p[1][1], p[2][1])]
    turned = [p for p in pairs if same(p[1][0], p[2][1]) and same(p[1][1], p[2][0])]
    return any(
        _take_turns(mine, mine_moved) and _take_turns(theirs, theirs_moved)
        for _, mine, theirs in kept
        for _, mine_moved, theirs_moved in turned
    )


def _take_turns(one: Sequence[Quantity], other: Sequence[Quantity]) -> bool:
    """Whether of four figures in their order every second one is of the same sort."""
    order = [
        sort for _, sort in sorted([(q.start, 0) for q in one] + [(q.start, 1) for q in other])
    ]
    return order in ([0, 1, 0, 1], [1, 0, 1, 0])


def _gaps(text: str, figures: Sequence[Quantity]) -> Mapping[str, int]:
    """How many figures stand before each word that a sentence has once; verbs say nothing here."""
    found: dict[str, int] = {}
    several: set[str] = set()
    for match in LETTERS.finditer(text):
        word = match.group().lower()
        if empty(word) or is_verb(word) or any(q.start <= match.start() < q.end for q in figures):
            continue
        key = meaning(word)
        if key in found:
            several.add(key)
        found[key] = sum(q.end <= match.start() for q in figures)
    return {word: gap for word, gap in found.items() if word not in several}
