"""Words of a text, in forms that rewording leaves alone: contractions opened, endings cut; and which
of them are common verbs.
"""

# ruff: noqa: E501 - tables and patterns stay in one piece

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from pytest_modelpin.drift.lexicon.common_words import EMPTY, FILLERS, VERBS
from pytest_modelpin.drift.lexicon.irregular import DERIVED, INFLECTED
from pytest_modelpin.drift.lexicon.synonyms import MEANING, PHRASES

CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af]")
"""A character of a script that is compared by characters; Korean endings make it one of them."""

_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af]|[^\W_]+(?:[.,:]\d+)*|_+\w*"
)
_GROUPED = re.compile(r"[.,:]\d")
LETTERS = re.compile(r"[^\W\d_]+")
_ALPHANUMERIC = bytes(code if chr(code).isalnum() else ord(" ") for code in range(128)).ljust(256)
_ALPHABETIC = bytes(code if chr(code).isalpha() else ord(" ") for code in range(128)).ljust(256)


def _after(words: str) -> str:
    """Behind an apostrophe: that it follows one of the words. The search skips all else at once."""
    return "|".join(rf"(?<=\b{word}')" for word in words.split())


# Each after what any match of it holds: to look for that is far cheaper.
_CONTRACTIONS = (
    ("can", re.compile(r"\bcan't\b|\bcannot\b|\bcan not\b"), "can not"),
    ("won't", re.compile(r"\bwon't\b"), "will not"),
    ("shan't", re.compile(r"\bshan't\b"), "shall not"),
    ("ain't", re.compile(r"\bain't\b"), "is not"),
    ("n't", re.compile(r"n't\b"), " not"),
    ("'", re.compile(rf"'(?:{_after('i you we they he she it that there what who')})(?:re|m|ve|ll|d|s)\b"), ""),
    ("'s", re.compile(r"'s\b"), ""),
    ("'", re.compile(rf"'(?:{_after('qu n l d j s c m t')})"), " "),
)  # fmt: skip
_PHRASES_BY_START: dict[tuple[str, str], list[tuple[tuple[str, ...], list[str]]]] = {}
for _phrase in sorted(PHRASES, key=len, reverse=True):
    _first, _second, *_rest = _phrase.split()
    _PHRASES_BY_START.setdefault((_first, _second), []).append(
        ((_first, _second, *_rest), PHRASES[_phrase].split())
    )
_ARABIC_PREFIX = re.compile(r"^(?:وال|بال|كال|فال|لل|ال)(?=\w{3})")
_ARABIC_MARKS = re.compile(r"[\u064b-\u0652\u0640]")
_SILENT = EMPTY | FILLERS
_QUOTES = str.maketrans("’‘ʼ`´", "'''''")


def plain(text: str) -> str:
    """Lower case, contractions opened, one kind of apostrophe."""
    text = text.lower() if text.isascii() else text.translate(_QUOTES).lower()
    if "'" in text or "cannot" in text or "can not" in text:
        for held, pattern, opened in _CONTRACTIONS:
            if held in text:
                text = pattern.sub(opened, text)
    if " no " in text and len(_PORTUGUESE.findall(text)) >= _ENOUGH:
        text = text.replace(" no ", " em ")  # "in the", which denies nothing
    return text


_PORTUGUESE = re.compile(
    r"\b(?:não|com|uma?|em|das|dos|ao|seus?|suas?|até|pel[oa]|você|são|está|é)\b"
)
_ENOUGH = 2  # words that are Portuguese more often than anything else


def words(text: str) -> list[str]:
    """The words of `plain` text; each character is one in Chinese, Japanese and Korean."""
    if text.isascii() and "_" not in text and not _GROUPED.search(text):
        return _split(text, _ALPHANUMERIC)
    return _WORD.findall(text)


def letters(text: str) -> list[str]:
    """The runs of letters in a text, without digits."""
    return _split(text, _ALPHABETIC) if text.isascii() else LETTERS.findall(text)


def _split(text: str, kept: bytes) -> list[str]:
    """What the patterns find in ASCII, five times as fast."""
    return text.encode("ascii").translate(kept).decode("ascii").split()


_NUMBER = re.compile(r"\d(?<![^\W_]\d)\d*")


@lru_cache(maxsize=16384)
def levelled(text: str) -> str:
    """The text with every number a row of ones: sentences that differ in their figures alone are of
    the same words, which are read once.
    """
    return _NUMBER.sub(_ones, text)


