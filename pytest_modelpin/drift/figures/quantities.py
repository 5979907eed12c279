"""Amounts, dates, times, units, ids and versions, as a text spells them and as values.

1,000 is 1000, $42.00 is $42, "three" is 3 and 2026-03-01 is March 1, 2026; 5 km is 5,000 m. Where a
spelling has two readings (1.000, 03/04/2026) both are kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter

from pytest_modelpin.drift.figures.compound_figures import (
    half,
    hour_and_part,
    in_one,
    share,
    spoken_time,
)
from pytest_modelpin.drift.figures.numbers import (
    Quantity,
    cjk_date,
    clock,
    dotted_date,
    iso_date,
    made,
    named_date,
    numeric_date,
    slashed_date,
)
from pytest_modelpin.drift.figures.quantity_amounts import (
    NUMBER_WORDS,
    amount,
    bare_number,
    chinese,
    spelled_out,
)
from pytest_modelpin.drift.lexicon.figure_patterns import ALONE, NEEDED, NUMBERING, PLAIN, TOKEN
from pytest_modelpin.drift.lexicon.numerals import (
    CURRENCY_CODES,
    HOURS,
    LETTERED,
    MONTHS,
    SHARES,
    VERSIONED,
    WEEKDAYS,
)
from pytest_modelpin.drift.text.tokens import letters, worded


@lru_cache(maxsize=8192)
def masked(text: str) -> str:
    """`text` with every hard figure replaced by one placeholder: its template."""
    figures = quantities(text)
    if not figures:
        return with_western_digits(text)
    text = with_western_digits(text)
    parts: list[str] = []
    at = 0
    for quantity in figures:
        if not quantity.soft:
            parts += [text[at : quantity.start], " 0 "]
            at = quantity.end
    return "".join(parts) + text[at:]


def with_western_digits(text: str) -> str:
    """`text` with Arabic, Persian, Devanagari and full-width digits and separators made ASCII."""
    return text if text.isascii() else text.translate(_WESTERN)


_WESTERN: dict[int, str] = {
    first + digit: str(digit)
    for first in (0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0xFF10)
    for digit in range(10)
} | {
    0x66B: ".", 0x66C: ",", 0xFF0C: "，", 0xFF05: "%", 0x66A: "%", 0x2212: "-", 0xFF04: "$",
    0xFFE5: "¥",
    0xA0: " ", 0x202F: " ", 0x2009: " ", 0xBD: " 1/2", 0xBC: " 1/4", 0xBE: " 3/4",
    0x2011: "-", 0x2019: "'",
}  # fmt: skip


_WEEKDAY_CJK = re.compile(r"(?:星期|周)[一二三四五六日天]|[月火水木金土日]曜日?")
_TELLING_WORDS = (
    NUMBER_WORDS
    | frozenset(WEEKDAYS)
    | {word for spelled in SHARES for word in letters(spelled)}
    | frozenset(HOURS)
    | {
        "noon",
        "midday",
        "midnight",
        "half",
        "halbe",
        "halben",
        "halber",
        "demi",
        "media",
        "eine",
        "mezz",
    }
    | {"an", "hour", "anderthalb", "eineinhalb", "heure", "hora", "ora"}
)
_LEADING = (
    _TELLING_WORDS
    | frozenset(LETTERED)
    | set(MONTHS)
    | set(VERSIONED)
    | {code.lower() for code in CURRENCY_CODES}
)


@lru_cache(maxsize=8192)
def quantities(text: str) -> tuple[Quantity, ...]:
    """The figures of `text` in reading order; spans refer to `text` with its digits normalised."""
    text = with_western_digits(text)
    if "1) " in text:
        text = NUMBERING.sub(lambda number: " " * len(number[0]), text)
    lowered = text.lower()
    needed = NEEDED.search(text)
    plainly = not needed and text.isascii() and "_" not in text
    # Without digits the words are those that all others read, too, and need no second reading.
    spelled = worded(text) if plainly else letters(lowered)
    telling = () if _LEADING.isdisjoint(spelled) else _LEADING.intersection(spelled)
    alone = len(text) <= 7 and ALONE.search(text)
    if not telling and not alone and not needed:
        return () if text.isascii() else tuple(_cjk_weekdays(text))
    found: list[Quantity] = list(_cjk_weekdays(text)) if not text.isascii() else []
    taken = [(q.start, q.end) for q in found]
    at = 0
    for start in _starts(text, lowered, telling, needed.start() if needed else len(text)):
        if start < at:
            continue
        chunk = _chunk_start(text, start)
        match = PLAIN.match(text, start) if chunk == start else None
        if match is None:
            match = TOKEN.search(text, max(at, chunk))
        while match is not None and match.end() <= start:
            match = TOKEN.search(text, match.end())
        if match is None:
            break
        at = match.end()
        if taken and any(first <= match.start() < last for first, last in taken):
            continue
        read = _READERS.get(match.lastgroup or "")
        quantity = read(text, match) if read else None
        if quantity is not None:
            found.append(quantity)
            at = quantity.end
    return in_one(text, sorted(found, key=_start)) if len(found) > 1 else tuple(found)


_start = attrgetter("start")


def _starts(text: str, lowered: str, telling: Iterable[str], needed: int) -> list[int]:
    """Where figures may begin; the grammar is too slow to be tried at every word.

    `needed` is where the first character stands that only figures need.
    """
    starts = [hint.start() for hint in NEEDED.finditer(text, needed)]
    if len(text) <= 7:
        starts += [hint.start() for hint in ALONE.finditer(text)]
    for word in telling:
        place = lowered.find(word)
        while place >= 0:
            if place == 0 or not lowered[place - 1].isalpha():
                starts.append(place)
            place = lowered.find(word, place + len(word))
    return sorted(starts)


def _chunk_start(text: str, place: int) -> int:
    """Back to the beginning of the word that holds `place`: a sign, an id's letters, a link."""
    return max(place - 80, text.rfind(" ", 0, place) + 1, text.rfind("\n", 0, place) + 1)


