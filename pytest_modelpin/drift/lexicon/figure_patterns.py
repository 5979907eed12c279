"""The patterns that find figures in a text, made of the vocabularies."""

# ruff: noqa: E501 - patterns stay in one piece

from __future__ import annotations

import re
from collections.abc import Iterable

from pytest_modelpin.drift.lexicon.numerals import (
    CURRENCY_CODES,
    CURRENCY_SIGNS,
    DAY_HALVES,
    HOURS,
    LETTERED,
    MONTHS,
    PARTS,
    SHARES,
    SOFT,
    UNITS_OF_TEN,
    VERSIONED,
)


def _any_of(words: Iterable[str]) -> str:
    """Any of the words, the longest first; not even tried where none of them begins."""
    told = set(words)
    beginnings = "".join(sorted({word[0] for word in told}))
    return f"(?=[{beginnings}]){_branches(told)}"


def _branches(words: Iterable[str]) -> str:
    """Any of the words; what several begin with is tried once, and not for each of them."""
    rests: dict[str, set[str]] = {}
    for word in filter(None, words):
        rests.setdefault(word[0], set()).add(word[1:])
    told = [
        first + (_branches(rest) if len(rest) > 1 else next(iter(rest)))
        for first, rest in sorted(rests.items())
    ]
    return f"(?:{'|'.join(told)}){'?' if '' in words else ''}"