def _ones(number: re.Match[str]) -> str:
    return "1" * len(number[0])


@lru_cache(maxsize=8192)
def worded(text: str) -> tuple[str, ...]:
    """The words of any text, as `plain` spells them."""
    return tuple(words(plain(text)))


@lru_cache(maxsize=20_000)
def meaning(word: str) -> str:
    """A key that a word shares with its inflections and synonyms."""
    if word in MEANING:
        return MEANING[word]
    base = INFLECTED.get(word) or DERIVED.get(word)
    if base is not None:
        return meaning(base)
    stemmed = stem(word)
    return MEANING.get(stemmed) or _MEANING_BY_STEM.get(stemmed, stemmed)


def meanings(told: Sequence[str], *, ascii: bool) -> frozenset[str]:
    """What words are about: the meanings of those that say anything.

    Chinese, Japanese and Korean mean something by pairs of characters. `ascii` says that there is
    none.
    """
    if not ascii and any(map(CJK.match, told)):
        found = {meaning(word) for word in told if not empty(word) and not CJK.match(word)}
        found.update(a + b for a, b in pairwise(told) if CJK.match(a) and CJK.match(b))
        return frozenset(found)
    return frozenset([meaning(word) for word in told if word not in _SILENT])


def joined(found: tuple[str, ...]) -> tuple[str, ...]:
    """Words with every phrase that means as much as one word replaced by that word."""
    if _PHRASES_BY_START.keys().isdisjoint(pairwise(found)):
        return found
    told: list[str] = []
    done = 0
    starts = [at for at, two in enumerate(pairwise(found)) if two in _PHRASES_BY_START]
    for at in starts:
        if at < done:
            continue  # within a phrase that began before
        for phrase, one in _PHRASES_BY_START[found[at], found[at + 1]]:
            if found[at : at + len(phrase)] == phrase:
                told += (*found[done:at], *one)
                done = at + len(phrase)
                break
    return (*told, *found[done:])


def empty(word: str) -> bool:
    """Whether a word says nothing by itself."""
    return word in _SILENT


def telling(text: str) -> list[str]:
    """The words of a text that say something by themselves, the shortest left out."""
    return [word for word in worded(text) if word.isalpha() and len(word) > 2 and not empty(word)]


ROOT_LENGTH = 5
"""Letters that are the same in a word's inflections."""


@lru_cache(maxsize=20_000)
def keys_of(word: str) -> Sequence[str]:
    """What a word shares with its synonyms, and with its inflections."""
    return (
        (meaning(word), f"{word[:ROOT_LENGTH]}-") if len(word) >= ROOT_LENGTH else (meaning(word),)
    )


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A light stem: without common English, German, French endings and Arabic prefixes."""
    if not word.isascii():
        word = _ARABIC_PREFIX.sub("", _ARABIC_MARKS.sub("", word))
    if len(word) <= 3:
        return word
    for ending, kept in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: len(word) - len(ending)] + kept
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] in "bdgmnprt":
        word = word[:-1]
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


_ENDINGS = (
    ("ization", "iz"), ("isation", "is"), ("ations", ""), ("ation", ""), ("ments", ""), ("ment", ""),
    ("ability", ""), ("ities", ""), ("ity", ""), ("iness", "y"), ("ness", ""), ("ings", ""), ("ing", ""),
    ("ies", "y"), ("ied", "y"), ("ables", ""), ("able", ""), ("ible", ""), ("fully", ""), ("ful", ""),
    ("ably", ""), ("ily", "y"), ("ally", "al"), ("ly", ""), ("ers", ""), ("ions", ""), ("ion", ""),
    ("ungen", ""), ("ung", ""), ("lich", ""), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"),
    ("ed", ""), ("er", ""), ("en", ""), ("es", ""), ("ss", "ss"), ("us", "us"), ("s", ""), ("st", "st"),
)  # fmt: skip

_MEANING_BY_STEM: dict[str, str] = {}
for _member, _first in MEANING.items():
    _MEANING_BY_STEM.setdefault(stem(_member), _first)


_VERB_STEMS = frozenset(stem(verb) for verb in VERBS.split()) | frozenset(VERBS.split())


def is_verb(word: str) -> bool:
    """Whether a lower-case English word is, or may be, a form of a common verb."""
    return word in _VERB_STEMS or stem(word) in _VERB_STEMS
