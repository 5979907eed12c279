"""Amounts, dates, times, units, ids and versions, as a text spells them and as values.

1,000 is 1000, $42.00 is $42, "three" is 3 and 2026-03-01 is March 1, 2026; 5 km is 5,000 m. Where a
spelling has two readings (1.000, 03/04/2026) both are kept.
"""

# ruff: noqa: E501 - one alternative of the grammar a line

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Literal, NamedTuple

from pytest_modelpin.compare.words.numerals import (
    CURRENCY_CODES,
    CURRENCY_SIGNS,
    MAGNITUDES,
    MONTHS,
    MULTIPLIERS,
    SOFT,
    UNITS,
    UNITS_OF_TEN,
    VERSIONED,
    WEEKDAYS,
)

Sort = Literal["number", "date", "time", "weekday", "version", "id", "link", "letter"]
Day = tuple[int | None, int, int | None]
"""Year, month, day; None where the text does not say."""


class Quantity(NamedTuple):
    """One figure of a text."""

    sort: Sort
    readings: tuple[object, ...]
    """Every value that the spelling may have: Decimals, Days, minutes since midnight, or texts."""
    plain: tuple[Decimal, ...]
    """The readings of the bare digits, without unit and magnitude."""
    unit: str | None
    soft: bool
    """True for words such as "one" or "second" that need not be a number at all."""
    text: str
    start: int
    end: int


def quantities(text: str) -> tuple[Quantity, ...]:
    """The figures of `text` in reading order; spans refer to `text` with its digits normalised."""
    return _quantities(with_western_digits(text))


def masked(text: str) -> str:
    """`text` with every hard figure replaced by one placeholder: its template."""
    text = with_western_digits(text)
    parts: list[str] = []
    at = 0
    for quantity in _quantities(text):
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
    0x66B: ".", 0x66C: ",", 0xFF0C: "，", 0xFF05: "%", 0x66A: "%", 0x2212: "-", 0xFF04: "$", 0xFFE5: "¥",
    0xA0: " ", 0x202F: " ", 0x2009: " ", 0xBD: " 1/2", 0xBC: " 1/4", 0xBE: " 3/4",
    0x2011: "-", 0x2019: "'",
}  # fmt: skip


