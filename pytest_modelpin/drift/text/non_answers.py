"""What of a text is no answer: a refusal, a courtesy that says nothing, a text cut off before its end."""

# ruff: noqa: E501 - tables and patterns stay in one piece

from __future__ import annotations

import re
from functools import lru_cache

from pytest_modelpin.drift.lexicon.common_words import COURTESY, OPENING, REFUSAL
from pytest_modelpin.drift.lexicon.opposites import NEGATORS
from pytest_modelpin.drift.text.sentences import sentences, topic
from pytest_modelpin.drift.text.tokens import letters, plain, worded, words

# The patterns are too slow for every answer; a refusal always has one of these.
_SPEAKER = re.compile(r"[im](?:(?<=\bi)(?:'[md])?\b|(?<=\bm)e\b)")
_SPEAKERS = frozenset(("i", "me"))
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


@lru_cache(maxsize=4096)
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
    if _SPEAKERS.isdisjoint(letters(opening)):
        return False  # as most answers; to look for words is far cheaper
    denials = [denial for denial in _DENIALS if denial in opening]
    if not denials or _SPEAKER.search(opening) is None:
        return False
    return any(
        any(map(sentence.__contains__, denials)) and _SPEAKER.search(sentence) is not None
        for sentence in _SENTENCE.split(opening)
    )


_GREETING = re.compile(
    r"(?:hello|hi|hey|dear|good (?:morning|afternoon|evening)|hallo|guten (?:tag|morgen|abend)"
    r"|sehr geehrte[rs]?|liebe[rs]?|bonjour|hola|buenos días|ciao|olá)\b"
    r"[^,!.:;?\n]{0,40}[,!][ \n]+",
    re.IGNORECASE,
)


def ungreeted(sentence: str) -> str:
    """What follows a sentence's greeting; the sentence itself where it has none."""
    greeting = _GREETING.match(sentence) if "," in sentence or "!" in sentence else None
    return sentence if greeting is None else sentence[greeting.end() :] or sentence


@lru_cache(maxsize=16384)
def courteous(sentence: str) -> bool:
    """Whether a sentence only greets, thanks, apologises or says goodbye.

    What follows a greeting counts: "Hi Ana, could you reply by Monday?" asks for something.
    """
    start = ungreeted(sentence.replace("’", "'"))[:_OPENING].lower()
    return bool(COURTESY.match(start) or OPENING.match(start))


CUT_FINISHES = frozenset(
    [
        "length",
        "max_tokens",
        "max_output_tokens",
        "model_context_window_exceeded",
        "incomplete",
        "error_limit",
    ]
)
"""Finish reasons, lower case, that mean the limit on output tokens was met."""

_CLOSED = re.compile(r"[.!?。！？؟۔…)\]}»”\"'`>*_~|:;|]$|[\U0001f300-\U0001faff]$")
_DANGLING = frozenset(
    """the a an and or of to in on at with for by from that which who is are was were if
    because but as your our their its his her this these into than and/or including such
    der die das ein eine und oder mit von zu für auf dass weil wenn ist sind des dem den
    ihre ihr le la les un une et ou de du des avec pour par que qui est sont votre el los
    las y o con para su и в на с по для что из к от или 的 是 在 和 与 及 或 了 は が を に の と で も في
    من على و إلى عن أن""".split()  # noqa: SIM905
)
_OPEN_MARKS = re.compile(r"[,(\[{–—\-、，/]$|\b(?:e\.g|i\.e|z\.b)\.?,?$", re.IGNORECASE)
_LIST_LINE = re.compile(r"^\s*(?:[-*+•#|>]|\d{1,3}[.)])")


def broken_off(before: str, after: str) -> bool:
    """Whether `after` ends in the middle of something, judged beside `before`, which does not."""
    one, other = before.rstrip(), after.rstrip()
    if not other or len(other) < 4:
        return False
    if other.count("```") % 2 and not one.count("```") % 2:
        return True
    if _CLOSED.match(other[-1]) or one.endswith("```"):
        return False
    if one.startswith(other) and len(one) - len(other) > 12:
        return True
    if not (one and _CLOSED.match(one[-1])):
        return _ends_open(other) and not _ends_open(one)
    return _dangles(other) or _stops_short(one, other)


def _ends_open(text: str) -> bool:
    return _OPEN_MARKS.search(text[-10:]) is not None


def _dangles(text: str) -> bool:
    tail = words(plain(text[-80:]))
    return _ends_open(text) or (len(tail) > 2 and tail[-1] in _DANGLING)


def _stops_short(before: str, after: str) -> bool:
    """Whether the last sentence lacks the end that the others have, or is the start of another."""
    lines = after.splitlines()
    if _LIST_LINE.match(lines[-1]):
        return _starts_another(before, after, 4)
    parts = sentences(lines[-1])
    if len(parts) > 1 and all(part.closed for part in parts[:-1]):
        last = parts[-1].text
        if ":" in last or "：" in last:
            return _starts_another(before, after, 3)  # a field's value ends without a full stop
        return len(words(last)) > 1
    return _starts_another(before, after, 3)


def _starts_another(before: str, after: str, least: int) -> bool:
    last = sentences(after)[-1:] if after.strip() else ()
    if not last:
        return False
    start = last[0].key
    return len(words(start)) >= least and any(
        len(one.key) > len(start) + 8 and one.key.startswith(start) for one in sentences(before)
    )
