"""How alike two texts are, by their words or by an embedding, and whether a word of a sentence gave
way to one of another meaning.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from pytest_modelpin.drift.drift import Embed
from pytest_modelpin.drift.figures.quantities import masked
from pytest_modelpin.drift.lexicon.numerals import ZONES
from pytest_modelpin.drift.lexicon.opposites import CONTRARY, NEGATORS, POLAR, QUANTIFIERS, SCALE
from pytest_modelpin.drift.lexicon.synonyms import CJK_GROUPS, GROUPS
from pytest_modelpin.drift.text.sentences import Whole, sentence_words
from pytest_modelpin.drift.text.tokens import (
    CJK,
    ROOT_LENGTH,
    empty,
    is_verb,
    meaning,
    plain,
    stem,
    worded,
)

if TYPE_CHECKING:
    from rapidfuzz.distance import Opcodes


_MOST_WORDS = 400  # of a sentence that is read word by word


@lru_cache(maxsize=8192)
def likeness(before: str, after: str) -> float:
    """0 to 1: the share of words that stay, in their order; figures count as one word.

    Rapidfuzz's normalised indel similarity of the words.
    """
    one, other = worded(masked(before))[:_MOST_WORDS], worded(masked(after))[:_MOST_WORDS]
    return likeness_of_words(one, other)


def likeness_of_words(one: Sequence[str], other: Sequence[str]) -> float:
    """The same of words that are already split."""
    from rapidfuzz.distance import Indel

    return float(Indel.normalized_similarity(one, other)) if one or other else 1.0


def similarity(before: str, after: str, embed: Embed | None = None, *, least: float = 0.0) -> float:
    """0 to 1. By rapidfuzz's normalised indel distance, or the cosine of `embed`'s vectors.

    What is less alike than `least` may count as 0, which is sooner known.
    """
    if before == after:
        return 1.0
    if embed is not None:
        one, other = embed([before, after])
        return cosine(one, other)
    from rapidfuzz import fuzz

    # Just below, lest rounding cuts off what is `least` itself.
    return float(fuzz.ratio(before, after, score_cutoff=least * 100 - 1e-6)) / 100


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Cosine of two vectors, clipped to 0 to 1; 0 where either has no length or a NaN."""
    a, b = [float(x) for x in one], [float(x) for x in other]
    lengths = math.sqrt(sum(x * x for x in a)) * math.sqrt(sum(x * x for x in b))
    if not lengths > 0:
        return 0.0
    return min(1.0, max(0.0, sum(x * y for x, y in zip(a, b, strict=True)) / lengths))


ARTICLES = frozenset("a an the der die das ein eine le la les un une el los las".split())  # noqa: SIM905
_INTACT = 0.65  # share of words that stay where one only gave way to another
_HALF = re.compile(r"^(?:un|in|im|ir|il|dis|non-?)(?=\w{3})")
_PRONOUNS = frozenset(("it", "they", "he", "she", "this", "these", "those", "them"))
_GRAMMAR = re.compile(
    r"[\u3040-\u309f在于将已经会是的了把被为与和及并也都就还请您你们我不没无勿别要这那此该本其]*"
)
"""Hiragana, with which Japanese writes endings, and the commonest particles of Chinese."""