def _cjk_weekdays(text: str) -> Iterable[Quantity]:
    for match in _WEEKDAY_CJK.finditer(text):
        day = WEEKDAYS.get(match.group())
        if day is not None:
            yield Quantity("weekday", (day,), (), None, False, match.group(), *match.span())


def _link(text: str, match: re.Match[str]) -> Quantity:
    spelled = match.group().rstrip(".,;:!?。，").rstrip("/").lower()
    return made("link", (spelled,), match)


def _uuid(text: str, match: re.Match[str]) -> Quantity:
    return made("id", (match.group().lower(),), match)


def _version(text: str, match: re.Match[str]) -> Quantity:
    return made("version", (match.group().lower().lstrip("v"),), match)


def _product(text: str, match: re.Match[str]) -> Quantity:
    start, end = match.span("pversion")
    version = match["pversion"]
    return Quantity("version", (version,), (), None, False, version, start, end)


def _letter(text: str, match: re.Match[str]) -> Quantity:
    group = "lettered" if match["lettered"] else "only"
    start, end = match.span(group)
    return Quantity("letter", (match[group],), (), None, False, match[group], start, end)


def _hash(text: str, match: re.Match[str]) -> Quantity:
    digits = match["hashdigits"]
    return Quantity(
        "number", (Decimal(digits),), (Decimal(digits),), None, False, match.group(), *match.span()
    )


def _iban(text: str, match: re.Match[str]) -> Quantity:
    return made("id", (match.group().replace(" ", "").lower(),), match)


_FORMULAS = frozenset("CO2 H2O CH4 NO2 SO2 O2 O3 N2 H2 NH3 H2SO4".split())  # noqa: SIM905


def _id(text: str, match: re.Match[str]) -> Quantity | None:
    if match.group() in _FORMULAS:
        return None  # a word, as carbon dioxide is
    return made("id", (re.sub(r"[-_/]", "", match.group().lower()),), match)


Reader = Callable[[str, re.Match[str]], Quantity | None]

_READERS: dict[str, Reader] = {
    "zh": chinese,
    "word": spelled_out,
    "id": _id,
    "uuid": _uuid,
    "iban": _iban,
    "spoken": spoken_time,
    "dotted": dotted_date,
    "andhalf": hour_and_part,
    "share": share,
    "link": _link,
    "iso": iso_date,
    "isotime": iso_date,
    "cjkdate": cjk_date,
    "numdate": numeric_date,
    "slashed": slashed_date,
    "mdy": named_date,
    "dmy": named_date,
    "my": named_date,
    "time": clock,
    "time2": clock,
    "time3": clock,
    "noon": clock,
    "letter": _letter,
    "half": half,
    "version": _version,
    "product": _product,
    "hash": _hash,
    "amount": amount,
    "bare": bare_number,
    "few": bare_number,
}
"""By the group that closes last: that of the whole alternative, or one that follows it."""
