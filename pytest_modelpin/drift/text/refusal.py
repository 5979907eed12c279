"""Whether an answer declines to answer."""

# ruff: noqa: E501 - tables and patterns stay in one piece

from __future__ import annotations

import re

from pytest_modelpin.drift.lexicon.opposites import NEGATORS
from pytest_modelpin.drift.lexicon.phrases import REFUSAL
from pytest_modelpin.drift.text.sentences import sentences, topic
from pytest_modelpin.drift.text.tokens import worded

# The patterns are too slow for every answer; a refusal always has one of these.
_SPEAKER = re.compile(r"[im](?:(?<=\bi)(?:'[md])?\b|(?<=\bm)e\b)")
_DENIALS = (
    "can't", "cannot", "can not", "unable", "not ", "won't", "decline", "inappropriate", "irresponsible",
    "unethical", "beyond", "don't", "as an", "i'd", "prefer",
)  # fmt: skip
_CUES = (
    "as an ai", "guidelines", "usage polic", "content polic", "openai's polic", "my polic", "request was",
    "request has been", "nicht", "keine", "als ki", "sprachmodell", "je ne", "désolé", "en tant que", "puedo",
    "posible", "inteligencia", "posso", "не могу", "как ", "无法", "不能", "没法", "没有办法", "不便", "作为",
    "ません", "かねます", "として", "أستطيع", "يمكنني", "أتمكن", "قادر", "أقدر", "بصفتي", "죄송",
)  # fmt: skip
_ASCII_CUES = tuple(filter(str.isascii, _CUES))
_OPENING = 500  # a refusal comes first; what follows explains it

REFUSING_FINISHES = frozenset(
    """content_filter refusal safety prohibited_content blocklist recitation spii
    guardrail_intervened content_filtered image_safety""".split()  # noqa: SIM905
)
"""Finish reasons, lower case, that mean the provider or the model withheld the answer."""


def refuses(text: str) -> bool:
    """Whether the text opens by declining to answer, in any of the known languages."""
    opening = text[:_OPENING].replace("’", "'").strip().lower()
    cues = _ASCII_CUES if opening.isascii() else _CUES
    suspected = any(map(opening.__contains__, cues)) or _declined(opening)
    return suspected and REFUSAL.search(opening) is not None


_SAME_MATTER = 0.4  # Dice's coefficient of two sentences that decline the same
_FEWEST_SHARED = 2  # words


def still_declines(refusal: str, text: str) -> bool:
    """Whether a text denies what a refusal denies, in words that no pattern knows.

    "That isn't something I share" for "I can't share that": of one matter, and denying.
    """
    declined = [part for part in sentences(refusal[:_OPENING]) if refuses(part.text)]
    told = [topic(part.text) for part in declined or sentences(refusal[:_OPENING])]
    for part in sentences(text[:_OPENING]):
        if NEGATORS.isdisjoint(worded(part.text)):
            continue
        mine = topic(part.text)
        for theirs in told:
            shared = len(mine & theirs)
            if shared >= _FEWEST_SHARED and 2 * shared >= _SAME_MATTER * (len(mine) + len(theirs)):
                return True
    return False


_SENTENCE = re.compile(r"[.!?\n]")


def _declined(opening: str) -> bool:
    """Whether a sentence has both whoever speaks and a word of declining, as any refusal's has."""
    denials = [denial for denial in _DENIALS if denial in opening]
    return bool(denials) and any(
        any(map(sentence.__contains__, denials)) and _SPEAKER.search(sentence) is not None
        for sentence in _SENTENCE.split(opening)
    )