def substituted(before: str, after: str, all_before: Whole, all_after: Whole) -> bool:
    """Whether one word gave way to one of a different meaning in an otherwise like sentence.

    `all_before` and `all_after` are the texts around the two.
    """
    if not before.isascii() and CJK.search(before) and CJK.search(after):
        return _substituted_cjk(before, after)
    keys, keys_after = _keys(before), _keys(after)
    longest = max(len(keys), len(keys_after))
    if not keys or not keys_after or longest > _MOST_WORDS:
        return False
    present_after = set(keys_after)
    if longest > 2 and sum(map(present_after.__contains__, keys)) < _INTACT * longest:
        return False  # no alignment can keep more than what both have
    present = set(keys)
    one, other = _compared(before), _compared(after)
    from rapidfuzz.distance import Levenshtein

    edits = Levenshtein.opcodes(keys, keys_after)
    equal = sum(edit.src_end - edit.src_start for edit in edits if edit.tag == "equal")
    if longest > 2 and equal < _INTACT * longest:
        return False
    if longest == 2 and equal == 0 and len(one) != len(other):
        return False
    denying = not (NEGATORS.isdisjoint(worded(before)) and NEGATORS.isdisjoint(worded(after)))
    replaced = elsewhere = 0
    for gone, new in _blocks(edits, one, other):
        if _opposed(gone, new):
            return True
        kept = [word for word in gone if not empty(word) and _key(word) not in present_after]
        come = [word for word in new if not empty(word) and _key(word) not in present]
        if _polar(kept, come):
            return not denying
        if kept and come and not (all_before.english and all_after.english):
            # Only English has synonyms enough here to tell a new meaning from a new word.
            kept, come = _nouns(kept, before), _nouns(come, after)
        if _reworded(gone, new, kept, come):
            elsewhere += 1
            continue
        if kept and come and len(kept) <= 3 and len(come) <= 3 and not related(kept, come):
            replaced += 1
            elsewhere += any(
                word not in ARTICLES and word not in (*kept, *come) for word in (*gone, *new)
            )
        else:
            elsewhere += any(word not in ARTICLES for word in (*gone, *new))
    # Whoever states another fact keeps the sentence; whoever rewords it also moves things about.
    return replaced >= 1 and not elsewhere and (replaced == 1 or equal >= 0.75 * longest)


def _nouns(found: Sequence[str], text: str) -> list[str]:
    """The words that the spelling shows to be names or nouns: a capital, or the Arabic article."""
    return [
        word
        for word in found
        if word.startswith("ال")
        or (word != word.capitalize() and re.search(rf"\b{re.escape(word.capitalize())}", text))
    ]


def _compared(text: str) -> list[str]:
    return list(filter(_compared_key, sentence_words(text)))


def _keys(text: str) -> list[str]:
    """The keys of the words compared, in their order."""
    return list(filter(None, map(_compared_key, sentence_words(text))))


@lru_cache(maxsize=20_000)
def _compared_key(word: str) -> str:
    """The word's key; empty for figures, zones and negators, which are compared apart."""
    if word[0].isdigit() or word in NEGATORS or word.upper() in ZONES:
        return ""
    return _key(word)


@lru_cache(maxsize=20_000)
def _key(word: str) -> str:
    return word if empty(word) else meaning(word)


def _blocks(edits: Opcodes, one: list[str], other: list[str]) -> list[tuple[list[str], list[str]]]:
    """Runs of edits without an equal word between them, as (words gone, words new)."""
    blocks: list[tuple[list[str], list[str]]] = []
    gone: list[str] = []
    new: list[str] = []
    for edit in edits:
        if edit.tag == "equal":
            if gone or new:
                blocks.append((gone, new))
            gone, new = [], []
            continue
        gone = gone + one[edit.src_start : edit.src_end]
        new = new + other[edit.dest_start : edit.dest_end]
    if gone or new:
        blocks.append((gone, new))
    return blocks


def _reworded(
    gone: Sequence[str], new: Sequence[str], kept: Sequence[str], come: Sequence[str]
) -> bool:
    """Whether a noun gave way to a pronoun, a verb to a verb, or an adverb to an adverb."""
    if _PRONOUNS.isdisjoint(gone) != _PRONOUNS.isdisjoint(new):
        return True
    both = (*kept, *come)
    return bool(kept and come) and (
        all(is_verb(word) for word in both) or all(word.endswith("ly") for word in both)
    )


def _polar(gone: Sequence[str], new: Sequence[str]) -> bool:
    """Whether a word gave way to the one that denies the same."""
    known = {POLAR[word] for word in gone if word in POLAR}
    return any((POLAR[word][0], -POLAR[word][1]) in known for word in new if word in POLAR)


