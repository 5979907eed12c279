"""Whether a statement was turned round: yes for no, allowed for denied, "not" dropped or added.

A sentence is read as the set of its words that something denies, and of its known meanings with
a sign ("not allowed", "denied" and "prohibited" all deny `permit`). Two sentences contradict each
other where a meaning has opposite signs, or where a word that one denies stands undenied in the
other; "can't", "cannot" and "isn't impossible" come out as they are meant.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pytest_modelpin.drift.figures.quantities import masked
from pytest_modelpin.drift.lexicon.opposites import (
    CJK_AFFIRMED_DENIALS,
    CJK_INNOCENT,
    CJK_NEGATORS,
    EXCEPTIVE,
    IDIOMS,
    NEGATORS,
    NO,
    POLAR,
    YES,
)
from pytest_modelpin.drift.text.sentences import sentence_words
from pytest_modelpin.drift.text.tokens import CJK, empty, joined, meaning, plain, stem, worded

_REACH = 3  # content words that a negator denies at most
_PIECE = re.compile(r"[^\W_]+|[,;:.!?،؛…]")
_NOT_UNLESS = re.compile(r"\b(?:not|never|cannot)\b([^.;!?]{0,80}?)\bunless\b")
_UNLESS = re.compile(r"\bunless\b")
_STOPS = frozenset(",;:.!?،؛…")
_IDIOM = re.compile("|".join(sorted(map(re.escape, IDIOMS), key=len, reverse=True)))
_NOT_ANY_BUT = re.compile(
    r"\bnot\b([^.,;]{0,40}?)\b(?:anybody|anyone|anything) (?:but|except|other than)\b"
)
_NONE_BUT = re.compile(r"\b(?:nobody|no one|nothing|none) (?:but|except|other than)\b")
"""Who lends to nobody but members lends to members only."""
_PREFIX = re.compile(r"^(?:un|in|im|ir|il|dis|non)(?=\w{4})")
_POLAR_BY_STEM = {stem(word): sign for word, sign in POLAR.items()} | POLAR
_GERMAN = frozenset(("nicht", "kein", "keine", "keinen", "keinem", "keiner", "nie", "niemals"))
_GERMAN_CAN = frozenset(("kann", "können", "kannst", "könnt"))
_GERMAN_BACKWARD = frozenset(
    ["nicht", "kein", "keine", "keinen", "nie", "niemals", "pas", "jamais", "niet", "inte", "değil"]
)


_NOBODY = frozenset(("nobody", "none", "niemand", "personne", "nadie", "nessuno", "ninguém"))
_WHERE = frozenset(("at", "in", "on", "from", "bei", "im", "am", "aus", "chez", "dans", "en"))


class Polarity(NamedTuple):
    """What a sentence affirms and denies."""

    answer: int
    """+1 or -1 where the sentence opens with a yes or a no; else 0."""
    signs: dict[str, int]
    """Known meaning to +1 or -1; 0 where the sentence has both."""
    denied: frozenset[str]
    """Stems of words within reach of a negator."""
    stems: frozenset[str]
    """Stems of all content words."""
    said: frozenset[str]
    """All its words as they stand."""
    denials: int
    bare: str
    """The words without the negators."""
    exceptive: frozenset[str]
    """Words that limit the statement: "unless", "within", "after"."""
    prefixed: tuple[str, ...] = ()
    """Words such as "unavailable"."""


def contradicts(before: str, after: str) -> bool:
    """Whether `after` says of the same thing the opposite of what `before` says."""
    if not _may_contradict(before, after):
        return False
    one, other = polarity(before), polarity(after)
    if one.answer * other.answer < 0:
        return True
    gone, come = one.said - other.said, other.said - one.said
    if len(gone) == len(come) == 1 and _answer(*gone) * _answer(*come) < 0:
        return True  # "the answer is yes", "it returns false"
    if one.exceptive != other.exceptive and (
        (one.exceptive and other.exceptive) or not _alike(one, other)
    ):
        return False
    halves, halves_after = _prefixed(one, other), _prefixed(other, one)
    odd = (one.denials + len(halves)) % 2 != (other.denials + len(halves_after)) % 2
    if odd and one.bare == other.bare:
        return True
    if _compares(one) != _compares(other):
        return False  # "colder than" and "not as cold as"
    if odd and one.stems == other.stems:
        return True
    shared = [
        (sign, other.signs[known])
        for known, sign in one.signs.items()
        if known in other.signs and known != "can"
    ]
    if any(sign * sign_after < 0 for sign, sign_after in shared):
        return True
    if (one.signs.get("can", 0) * other.signs.get("can", 0)) < 0 and _alike(one, other):
        return True
    if any(sign < 0 for sign, _ in shared):
        return False  # both deny it, in whatever words
    denied, denied_after = one.denied | halves, other.denied | halves_after
    if not odd and (bool(denied) == bool(denied_after) or min(one.denials, other.denials) > 0):
        return False
    if not denied.isdisjoint(denied_after):
        return False
    turned = (denied & (other.stems - denied_after)) | (denied_after & (one.stems - denied))
    return bool(turned)


def _may_contradict(before: str, after: str) -> bool:
    """Whether any word denies anything: where none does, as in most sentences, nothing can.

    Beside negators and their like those are words such as "unavailable", but only where either
    sentence has what they deny.
    """
    denied = _denied(before) | _denied(after)
    return bool(denied) and not denied.isdisjoint((*_said(before), *_said(after)))


@lru_cache(maxsize=8192)
def _denied(text: str) -> frozenset[str]:
    """The words that deny something, and what others would deny: "available"."""
    said = _said(text)
    if not text.isascii() and CJK.search(text):
        return frozenset(said)
    return frozenset(filter(None, map(_denial, said)))


def _said(text: str) -> tuple[str, ...]:
    """All words, and those that phrases mean: "not only" denies by a word, and means "also"."""
    apart = worded(masked(text))
    together = sentence_words(text)
    return apart if apart is together else apart + together


@lru_cache(maxsize=20_000)
def _denial(word: str) -> str:
    """The word itself where it may deny something; else what its prefix denies, if anything."""
    if word[0].isdigit():
        return ""
    if not word.isalnum() or word in NEGATORS or word in NO or word == "unless":
        return word
    known = _understood(word)[0]
    return word if known is not None and known[1] < 0 else _half(word)


def _compares(one: Polarity) -> bool:
    return "than" in one.said


def _alike(one: Polarity, other: Polarity) -> bool:
    common = len(one.stems & other.stems)
    return 2 * common >= 1.5 * max(len(one.stems), len(other.stems), 1)


def _prefixed(one: Polarity, other: Polarity) -> frozenset[str]:
    """Words of `one` such as "unavailable" whose other half stands alone in `other`."""
    return frozenset(
        meaning(_half(word))
        for word in one.prefixed
        if word not in other.said and _half(word) in other.said
    )


@lru_cache(maxsize=20_000)
def _half(word: str) -> str:
    """What a word with a denying prefix denies; empty for any other word."""
    return "" if word in POLAR or not _PREFIX.match(word) else _PREFIX.sub("", word)


@lru_cache(maxsize=8192)
def polarity(text: str) -> Polarity:
    """How a sentence affirms and denies."""
    text = _IDIOM.sub(" ", plain(text))
    if " but " in text or " except " in text or " other than " in text:
        text = _NONE_BUT.sub("only", _NOT_ANY_BUT.sub(r"\1only", text))
    if not text.isascii() and CJK.search(text):
        return _cjk_polarity(text)
    text = text.replace(" but not ", " except ")
    text = _NOT_UNLESS.sub(r"\1only if", text) if "unless" in text else text
    pieces = joined(tuple(_PIECE.findall(_UNLESS.sub("if not", text))))
    answer = _leading_answer(pieces)
    if answer and len(pieces) > 1 and pieces[1] in _STOPS:
        return _of_clauses(pieces[2:], answer)
    if answer and len(pieces) == 1:
        return Polarity(answer, {}, frozenset(), frozenset(), frozenset(pieces), 0, "", frozenset())
    return _of_clauses(pieces, 0)


def _of_clauses(pieces: tuple[str, ...], answer: int) -> Polarity:
    """How a sentence's words and stops affirm and deny, behind the `answer` that it begins with.

    A negator denies the next words, as far as it reaches and no further than its clause.
    """
    signs: dict[str, int] = {}
    denied: set[str] = set()
    stems: set[str] = set()
    bare: list[str] = []
    denials = reach = sign = 0
    recent: list[str] = []
    since: list[str] = []
    clause = 0  # where it begins
    flipped = 1
    for place, piece in enumerate(pieces):
        if piece in _STOPS:
            reach, flipped, recent, clause = 0, 1, [], place + 1
            continue
        if piece in NEGATORS:
            denials += 1
            flipped, reach = (-flipped if reach else -1), _REACH
            if piece in _NOBODY and pieces[place + 1 : place + 2] and pieces[place + 1] in _WHERE:
                reach = 0  # "nobody at the office can": it is not the office that is denied
            since = []
            signs |= _verb_denied(pieces, place, clause)
            if piece in _GERMAN_BACKWARD and (
                place + 1 == len(pieces) or pieces[place + 1] in _STOPS
            ):
                denied.update(recent[-2:])
                for word in recent[-2:]:
                    _flip(signs, word)
            continue
        bare.append(piece)
        known, key = _understood(piece)
        if known is not None:
            sign = known[1] * (flipped if reach else 1)
            signs[known[0]] = sign if signs.get(known[0], sign) == sign else 0
            if known[1] < 0:
                denials += 1
                if reach and flipped < 0:  # "not impossible" affirms what follows
                    reach, flipped = 0, 1
                    denied.difference_update(since)
        if key is None:
            continue
        stems.add(key)
        recent.append(key)
        if reach:
            reach -= 1
            if flipped < 0:
                denied.add(key)
                since.append(key)
    return Polarity(
        answer, signs, frozenset(denied), frozenset(stems), frozenset(pieces), denials,
        " ".join(bare),
        EXCEPTIVE.intersection(pieces),
        tuple(filter(_half, pieces)),
    )  # fmt: skip


def _verb_denied(pieces: tuple[str, ...], place: int, clause: int) -> dict[str, int]:
    """The sign of the verb that the negator at `place` denies backwards, in the clause from
    `clause` on; empty where it denies what follows alone.
    """
    piece, verb = pieces[place], POLAR.get(pieces[place - 1]) if place else None
    if verb == ("can", 1):
        return {"can": -1}  # "can not"
    if verb is not None and piece == "no":
        return {verb[0]: -verb[1]}  # "contains no"
    if piece in _GERMAN and not _GERMAN_CAN.isdisjoint(pieces[clause:place]):
        return {"can": -1}  # "können wir … nicht"
    return {}


@lru_cache(maxsize=20_000)
def _understood(word: str) -> tuple[tuple[str, int] | None, str | None]:
    """A word's known meaning with its sign, and its key; None for a key where it says nothing."""
    known = POLAR.get(word) or _POLAR_BY_STEM.get(stem(word))
    return known, (None if known is None and empty(word) else meaning(word))