MONTH = _any_of(MONTHS)
"""Any name of a month."""
_SIGN = "|".join(re.escape(sign) for sign in CURRENCY_SIGNS)
_CODE = "|".join(CURRENCY_CODES)
_PRODUCT = _any_of(VERSIONED)
_LETTERED = _any_of(LETTERED)
_SHARE = _any_of(SHARES)
_PARTS = _any_of(PARTS)
_SEVERAL = _any_of(
    word for word, value in UNITS_OF_TEN.items() if 1 < value < 10 and word.isascii()
)
_HOURS = (word for word, value in UNITS_OF_TEN.items() if 0 < value <= 12 and word.isalpha())
_HOUR = _any_of([*_HOURS, *HOURS])
_DAY_HALF = _any_of(DAY_HALVES)
_DIGITS = r"(?:\d{1,3}(?:\ \d{3})+(?:[.,]\d{1,2})?(?!\d)|\d(?:[\d.,']{0,38}\d)?)"
TOKEN = re.compile(
    rf"""
    (?P<link>https?://[^\s<>"')\]]+ | www\.[^\s<>"')\]]+ | (?<![\w.+-])[\w.+-]{{1,64}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,4}})
  | (?P<uuid>\b[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}}\b)
  | (?P<iso>(?<!\d)\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?!\d))
    (?:[T\ ](?P<isotime>\d{{2}}:\d{{2}}(?::\d{{2}})?)(?:\.\d{{1,9}})?(?:Z|[+-]\d{{2}}:?\d{{2}})?)?
  | (?P<cjkdate>(?:(?P<cy>\d{{4}})年\s?)?(?P<cm>\d{{1,2}})月(?:\s?(?P<cd>\d{{1,2}})[日号號])?)
  | (?P<numdate>(?<![\d/.])(?P<n1>\d{{1,2}})(?P<nsep>[/.-])(?P<n2>\d{{1,2}})(?P=nsep)(?P<n3>\d{{4}}|\d{{2}})(?![\d/.]*\d))
  | (?P<slashed>(?<![\d/.])(?P<s1>\d{{2}})/(?P<s2>\d{{2}})(?![\d/.]*\d))
  | (?P<mdy>\b(?P<m1>{MONTH})\b\.?\ (?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\b(?![:.,]\d)(?:,?\ (?P<y1>\d{{4}})\b)?)
  | (?P<dmy>(?<![\d.,])(?P<d2>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\ (?:of\ |de\ )?(?P<m2>{MONTH})\b\.?(?:,?\ (?:de\ )?(?P<y2>\d{{4}})\b)?)
  | (?P<my>\b(?P<m3>{MONTH})\b\.?,?\ (?:de\ )?(?P<y3>(?:19|20)\d{{2}})\b)
  | (?P<time>(?<![\d:])(?P<h1>\d{{1,2}}):(?P<min1>\d{{2}})(?::\d{{2}}(?:[+-]\d{{2}}:\d{{2}}\b)?)?(?:\s?(?P<ap1>[ap])\.?m\b\.?|\ uhr\b)?(?![\d:]))
  | (?P<time2>(?<![\d.,:])(?P<h2>\d{{1,2}})\s?(?P<ap2>[ap])\.?m\b\.?)
  | (?P<time3>(?<![\d.,:])(?P<h3>\d{{1,2}})(?:\s?uhr\b(?:\ (?P<min3>\d{{2}})\b)?|\s?h\s?(?P<min4>\d{{2}})\b(?!\s?min)|[点點時时](?!間|间)))
  | (?P<spoken>(?<![\d.,:])\b(?!one\ in\ the\b)(?:(?P<past4>half|quarter)\ past\ )?(?P<h4>\d{{1,2}}|{_HOUR})(?:\ (?:y|e|et)\ (?P<min5>{_HOUR}|media|mezza|demie|cuarto))?\ (?:de\ la|del|de\ l'|di|da|du|in\ the|at)\ (?P<ap4>{_DAY_HALF})\b)
  | (?P<dotted>(?:(?<=am\ )|(?<=ab\ )|(?<=vom\ )|(?<=bis\ )|(?<=zum\ )|(?<=den\ )|(?<=dem\ )|(?<=:\ ))(?P<dd>\d{{1,2}})\.(?P<dm>\d{{1,2}})\.(?!\d))
  | (?P<noon>\b(?:noon|midday|midnight|mittags|mitternacht)\b)
  | (?P<iban>\b(?-i:[A-Z]{{2}}\d{{2}}(?:\ ?[0-9A-Z]{{4}}){{3,7}}(?:\ ?[0-9A-Z]{{1,4}})?)\b)
  | (?P<version>(?<![\w.])v?\d{{1,9}}(?:\.\d{{1,9}}){{2,}}(?:-[A-Za-z]\w{{0,20}}(?:\.\d+)?)?(?![\w]) | (?<!\w)v\d{{1,6}}(?:\.\d{{1,6}})*(?!\w))
  | (?P<product>\b{_PRODUCT}[\ -]v?(?P<pversion>\d{{1,4}}(?:\.\d{{1,4}}){{0,3}})(?![\w.]*\d)(?!\w))
  | (?P<letter>\b{_LETTERED}\ (?:is\ )?\(?(?P<lettered>(?-i:[A-Z]))\b(?![.'’]\w) | \A\W{{0,3}}(?P<only>(?-i:[A-Z]))\W{{0,3}}\Z)
  | (?P<idiom>(?<![\d.,])(?:24/7 | (?:24\ ?h(?:eures|rs?)?\ ?/\ ?24 | 24\ (?:ore|heures)\ su[r]?\ 24 | 24\ (?:hours\ a|stunden\ (?:am|pro)|horas\ (?:al|del|por|ao|do)|ore\ al)\ (?:day|tag|día|dia|giorno))
      (?:,?\ (?:and\ |und\ |et\ |y\ |e\ )?(?:7|seven|sieben|sept|siete|sette|sete)\ (?:days\ a\ week|tagen?\ (?:die|in\ der|pro)\ woche|j(?:ours)?\ ?(?:/|sur)\ ?(?:7|sept)|días\ (?:a\ la|por)\ semana|giorni\ su\ (?:7|sette)|dias\ por\ semana))?)(?![\d/]))
  | (?P<andhalf>\b(?:(?:an?\ )?hour\ and\ (?:a\ half|(?P<quarters>a|three)\ quarters?)|anderthalb\ stunden|eineinhalb\ stunden|une\ heure\ et\ demie|hora\ y\ media|ora\ e\ mezza)\b)
  | (?P<half>\b(?:half\ an?|(?:eine\ )?halbe|(?:une?\ )?demi|medi[ao]|mezz)[\ '-](?P<halved>hour|day|year|dozen|[mb]illion|stunde|heure|hora|ora|millón)\b|半个?(?P<halvedcjk>小时|天|年|時間))
  | (?P<share>\b(?P<part>{_SHARE})\ (?:of|der|des|von|de|du|della|dei|do|da)\b
      | \b(?P<part2>half|metà|moitié)(?:[ -](?:the|its|their|your|our|his|her|my)\b|[ -](?:price|fare|fee|cost|rate)\b|\ (?:prezzo|tariffa|prix|tarif)\b) | (?:(?<=\bla\ )|(?<=\bdie\ ))(?P<part3>metà|moitié|mitad|hälfte)\b
      | \b(?P<part4>halben?|halber)(?=\ (?:preis|gebühr)) | \b(?P<several>{_SEVERAL})[ -](?P<part5>{_PARTS})\b)
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
_VAGUE = _any_of(SOFT.keys() - {*UNITS_OF_TEN, *SHARES, *MONTHS})
PLAIN = re.compile(
    rf"""
    (?P<bare> [1-9][0-9]{{2,14}}) (?= [,;!?]?\ (?!\d) | [.,;!?]?\Z )
  | (?P<few> (?!24\b)(?:0|[1-9][0-9]?)) (?= [,;!?]\  | [.,;!?]?\Z | \ (?!(?:del|uhr|{MONTH})\b)(?-i:[a-z]{{3}}) )
  | (?P<word> {_VAGUE}) (?= [\ ,;!?]|\Z )
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Where a word begins: digits alone, and words such as "first", that TOKEN finds to be no part of a
sign, date, time or idiom. Most figures of prose are such; to try TOKEN's alternatives is dear."""
# One class of characters at the start lets the search skip all else at once.
NEEDED = re.compile(
    r"[\d半零一二两兩三四五六七八九十百千@:w](?:(?<=\d)\d{0,39}|(?<=[^\d:w])|(?<=:)//|(?<=w)ww\.)"
)
ALONE = re.compile(r"(?<!\w)[A-Z](?!\w)")
AFTER = re.compile(
    r"(?P<space>[ \-]?)(?P<word>business days?|working days|swiss francs|schweizer franken|jours ouvr(?:és|ables)|días (?:hábiles|laborables)|dias úteis"
    r"|giorni lavorativi|(?:degrees?|grad|degrés?|grad[io]s?|graus?) (?:celsius|fahrenheit)|per cent|pour cent|por ciento|km/h"
    r"|°\s?[cf]?|us\$|[%$€£¥₹₩₽¢℃℉×٪]|[^\W\d_]+)",
    re.IGNORECASE,
)

NUMBERING = re.compile(r"(?:^|(?<=[:;,.] ))\d{1,2}(?=\) )")
"""Numbers of what is listed within a sentence: 1) save it, 2) restart."""
