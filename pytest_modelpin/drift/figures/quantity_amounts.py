"""Amounts in digits and in words, with their units and magnitudes."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from pytest_modelpin.drift.figures.compound_figures import has_part, past_the_hour, with_part
from pytest_modelpin.drift.figures.numbers import (
    Quantity,
    half_after,
    half_before,
    made,
    minutes_of,
)
from pytest_modelpin.drift.lexicon.figure_patterns import AFTER
from pytest_modelpin.drift.lexicon.numerals import (
    COMPOUNDS,
    MAGNITUDES,
    MULTIPLIERS,
    SOFT,
    UNITS,
    UNITS_OF_TEN,
    WEEKDAYS,
)

NUMBER_WORDS = frozenset(UNITS_OF_TEN) | frozenset(MULTIPLIERS) | frozenset(SOFT)
"""Words with which a spelled number may begin."""


_UNDER = re.compile(r"/([2348])(?![\d/])")


def amount(text: str, match: re.Match[str]) -> Quantity | None:
    """An amount in digits: its value, magnitude and unit; None for the number of a list item."""
    digits, end = match["digits"], match.end()
    if "," in digits and re.fullmatch(r"\d{1,2}(?:,\d{1,2}){2,}", digits):
        digits = digits.split(",")[0]  # "1,2,3" is three numbers
        end = match.start("digits") + len(digits)
    if _is_list_marker(text, match.start(), end):
        return None
    if len(digits) > 1 and digits[0] == "0" and digits.isdigit() and len(digits) > 2:
        return Quantity("id", (digits,), (), None, False, digits, match.start(), end)
    negative = bool(match["neg1"] or match["neg2"])
    plain = _values(digits + match["rest"])
    if negative:
        plain = tuple([value.copy_negate() for value in plain])  # a minus would round
    if not plain:
        return made("id", (match.group(),), match)
    if len(digits) == 1 and (fraction := _UNDER.match(text, end)) and digits != "0":
        plain, end = (plain[0] / Decimal(fraction[1]),), fraction.end()
    unit = match["sign"] or match["code"]
    dimension, factor = UNITS[unit.lower()] if unit else (None, Decimal(1))
    if (time := past_the_hour(text, match.start(), end, plain[0])) is not None:
        return time
    found = Quantity("number", plain, plain, dimension, False, "", match.start(), end)
    if match["ord"]:
        return found._replace(text=match.group())
    return _with_unit(text, found, factor)


def bare_number(text: str, match: re.Match[str]) -> Quantity:
    """An amount of digits alone, of which nothing is to be told but its value and its unit."""
    start, end = match.span()
    plain = (Decimal(match.group()),)
    if (time := past_the_hour(text, start, end, plain[0])) is not None:
        return time
    found = Quantity("number", plain, plain, None, False, "", start, end)
    return _with_unit(text, found, Decimal(1))


_CLOCK = re.compile(r" (?:o['’]clock|uhr)\b(?! \d)", re.IGNORECASE)


_PLAINLY_AFTER = re.compile(r"(?P<space>[ \-]?)(?P<word>[^\W\d_]+)")
_LONGER_AFTER = frozenset(
    """business working swiss schweizer jours días dias giorni degree degrees degré degrés grad
    grado grados gradi gradis grau graus per pour por km us""".split()  # noqa: SIM905
)
"""With which several words, or signs, begin that are read as one unit."""


def _word_after(text: str, end: int) -> re.Match[str] | None:
    """What AFTER finds; nearly always one word, which is sooner told by itself."""
    match = _PLAINLY_AFTER.match(text, end)
    if match is None or match["word"].casefold() in _LONGER_AFTER:
        return AFTER.match(text, end)
    return match


def _with_unit(text: str, found: Quantity, factor: Decimal) -> Quantity:
    """The quantity with the half, magnitude and unit that follow it in the text."""
    if (match := _CLOCK.match(text, found.end)) and found.plain[0] <= 24:
        hour = int(found.plain[0])
        half, end = half_after(text, match.end())
        halves = (half,) if half or hour > 12 else ("a", "p")
        minutes = {minutes_of(hour, 0, each) % 1440 for each in halves}
        spelled = text[found.start : end]
        return Quantity("time", tuple(sorted(minutes)), (), None, False, spelled, found.start, end)
    found = with_part(text, found)
    end, unit = found.end, found.unit
    for _ in range(2):
        after = _word_after(text, end)
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
            if unit is not None:  # what follows a unit is no part of the figure
                end = after.start("word") + len(word)
                break
        else:
            if not after["space"] and unit is None and word.isascii() and word.isalpha():
                return _glued(text, found)
            break
        end = after.start("word") + len(word)
    if unit is not None and not has_part(found):
        found = with_part(text, found._replace(end=end))  # "duas horas e meia"
        end = found.end
    readings = found.plain if factor == 1 else tuple([value * factor for value in found.plain])
    if unit == "second" and found.plain[0] <= 12 and (late := _LATE.match(text, end)):
        readings, end = tuple([each + _HALF_DAY for each in readings]), late.end()
        found = found._replace(plain=tuple([each + 12 for each in found.plain]))
    spelled = text[found.start : end]
    return Quantity(found.sort, readings, found.plain, unit, found.soft, spelled, found.start, end)


_LATE = re.compile(
    r" (?:du soir|de l['’]après-midi|d[ae] (?:tarde|noite)|['’]s (?:middags|avonds))\b",
    re.IGNORECASE,
)
"""Behind an hour that is said as its count: "six heures du soir"."""
_HALF_DAY = 43_200  # seconds


def _known_after(word: str) -> str:
    """The unit or magnitude that `word` is, or begins with where a script has no spaces."""
    lowered = word.lower().replace("° ", "°")
    if lowered in UNITS or lowered in MAGNITUDES or lowered[:1].isascii():
        return lowered
    for length in range(min(5, len(lowered)), 0, -1):
        if lowered[:length] in UNITS or lowered[:length] in MAGNITUDES:
            return lowered[:length]
    return lowered


_RUN = re.compile(r"[\w-]+")


def _glued(text: str, found: Quantity) -> Quantity:
    """Digits that run into letters are an id: 4f2a."""
    match = _RUN.match(text, found.start)
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
    if digits.isdecimal():
        return (Decimal(digits),)
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


def spelled_out(text: str, match: re.Match[str]) -> Quantity | None:
    """A weekday, or a number in words; None for any other word."""
    word = match.group().lower()
    if word in WEEKDAYS and (len(word) > 4 or match.group()[0].isupper()):
        return made("weekday", (WEEKDAYS[word],), match)
    first = word.partition("-")[0]
    if first in WEEKDAYS and match.group()[0].isupper():  # Mon-Fri
        start = match.start()
        return made("weekday", (WEEKDAYS[first],), match)._replace(
            text=match.group()[: len(first)], end=start + len(first)
        )
    if first not in NUMBER_WORDS:
        return None
    value, end, soft = _spelled(text, match)
    if value is None:
        return None
    if (time := past_the_hour(text, match.start(), end, Decimal(value))) is not None:
        return time
    found = Quantity(
        "number", (Decimal(value),), (Decimal(value),), None, soft, "", match.start(), end
    )
    return _with_unit(text, found, Decimal(1))


_LONGEST = 40
"""Words or characters of a number; nobody spells a longer one, and each multiplies its value."""
_COMPOUND = "|".join(sorted(COMPOUNDS, key=len, reverse=True))
_FOLLOWING = re.compile(
    rf"[ -]?((?=dix-|soixante-|quatre-v)(?:{_COMPOUND})\b|[^\W\d_]+)", re.IGNORECASE
)


def _spelled(text: str, match: re.Match[str]) -> tuple[int | None, int, bool]:
    """The value of the number words that start here, where they end, and whether it is vague."""
    parts: list[str] = []
    end = match.start()
    joined = False
    while len(parts) < _LONGEST and (step := _FOLLOWING.match(text, end)):
        word = step.group(1).lower()
        if word == "and" and parts and parts[-1] in MULTIPLIERS:
            joined, end = True, step.end()
            continue
        if word in _JOINING and parts and _joins(text, parts[-1], step.end()):
            end = step.end()
            continue
        if parts and word in SOFT and UNITS_OF_TEN.get(parts[-1], 0) >= 20 and SOFT[word] < 10:
            total, end = UNITS_OF_TEN[parts[-1]] + SOFT[word], step.end()
            return total, end, True  # "twenty-first"
        if word not in UNITS_OF_TEN and word not in MULTIPLIERS:
            break
        if parts and word in UNITS_OF_TEN and not _adds_up(parts[-1], word):
            break
        parts.append(word)
        end, joined = step.end(), False
    if joined:
        end -= len(" and")
    if not parts:
        first = match.group().lower().partition("-")[0]  # "the third-floor desk"
        if first in SOFT:
            return SOFT[first], match.start() + len(first), True
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


_JOINING = frozenset(("y", "e"))


def _joins(text: str, ten: str, end: int) -> bool:
    """Whether a unit follows a ten by a word between: treinta y cinco, vinte e cinco."""
    step = _FOLLOWING.match(text, end)
    word = step.group(1).lower() if step else ""
    return ten in UNITS_OF_TEN and UNITS_OF_TEN.get(word, 0) > 0 and _adds_up(ten, word)


def _adds_up(before: str, word: str) -> bool:
    """Whether two number words form one number: "twenty five" does, "two three" does not."""
    if before in MULTIPLIERS:
        return True
    return UNITS_OF_TEN[before] >= 20 and UNITS_OF_TEN[word] < 10


_OCLOCK = ("点", "點", "时", "時")
_ZH_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "兩": 2}
_ZH_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}


def chinese(text: str, match: re.Match[str]) -> Quantity | None:
    """A number in Chinese characters; one that stands alone without unit need be none."""
    spelled = match.group()
    if not any(c in _ZH_DIGITS or c == "十" for c in spelled):
        return None
    if len(spelled) > _LONGEST:
        return made("id", (spelled,), match)
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
        minutes = minutes_of(int(value), 0, half_before(text, match.start()))
        return made("time", (minutes,), match)._replace(end=match.end() + 1)
    found = Quantity("number", (value,), (value,), None, False, spelled, *match.span())
    with_unit = _with_unit(text, found, Decimal(1))
    # 一起, 统一, 三明治: a single character is a number for certain only before a unit.
    soft = len(spelled) == 1 and with_unit.unit is None
    return with_unit._replace(soft=soft)