def _flip(signs: dict[str, int], word: str) -> None:
    known = _POLAR_BY_STEM.get(word)
    if known is not None and known[0] in signs:
        signs[known[0]] = -signs[known[0]]


def _leading_answer(pieces: tuple[str, ...]) -> int:
    return _answer(pieces[0]) if pieces else 0


def _answer(word: str) -> int:
    """1 for a word that says yes, -1 for one that says no, 0 for any other."""
    return (word in YES) - (word in NO)


_CJK_INNOCENT = re.compile("|".join(sorted(CJK_INNOCENT, key=len, reverse=True)))
_CJK_NEGATOR = re.compile("|".join(sorted(CJK_NEGATORS, key=len, reverse=True)))
_CJK_STOP = re.compile(r"[，、。；！？,;.!?\s]+")
_KANA = re.compile(r"[\u3040-\u30ff]")
_CJK_OTHER = re.compile(r"[^\w]+")


def _cjk_polarity(text: str) -> Polarity:
    """Scripts without spaces: a clause denies where it holds an odd number of negators."""
    for spelled, read in CJK_AFFIRMED_DENIALS.items():
        text = text.replace(spelled, read)
    clauses = [clause for clause in _CJK_STOP.split(text) if clause]
    answer = 0
    if clauses and len(clauses[0]) <= 4:
        answer = (clauses[0] in YES) - (clauses[0] in NO)
        if answer:
            clauses = clauses[1:]
    denied: set[str] = set()
    stems: set[str] = set()
    denials = 0
    bare = []
    japanese = bool(_KANA.search(text))
    for clause in clauses:
        clause = _CJK_INNOCENT.sub("", clause)
        if japanese:
            clause = clause.replace("別", "")  # "don't" in Chinese, "other" in Japanese
        kept = _CJK_OTHER.sub("", _CJK_NEGATOR.sub("", clause))
        bare.append(kept)
        pairs = {kept[i : i + 2] for i in range(len(kept) - 1)} or {kept}
        stems |= pairs
        count = len(_CJK_NEGATOR.findall(clause))
        denials += count
        if count % 2:
            denied |= pairs
    return Polarity(
        answer,
        {},
        frozenset(denied),
        frozenset(stems),
        frozenset(),
        denials,
        "".join(bare),
        frozenset(),
    )