def _opposed(gone: Sequence[str], new: Sequence[str]) -> bool:
    """Whether a word was replaced by its opposite, or by another step of the same scale."""
    for table in (CONTRARY, SCALE):
        lost = {table[word][0]: table[word][1] for word in gone if word in table}
        for word in new:
            if word in table and lost.get(table[word][0], table[word][1]) != table[word][1]:
                return True
    return False


_MOST_APART = 8  # words by which two sentences may differ in length
_QUANTIFYING = frozenset().union(*QUANTIFIERS)


def requantified(before: str, after: str) -> bool:
    """Whether a sentence is true of more or fewer than it was: all for some, must for may."""
    one, other = sentence_words(before), sentence_words(after)
    if one == other or abs(len(one) - len(other)) > _MOST_APART:
        return False
    one, other = (tuple(filter(_QUANTIFYING.__contains__, words)) for words in (one, other))
    if one == other:
        return False  # as in most sentences, which have no such word at all
    for scale in QUANTIFIERS:
        if scale.keys().isdisjoint((*one, *other)):
            continue  # as nearly all
        mine = sorted(scale[word] for word in one if word in scale)
        theirs = sorted(scale[word] for word in other if word in scale)
        if mine == theirs:
            continue
        if len(set(mine)) == len(set(theirs)) == 1 and set(mine) != set(theirs):
            return True
        if len(mine) == len(theirs):
            return True  # "all are, and most do" beside "all are, and all do"
    return False


def related(gone: Sequence[str], new: Sequence[str]) -> bool:
    """Whether the words are of one family or of one meaning: recommend and recommendation."""
    return any(
        not _groups(a).isdisjoint(_groups(b))
        or _HALF.sub("", a) == b or _HALF.sub("", b) == a  # turned round, and denied: no negation
        or         (a[:ROOT_LENGTH] == b[:ROOT_LENGTH] and min(len(a), len(b)) >= ROOT_LENGTH)
        or stem(a) == stem(b)
        or (len(a) > 4 and len(b) > len(a) + 2 and a in b)  # a compound's part
        or (len(b) > 4 and len(a) > len(b) + 2 and b in a)
        for a in gone
        for b in new
    )  # fmt: skip


def denied(word: str) -> str:
    """What a word with a denying prefix denies, "likely" of "unlikely"; empty for any other."""
    half = _HALF.sub("", word)
    return "" if half == word else half


def _groups(word: str) -> frozenset[int]:
    return GROUPS.get(word) or GROUPS.get(stem(word), frozenset())


def _substituted_cjk(before: str, after: str) -> bool:
    one = [c for c in plain(masked(before)) if c.isalnum()]
    other = [c for c in plain(masked(after)) if c.isalnum()]
    if len(one) > _MOST_WORDS or len(other) > _MOST_WORDS or not one or not other:
        return False
    from rapidfuzz.distance import Levenshtein

    edits = Levenshtein.opcodes(one, other)
    equal = sum(edit.src_end - edit.src_start for edit in edits if edit.tag == "equal")
    if equal < 0.65 * max(len(one), len(other)):
        return False
    blocks = [
        (_GRAMMAR.sub("", "".join(gone)), _GRAMMAR.sub("", "".join(new)))
        for gone, new in _blocks(edits, one, other)
    ]
    runs = [(gone, new) for gone, new in blocks if gone and new]
    elsewhere = sum(len(gone) + len(new) for gone, new in blocks if not (gone and new))
    if not 1 <= len(runs) <= 2 or elsewhere > 1 or _synonymous_cjk(before, after):
        return False
    return all(len(gone) <= 5 and len(new) <= 5 for gone, new in runs)


def _synonymous_cjk(before: str, after: str) -> bool:
    """Whether a word of one stands for a synonym in the other."""
    for group in CJK_GROUPS:
        mine = {word for word in group if word in before and word not in after}
        theirs = {word for word in group if word in after and word not in before}
        if mine and theirs:
            return True
    return False
