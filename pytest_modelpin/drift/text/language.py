"""The language of a text, told by its script and its commonest words."""

# ruff: noqa: E501 - tables and patterns stay in one piece

from __future__ import annotations

import re
from functools import lru_cache
from math import lcm

from pytest_modelpin.drift.lexicon.common_words import BY_LANGUAGE
from pytest_modelpin.drift.text.tokens import letters

_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
)
_LATIN = re.compile(r"[a-zà-öø-ÿāăąćčďđęěğıłńňőřśşšťůűźžſ]")
_FIVE_LATIN = re.compile(rf"(?:.*?{_LATIN.pattern}){{5}}", re.DOTALL)
_ACCENTS = {
    "de": re.compile(r"[äöüß]"), "es": re.compile(r"[ñ¿¡]|ción\b"), "pt": re.compile(r"[ãõ]|ção\b"),
    "fr": re.compile(r"[èêëœ]|[a-z]'[aeiouéèh]"), "pl": re.compile(r"[łąęśżź]"), "tr": re.compile(r"[ğışç]"),
    "sv": re.compile(r"å"),
}  # fmt: skip
_LATIN_LANGUAGES = {code: found for code, found in BY_LANGUAGE.items() if code not in ("ru", "ar")}
_LANGUAGES_OF = {
    word: tuple(code for code, common in _LATIN_LANGUAGES.items() if word in common)
    for commonest in _LATIN_LANGUAGES.values()
    for word in commonest
}
# A word of several languages says less of each. In whole numbers, so that a tie is a tie.
_SHARES = lcm(*(len(codes) for codes in _LANGUAGES_OF.values()))
_BITS = 32
_PLACES = {code: _BITS * place for place, code in enumerate(_LATIN_LANGUAGES)}
_WEIGHTS = {
    word: sum(_SHARES // len(codes) << _PLACES[code] for code in codes)
    for word, codes in _LANGUAGES_OF.items()
}
"""What a word says for each language, side by side in one number, so that all are added at once."""
_ONE = 2 * _SHARES
"""The score of a word of one language only, said once."""
_SAMPLE = 500  # characters are enough to tell, whatever the length of the text


@lru_cache(maxsize=4096)
def language(text: str) -> str | None:
    """ISO 639-1 code of the text's language; None where the text is too short or too mixed."""
    text = text[:_SAMPLE].lower()
    if not text.isascii():
        latin = len(_LATIN.findall(text))
        for code, script in _SCRIPTS:
            count = len(script.findall(text))
            # One character of these scripts says as much as two or three Latin letters; Japanese
            # shows itself by a few kana among Chinese characters.
            if count >= 2 and 3 * count > latin:
                return code
    return _latin_language(text) if _FIVE_LATIN.match(text) else None


def _latin_language(text: str) -> str | None:
    scores, words = _latin_scores(text)
    ranked = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
    if not ranked:
        return None
    best, score = ranked[0]
    second = ranked[1][1] if len(ranked) > 1 else 0
    if score < _ONE or score < 1.3 * second or score < 0.1 * _ONE * words:
        return None
    return best


@lru_cache(maxsize=4096)
def _latin_scores(text: str) -> tuple[dict[str, int], int]:
    """How much speaks for each language, by its own words and letters; and how many words."""
    found = letters(text)
    told = list(filter(_WEIGHTS.__contains__, found))
    # A word said again says less than one that is new.
    total = sum(map(_WEIGHTS.__getitem__, (*told, *set(told))))
    scores = {
        code: score for code, at in _PLACES.items() if (score := total >> at & ((1 << _BITS) - 1))
    }
    if not text.isascii():
        for code, accents in _ACCENTS.items():
            if accents.search(text):
                scores[code] = scores.get(code, 0) + _ONE
    return scores, len(found)


def changed_language(before: str, after: str) -> bool:
    """Whether both texts' languages are known and differ, each told by several words.

    Neighbours share many words: Spanish must not be half as likely where Italian is found.
    """
    one, other = language(before), language(after)
    if one is None or other is None or one == other:
        return False
    if one not in _LATIN_LANGUAGES or other not in _LATIN_LANGUAGES:
        return True
    scores, _ = _latin_scores(before[:_SAMPLE].lower())
    scores_after, _ = _latin_scores(after[:_SAMPLE].lower())
    if min(_telling_words(before, one), _telling_words(after, other)) < _FEWEST_WORDS:
        return False  # "Mon" of a table is the French word for "my"
    return (
        2 * scores_after.get(one, 0) < scores_after[other]
        and 2 * scores.get(other, 0) < scores[one]
    )


_FEWEST_WORDS = 2  # common words by which a language in Latin letters is told from another


def _telling_words(text: str, code: str) -> int:
    """How many of a language's commonest words a text has; letters of its own count as one."""
    lowered = text[:_SAMPLE].lower()
    words = sum(code in _LANGUAGES_OF[word] for word in {*letters(lowered)} & _LANGUAGES_OF.keys())
    return words + (code in _ACCENTS and _ACCENTS[code].search(lowered) is not None)