_LETTERED = "option|answer|choice|gate|section|class|type|group|vitamin|hepatitis|plan|hall|terminal|building|block|grade|appendix|exhibit|gleis|lösung|antwort"
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_SIGN = "|".join(re.escape(sign) for sign in CURRENCY_SIGNS)
_CODE = "|".join(CURRENCY_CODES)
_PRODUCT = "|".join(VERSIONED)
_DIGITS = r"(?:\d{1,3}(?:\ \d{3})+(?!\d)|\d(?:[\d.,']{0,38}\d)?)"
_TOKEN = re.compile(
    rf"""
    (?P<link>https?://[^\s<>"')\]]+ | www\.[^\s<>"')\]]+ | (?<![\w.+-])[\w.+-]{{1,64}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,4}})
  | (?P<uuid>\b[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}}\b)
  | (?P<iso>(?<!\d)\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?!\d))
    (?:[T\ ](?P<isotime>\d{{2}}:\d{{2}}(?::\d{{2}})?)(?:\.\d{{1,9}})?(?:Z|[+-]\d{{2}}:?\d{{2}})?)?
  | (?P<cjkdate>(?:(?P<cy>\d{{4}})年\s?)?(?P<cm>\d{{1,2}})月(?:\s?(?P<cd>\d{{1,2}})[日号號])?)
  | (?P<numdate>(?<![\d/.])(?P<n1>\d{{1,2}})(?P<nsep>[/.-])(?P<n2>\d{{1,2}})(?P=nsep)(?P<n3>\d{{4}}|\d{{2}})(?![\d/.]*\d))
  | (?P<mdy>\b(?P<m1>{_MONTH})\b\.?\ (?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\b(?![:.,]\d)(?:,?\ (?P<y1>\d{{4}})\b)?)
  | (?P<dmy>(?<![\d.,])(?P<d2>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\ (?:of\ |de\ )?(?P<m2>{_MONTH})\b\.?(?:,?\ (?:de\ )?(?P<y2>\d{{4}})\b)?)
  | (?P<my>\b(?P<m3>{_MONTH})\b\.?,?\ (?:de\ )?(?P<y3>(?:19|20)\d{{2}})\b)
  | (?P<time>(?<![\d:])(?P<h1>\d{{1,2}}):(?P<min1>\d{{2}})(?::\d{{2}})?(?:\s?(?P<ap1>[ap])\.?m\b\.?|\ uhr\b)?(?![\d:]))
  | (?P<time2>(?<![\d.,:])(?P<h2>\d{{1,2}})\s?(?P<ap2>[ap])\.?m\b\.?)
  | (?P<time3>(?<![\d.,:])(?P<h3>\d{{1,2}})(?:\s?uhr\b(?:\ (?P<min3>\d{{2}})\b)?|\s?h\s?(?P<min4>\d{{2}})\b|[点點時时](?!間|间)))
  | (?P<noon>\b(?:noon|midday|midnight|mittags|mitternacht)\b)
  | (?P<version>(?<![\w.])v?\d{{1,9}}(?:\.\d{{1,9}}){{2,}}(?:-[A-Za-z]\w{{0,20}}(?:\.\d+)?)?(?![\w]) | (?<!\w)v\d{{1,6}}(?:\.\d{{1,6}})*(?!\w))
  | (?P<product>\b(?:{_PRODUCT})[\ -]v?(?P<pversion>\d{{1,4}}(?:\.\d{{1,4}}){{0,3}})(?![\w.]*\d)(?!\w))
  | (?P<letter>\b(?:{_LETTERED})\ (?:is\ )?\(?(?P<lettered>(?-i:[A-Z]))\b(?![.'’]\w) | \A\W{{0,3}}(?P<only>(?-i:[A-Z]))\W{{0,3}}\Z)
  | (?P<idiom>(?<!\d)24/7(?![\d/]))
  | (?P<half>\b(?:half\ an?|eine\ halbe|une\ demi|media)[\ -](?P<halved>hour|day|year|dozen|stunde|heure|hora)\b|半个?(?P<halvedcjk>小时|天|年|時間))
  | (?P<hash>(?<!\w)\#(?P<hashdigits>\d{{1,30}})(?!\w))
  | (?P<amount>(?:(?P<neg1>(?<![\w)])-)?(?:(?P<sign>{_SIGN})|(?<![A-Za-z])(?P<code>{_CODE})\ ?)\s?|(?P<neg2>(?<!\d\s)(?<![\w)%.])[-])?)
      (?<![A-Za-z0-9_]) (?P<digits>{_DIGITS})
      (?P<rest>(?:e[+-]?\d{{1,3}}\b)?) (?P<ord>(?:st|nd|rd|th)\b)?
    )
  | (?P<id>(?<![\w])[A-Za-z]{{1,20}}[-_/]?\d[\w/-]{{0,60}} | (?<=\w)\d+)
  | (?P<zh>[零一二两兩三四五六七八九十百千万萬亿億]+)
  | (?P<word>[^\W\d_\u3040-\u9fff]+(?:-[^\W\d_\u3040-\u9fff]+)*)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NEEDED = re.compile(r"\d|[半零一二两兩三四五六七八九十百千]|://|www\.|@")
_ALONE = re.compile(r"(?<!\w)[A-Z](?!\w)")
_AFTER = re.compile(
    r"(?P<space>[ \-]?)(?P<word>business days?|working days|per cent|pour cent|por ciento|km/h"
    r"|°\s?[cf]?|us\$|[%$€£¥₹₩₽¢℃℉×٪]|[^\W\d_]+)",
    re.IGNORECASE,
)
_WEEKDAY_CJK = re.compile(r"(?:星期|周)[一二三四五六日天]|[月火水木金土日]曜日?")
_NUMBER_WORDS = frozenset(UNITS_OF_TEN) | frozenset(MULTIPLIERS) | frozenset(SOFT)
_TELLING_WORDS = (
    _NUMBER_WORDS
    | frozenset(WEEKDAYS)
    | {"noon", "midday", "midnight", "half", "halbe", "demi", "media", "eine"}
)
_WORD = re.compile(r"[^\W\d_]+")
_LEADING = (
    _TELLING_WORDS
    | set(_LETTERED.split("|"))
    | set(MONTHS)
    | set(VERSIONED)
    | {code.lower() for code in CURRENCY_CODES}
)


@lru_cache(maxsize=8192)
def _quantities(text: str) -> tuple[Quantity, ...]:
    lowered = text.lower()
    telling = _LEADING.intersection(_WORD.findall(lowered))
    alone = len(text) <= 7 and _ALONE.search(text)
    if not telling and not alone and not _NEEDED.search(text):
        return () if text.isascii() else tuple(_cjk_weekdays(text))
    found: list[Quantity] = list(_cjk_weekdays(text)) if not text.isascii() else []
    taken = [(q.start, q.end) for q in found]
    at = 0
    for start in _starts(text, lowered, telling):
        if start < at:
            continue
        match = _TOKEN.search(text, max(at, _chunk_start(text, start)))
        while match is not None and match.end() <= start:
            match = _TOKEN.search(text, match.end())
        if match is None:
            break
        at = match.end()
        if any(first <= match.start() < last for first, last in taken):
            continue
        read = _READERS.get(match.lastgroup or "") or _reader_by_group(match)
        quantity = read(text, match) if read else None
        if quantity is not None:
            found.append(quantity)
            at = max(at, quantity.end)
    return tuple(sorted(found, key=lambda q: q.start))


def _starts(text: str, lowered: str, telling: Iterable[str]) -> list[int]:
    """Where figures may begin; the grammar is too slow to be tried at every word."""
    starts = [hint.start() for hint in _NEEDED.finditer(text)]
    if len(text) <= 7:
        starts += [hint.start() for hint in _ALONE.finditer(text)]
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


def _made(sort: Sort, readings: tuple[object, ...], match: re.Match[str]) -> Quantity:
    return Quantity(sort, readings, (), None, False, match.group(), *match.span())


def _link(text: str, match: re.Match[str]) -> Quantity:
    spelled = match.group().rstrip(".,;:!?。，").rstrip("/").lower()
    return _made("link", (spelled,), match)


def _uuid(text: str, match: re.Match[str]) -> Quantity:
    return _made("id", (match.group().lower(),), match)


def _day(year: int | None, month: int, day: int | None) -> Day | None:
    if 1 <= month <= 12 and (day is None or 1 <= day <= 31):
        return (year, month, day)
    return None


def _dates(candidates: Iterable[Day | None], match: re.Match[str]) -> Quantity:
    days = tuple(day for day in candidates if day is not None)
    if days:
        return _made("date", days, match)
    return _made("id", (match.group().lower(),), match)


def _iso(text: str, match: re.Match[str]) -> Quantity:
    year, month, day = (int(part) for part in re.split(r"[-/.]", match["iso"]))
    return _dates([_day(year, month, day)], match)._replace(end=match.end("iso"), text=match["iso"])


def _cjk_date(text: str, match: re.Match[str]) -> Quantity:
    year, day = match["cy"], match["cd"]
    return _dates(
        [_day(int(year) if year else None, int(match["cm"]), int(day) if day else None)], match
    )


def _numeric_date(text: str, match: re.Match[str]) -> Quantity:
    first, second, year = int(match["n1"]), int(match["n2"]), int(match["n3"])
    year += 2000 if year < 100 else 0
    return _dates([_day(year, first, second), _day(year, second, first)], match)


def _named_date(text: str, match: re.Match[str]) -> Quantity:
    for month, day, year in (("m1", "d1", "y1"), ("m2", "d2", "y2"), ("m3", None, "y3")):
        if match[month]:
            return _dates(
                [
                    _day(
                        int(match[year]) if match[year] else None,
                        MONTHS[match[month].lower()],
                        int(match[day]) if day else None,
                    )
                ],
                match,
            )
    raise AssertionError(match.group())


def _minutes(hour: int, minute: int, half: str | None) -> int:
    if half:
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    return hour * 60 + minute


def _time(text: str, match: re.Match[str]) -> Quantity:
    if match["noon"]:
        midnight = match["noon"].lower() in ("midnight", "mitternacht")
        return _made("time", (0 if midnight else 720,), match)
    hour = int(match["h1"] or match["h2"] or match["h3"])
    minute = int(match["min1"] or match["min3"] or match["min4"] or 0)
    half = match["ap1"] or match["ap2"] or _half_before(text, match.start())
    readings = {_minutes(hour, minute, half)}
    if not half and 1 <= hour <= 12 and match["h1"] and len(match["h1"]) == 1:
        readings.add(_minutes(hour % 12 + 12, minute, None))  # "2:30" in the afternoon
    return _made("time", tuple(sorted(readings)), match)


def _half_before(text: str, at: int) -> str | None:
    """The half of the day that Chinese and Japanese name before the hour."""
    before = text[max(0, at - 2) : at]
    if before in ("下午", "晚上", "午後", "傍晚"):
        return "p"
    return "a" if before in ("上午", "早上", "午前", "凌晨", "清晨") else None


def _version(text: str, match: re.Match[str]) -> Quantity:
    return _made("version", (match.group().lower().lstrip("v"),), match)


def _product(text: str, match: re.Match[str]) -> Quantity:
    start, end = match.span("pversion")
    version = match["pversion"]
    return Quantity("version", (version,), (), None, False, version, start, end)


def _letter(text: str, match: re.Match[str]) -> Quantity:
    group = "lettered" if match["lettered"] else "only"
    start, end = match.span(group)
    return Quantity("letter", (match[group],), (), None, False, match[group], start, end)


def _half(text: str, match: re.Match[str]) -> Quantity:
    half = Decimal("0.5")
    word = (match["halved"] or match["halvedcjk"]).lower()
    unit, factor = UNITS.get(word, (None, Decimal(12)))  # the unit without a name is a dozen
    return _made("number", (half * factor,), match)._replace(plain=(half,), unit=unit)


def _hash(text: str, match: re.Match[str]) -> Quantity:
    digits = match["hashdigits"]
    return Quantity(
        "number", (Decimal(digits),), (Decimal(digits),), None, False, match.group(), *match.span()
    )


def _id(text: str, match: re.Match[str]) -> Quantity:
    return _made("id", (re.sub(r"[-_/]", "", match.group().lower()),), match)


def _amount(text: str, match: re.Match[str]) -> Quantity | None:
    digits, end = match["digits"], match.end()
    if "," in digits and re.fullmatch(r"\d{1,2}(?:,\d{1,2}){2,}", digits):
        digits = digits.split(",")[0]  # "1,2,3" is three numbers
        end = match.start("digits") + len(digits)
    if _is_list_marker(text, match.start(), end):
        return None
    if len(digits) > 1 and digits[0] == "0" and digits.isdigit() and len(digits) > 2:
        return Quantity("id", (digits,), (), None, False, digits, match.start(), end)
    negative = bool(match["neg1"] or match["neg2"])
    plain = tuple(-value if negative else value for value in _values(digits + match["rest"]))
    if not plain:
        return _made("id", (match.group(),), match)
    unit = match["sign"] or match["code"]
    dimension, factor = UNITS[unit.lower()] if unit else (None, Decimal(1))
    found = Quantity("number", plain, plain, dimension, False, "", match.start(), end)
    if match["ord"]:
        return found._replace(text=match.group())
    return _with_unit(text, found, factor)


def _with_unit(text: str, found: Quantity, factor: Decimal) -> Quantity | None:
    """The quantity with the magnitude and unit that follow it in the text."""
    end, unit = found.end, found.unit
    for _ in range(2):
        after = _AFTER.match(text, end)
        if after is None:
            break
        word = _known_after(after["word"])
        if (
            word in MAGNITUDES
            and (len(word) > 1 or not word.isascii() or not after["space"])
            and not (word == "m" and unit is None)
        ):
            factor *= MAGNITUDES[word]
        elif word in UNITS and unit is None:
            unit, times = UNITS[word]
            factor *= times
        else:
            if not after["space"] and unit is None and word.isascii() and word.isalpha():
                return _glued(text, found)
            break
        end = after.start("word") + len(word)
    return found._replace(
        readings=tuple(value * factor for value in found.plain),
        unit=unit,
        end=end,
        text=text[found.start : end],
    )


def _known_after(word: str) -> str:
    """The unit or magnitude that `word` is, or begins with where a script has no spaces."""
    lowered = word.lower().replace("° ", "°")
    if lowered in UNITS or lowered in MAGNITUDES or lowered[:1].isascii():
        return lowered
    for length in range(min(5, len(lowered)), 0, -1):
        if lowered[:length] in UNITS or lowered[:length] in MAGNITUDES:
            return lowered[:length]
    return lowered


def _glued(text: str, found: Quantity) -> Quantity:
    """Digits that run into letters are an id: 4f2a."""
    match = re.compile(r"[\w-]+").match(text, found.start)
    end = match.end() if match else found.end
    spelled = text[found.start : end]
    return Quantity(
        "id", (re.sub(r"[-_/]", "", spelled.lower()),), (), None, False, spelled, found.start, end
    )


_MARKER_BEFORE = re.compile(r"(?:^|\n)[ \t>#*-]*(?:(?:step|schritt|étape|paso) )?$", re.IGNORECASE)


def _is_list_marker(text: str, start: int, end: int) -> bool:
    """Whether digits at a line's start only number it: "1." or "Step 2:"."""
    return (
        end - start <= 2
        and end < len(text)
        and text[end] in ".):"
        and text[end + 1 : end + 2] in (" ", "\n", "*")
        and bool(_MARKER_BEFORE.search(text, max(0, start - 20), start))
    )


def _values(digits: str) -> tuple[Decimal, ...]:
    """Every value that the digits may stand for in some country's notation."""
    digits, exponent = re.sub(r"[ ']", "", digits.lower()), ""
    if "e" in digits:
        digits, _, exponent = digits.partition("e")
    readings = {digits}
    commas, dots = digits.count(","), digits.count(".")
    if commas and dots:
        thousands = "." if digits.rfind(",") > digits.rfind(".") else ","
        readings = {digits.replace(thousands, "").replace(",", ".")}
    elif commas + dots > 1:
        readings = {re.sub(r"[.,]", "", digits)}
    elif commas + dots == 1:
        mark = "," if commas else "."
        whole, _, fraction = digits.partition(mark)
        grouped = len(fraction) == 3 and len(whole) <= 3 and not whole.startswith("0")
        if commas and grouped:
            readings = {whole + fraction}
        elif grouped:
            readings = {digits, whole + fraction}
        else:
            readings = {f"{whole}.{fraction}"}
    values = []
    for reading in sorted(readings):
        try:
            values.append(Decimal(f"{reading}e{exponent}" if exponent else reading))
        except InvalidOperation:  # several points left: no number in any notation
            continue
    return tuple(values)


def _word(text: str, match: re.Match[str]) -> Quantity | None:
    word = match.group().lower()
    if word in WEEKDAYS and (len(word) > 4 or match.group()[0].isupper()):
        return _made("weekday", (WEEKDAYS[word],), match)
    if word.split("-")[0] not in _NUMBER_WORDS:
        return None
    value, end, soft = _spelled(text, match)
    if value is None:
        return None
    found = Quantity(
        "number", (Decimal(value),), (Decimal(value),), None, soft, "", match.start(), end
    )
    measured = _with_unit(text, found, Decimal(1)) or found
    return measured._replace(soft=soft)


def _spelled(text: str, match: re.Match[str]) -> tuple[int | None, int, bool]:
    """The value of the number words that start here, where they end, and whether it is vague."""
    parts: list[str] = []
    end = match.start()
    following = re.compile(r"[ -]?([^\W\d_]+)")
    joined = False
    while step := following.match(text, end):
        word = step.group(1).lower()
        if word == "and" and parts and parts[-1] in MULTIPLIERS:
            joined, end = True, step.end()
            continue
        if word not in UNITS_OF_TEN and word not in MULTIPLIERS:
            break
        if parts and word in UNITS_OF_TEN and not _adds_up(parts[-1], word):
            break
        parts.append(word)
        end, joined = step.end(), False
    if joined:
        end -= len(" and")
    if not parts:
        first = match.group().lower()
        if first in SOFT:
            return SOFT[first], match.end(), True
        return None, match.end(), False
    total = current = 0
    for part in parts:
        if part in UNITS_OF_TEN:
            current += UNITS_OF_TEN[part]
        elif MULTIPLIERS[part] == 100:
            current = (current or 1) * 100
        else:
            total, current = total + (current or 1) * MULTIPLIERS[part], 0
    alone = len(parts) == 1
    vague = alone and (parts[0] in SOFT or (parts[0] in MULTIPLIERS and parts[0] != "hundert"))
    return total + current, end, vague


def _adds_up(before: str, word: str) -> bool:
    """Whether two number words form one number: "twenty five" does, "two three" does not."""
    if before in MULTIPLIERS:
        return True
    return UNITS_OF_TEN[before] >= 20 and UNITS_OF_TEN[word] < 10


_OCLOCK = ("点", "點", "时", "時")
_ZH_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "兩": 2}
_ZH_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}


def _chinese(text: str, match: re.Match[str]) -> Quantity | None:
    spelled = match.group()
    if not any(c in _ZH_DIGITS or c == "十" for c in spelled):
        return None
    total = section = current = 0
    for char in spelled:
        if char in _ZH_DIGITS:
            current = current * 10 + _ZH_DIGITS[char] if len(spelled) > 3 else _ZH_DIGITS[char]
        elif _ZH_POWERS[char] >= 10**4:
            total, section, current = (total + section + current) * _ZH_POWERS[char], 0, 0
        else:
            section, current = section + (current or 1) * _ZH_POWERS[char], 0
    value = Decimal(total + section + current)
    following = text[match.end() : match.end() + 2]
    if following[:1] in _OCLOCK and following not in ("时间", "時間") and value <= 24:
        minutes = _minutes(int(value), 0, _half_before(text, match.start()))
        return _made("time", (minutes,), match)._replace(end=match.end() + 1)
    found = Quantity("number", (value,), (value,), None, False, spelled, *match.span())
    with_unit = _with_unit(text, found, Decimal(1)) or found
    # 一起, 统一, 三明治: a single character is a number for certain only before a unit.
    soft = len(spelled) == 1 and with_unit.unit is None
    return with_unit._replace(soft=soft)


Reader = Callable[[str, re.Match[str]], Quantity | None]

_READERS: dict[str, Reader] = {
    "zh": _chinese,
    "word": _word,
    "id": _id,
    "uuid": _uuid,
    "link": _link,
}
_OUTER: tuple[tuple[str, Reader], ...] = (
    ("iso", _iso), ("cjkdate", _cjk_date), ("numdate", _numeric_date), ("mdy", _named_date),
    ("dmy", _named_date), ("my", _named_date), ("time", _time), ("time2", _time), ("time3", _time),
    ("noon", _time), ("letter", _letter), ("half", _half), ("version", _version), ("product", _product), ("hash", _hash),
    ("amount", _amount),
)  # fmt: skip


def _reader_by_group(match: re.Match[str]) -> Reader | None:
    return next((reader for group, reader in _OUTER if match[group] is not None), None)
