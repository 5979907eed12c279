"""What a statement holds for: its exceptions, what it counts by, its days, and how much it claims.

Languages say these with few words. A rewording exchanges them for others of their class; where the
class itself is gone, and the opposite stands in its place, the statement holds for something else.
"""

# ruff: noqa: E501 - patterns stay in one piece

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from pytest_modelpin.drift.lexicon.numerals import UNITS, WEEKDAYS
from pytest_modelpin.drift.lexicon.opposites import EXCEPTIVE, LIMITING, NEGATORS
from pytest_modelpin.drift.text.negation import contradicts
from pytest_modelpin.drift.text.quantities import masked, quantities
from pytest_modelpin.drift.text.sentences import Sentence, topic
from pytest_modelpin.drift.text.similarity import related
from pytest_modelpin.drift.text.tokens import empty, meaning, meanings, worded

_MOST_SENTENCES = 200  # of a text that are read
_MOST_TRIED = 50  # sentences that are held against those of the other text

_EXCEPT = re.compile(
    r"\b(?:except(?: for)?|with the exception of|apart from|other than|but not|excluding|not including|save for"
    r"|außer(?: bei| für)?|mit ausnahme (?:von|de[rsm])|ausgenommen|abgesehen von|ausgeschlossen"
    r"|sauf|hormis|excepté|à l['’]exception d(?:e|u|es)|à l['’]exclusion d(?:e|u|es)"
    r"|excepto|salvo|menos|a excepción de(?:l)?|con excepción de(?:l)?|eccetto|tranne|ad eccezione d\w+|exceto|à exceção d\w+)\b",
    re.IGNORECASE,
)
_INCLUDED = re.compile(
    r"\b(?:includ(?:ing|ed|es?)|inclusive of|as well as|along with|einschließlich|inklusive|samt|inbegriffen|sowie auch"
    r"|y compris|inclus(?:e|es)?|ainsi que|incluid[oa]s?|inclus[oa]s?|incluyendo|también|compres[oaie]|incluindo)\b",
    re.IGNORECASE,
)
_LONGEST_SCOPE = 4  # telling words of what is excepted or included


@lru_cache(maxsize=8192)
def excepted(sentence: str) -> frozenset[str]:
    """What a sentence excepts, by the meanings of the first words that name it."""
    return _following(_EXCEPT, sentence)


@lru_cache(maxsize=8192)
def _included(sentence: str) -> frozenset[str]:
    return _following(_INCLUDED, sentence)


_LIMITS = frozenset(
    """except exception apart other not excluding save including included include includes inclusive
    well along außer ausnahme ausgenommen abgesehen ausgeschlossen einschließlich inklusive samt
    inbegriffen sowie sauf hormis excepté exception exclusion compris inclus incluse incluses ainsi
    excepto salvo menos excepción incluido incluida incluidos incluidas inclusa inclusas incluyendo
    también eccetto tranne eccezione compreso compresa compresi comprese exceto exceção
    incluindo""".split()  # noqa: SIM905
)


def _following(pattern: re.Pattern[str], sentence: str) -> frozenset[str]:
    """The first telling words after what a pattern finds, up to the end of the clause."""
    if _LIMITS.isdisjoint(worded(sentence)):
        return frozenset()  # to look for a word of it is far cheaper
    match = pattern.search(sentence)
    if match is None:
        return frozenset()
    clause = re.split(r"[,;:.()]", masked(sentence[match.end() :]), maxsplit=1)[0]
    told = [meaning(word) for word in worded(clause) if not empty(word) and word.isalpha()]
    return frozenset(told[:_LONGEST_SCOPE])


def exception_turned(
    before: Sequence[Sentence], after: Sequence[Sentence]
) -> tuple[Sentence, Sentence] | None:
    """The sentences of which one excepts what the other includes."""
    for mine, theirs, turned in ((before, after, False), (after, before, True)):
        for part in mine[:_MOST_SENTENCES]:
            apart = excepted(part.text)
            if not apart or any(apart & excepted(other.text) for other in theirs):
                continue
            for other in theirs[:_MOST_SENTENCES]:
                if apart & _included(other.text) or _lifts(apart, part, other):
                    return (other, part) if turned else (part, other)
    return None


def _lifts(excepted: frozenset[str], part: Sentence, other: Sentence) -> bool:
    """Whether a sentence says all of what the other does, and of the excepted too, without a word
    that limits or denies.
    """
    words = frozenset(worded(other.text))
    if not (words.isdisjoint(NEGATORS | LIMITING | EXCEPTIVE) and excepted <= topic(other.text)):
        return False
    told = topic(part.text)
    return len(told & topic(other.text)) >= _COVERED * len(told) and not _EXCEPT.search(other.text)


_COVERED = (
    0.75  # share of a sentence's words that another has which says the same but for one thing
)
_FEWEST_DENIED = 3  # words of a denied sentence that is looked for


def denial_lifted(
    before: Sequence[Sentence], after: Sequence[Sentence]
) -> tuple[Sentence, Sentence] | None:
    """The sentences of which one denies what the other affirms, wherever in its text it stands."""
    for mine, theirs, turned in ((before, after, False), (after, before, True)):
        for part, clause in _denying(mine):
            rough = meanings(worded(clause), ascii=clause.isascii())
            if all(rough.isdisjoint(topic(other.text)) for other in theirs[:_MOST_SENTENCES]):
                continue  # no word in common: its figures need not be read
            told = topic(clause)
            if len(told) < _FEWEST_DENIED or any(
                other.key == part.key or (_covers(other, told) and _denies(other.text))
                for other in theirs[:_MOST_SENTENCES]
            ):
                continue
            for other in theirs[:_MOST_SENTENCES]:
                if _EXCEPT.search(other.text):
                    continue  # what is excepted is denied
                if _covers(other, told) and not _limited(other.text):
                    said = (other.text, clause) if turned else (clause, other.text)
                    if contradicts(*said):
                        return (other, part) if turned else (part, other)
    return None


_CLAUSE = re.compile(r"[;:()]|,?\s(?:but|aber|jedoch|mais|pero|ma|mas)\s", re.IGNORECASE)


def _denying(parts: Sequence[Sentence]) -> Iterator[tuple[Sentence, str]]:
    """The clauses that deny something, each with its sentence."""
    found = [part for part in parts[:_MOST_SENTENCES] if _denies(part.text)]
    for part in found[:_MOST_TRIED]:
        for clause in _CLAUSE.split(part.text):
            if _denies(clause):
                yield part, clause


def _covers(part: Sentence, told: frozenset[str]) -> bool:
    return len(told & topic(part.text)) >= _COVERED * len(told)


_ADVISING = re.compile(r"avoid|refrain|lack")
_DENYING = frozenset(word for word in NEGATORS if not _ADVISING.match(word))


@lru_cache(maxsize=8192)
def _denies(sentence: str) -> bool:
    return not _DENYING.isdisjoint(worded(sentence))


@lru_cache(maxsize=8192)
def _limited(sentence: str) -> bool:
    words = worded(sentence)
    return not (NEGATORS | LIMITING | EXCEPTIVE).isdisjoint(words)


_PER = re.compile(
    r"\b(?:(?:per|each|every|pro|je|par|por|cada|chaque|jede[rsmn]?)\s+|(?:an?|one|once)\s+per\s+)(?P<of>[^\W\d_]{3,})",
    re.IGNORECASE,
)
_PER_WHAT_ELSE = frozenset(
    "cent hour ejemplo exemple favor example default email phone post mail".split()  # noqa: SIM905
)


_EACH = frozenset(
    "per each every pro je par por cada chaque jede jeder jedes jedem jeden".split()  # noqa: SIM905
)


@lru_cache(maxsize=8192)
def counted_by(sentence: str) -> Mapping[str, str]:
    """What something is counted by: once per household, 5 € pro Person, per year."""
    if _EACH.isdisjoint(worded(sentence)):
        return {}
    return {
        meaning(word): word
        for match in _PER.finditer(sentence)
        if (word := match["of"].lower()) not in _PER_WHAT_ELSE
        and not word.endswith("ing")
        and not empty(word)
    }


def base_changed(
    before: Sequence[Sentence], after: Sequence[Sentence]
) -> tuple[Sentence, Sentence] | None:
    """The sentences that count the same by another thing: per household, per person.

    Only where neither text says the other's word at all.
    """
    mine = [(p, by) for p in before[:_MOST_SENTENCES] if (by := counted_by(p.text))]
    if not mine:
        return None
    theirs = [(p, by) for p in after[:_MOST_SENTENCES] if (by := counted_by(p.text))]
    said, said_after = _all_topics(before), _all_topics(after)
    for part, by in mine[:_MOST_TRIED]:
        for other, now in theirs[:_MOST_TRIED]:
            # From a unit to a unit is a change of figures.
            gone = [w for key, w in by.items() if key not in said_after and w not in UNITS]
            new = [word for key, word in now.items() if key not in said]
            if gone and new and not related(gone, new):
                return part, other
    return None


def _all_topics(parts: Sequence[Sentence]) -> frozenset[str]:
    return frozenset().union(*(topic(part.text) for part in parts[:_MOST_SENTENCES]))


_DAYS = re.compile(
    r"\b(?:weekdays?|weekends?|working days|business days|workdays|(?:public|bank) holidays"
    r"|werktags?|werktagen|wochentags?|wochenenden?|feiertagen?|en semaine|jours? ouvrés|week-ends?|jours? fériés"
    r"|días? (?:laborables|hábiles|festivos)|fines? de semana|feriali|festivi|fine settimana|dias úteis|fins? de semana|feriados)\b"
    r"|平日|週末|土日|祝日|工作日|周末|节假日",
    re.IGNORECASE,
)
_ALL_DAYS = re.compile(
    r"\b(?:daily|every day|all week|seven days|24/7|täglich|jeden tag|tous les jours|todos los días|diario|ogni giorno|todos os dias)\b|毎日|每天",
    re.IGNORECASE,
)


_LONG_DAYS = tuple(day for day in WEEKDAYS if len(day) > 4)
"""Days by their full names, which compounds begin with; a short one is as often another word."""


@lru_cache(maxsize=8192)
def _has_days(sentence: str) -> bool:
    if _DAYS.search(sentence):
        return True
    return any(word.startswith(_LONG_DAYS) for word in worded(sentence))


def days_dropped(
    before: Sequence[Sentence], after: Sequence[Sentence]
) -> tuple[Sentence, Sentence] | None:
    """A sentence of a text that holds for certain days, where the other text names none at all.

    A date says its day by itself, and "daily" names all of them.
    """
    named = next((part for part in before[:_MOST_SENTENCES] if _has_days(part.text)), None)
    if named is None or any(_has_days(part.text) or _ALL_DAYS.search(part.text) for part in after):
        return None
    told = topic(named.text)
    best = max(after, key=lambda part: len(told & topic(part.text)), default=None)
    if best is None or 2 * len(told & _all_topics(after)) < len(told):
        return None
    if any(q.sort == "date" for part in after[:_MOST_SENTENCES] for q in quantities(part.text)):
        return None
    return named, best


_LINKED = re.compile(
    r"\b(?:associat(?:ed|ion)s?|correlat(?:ed?s?|ion)|link(?:s|ed)?|relat(?:ed|ion|ionship)s?|connect(?:ed|ion)|tied to|goes? (?:along|hand in hand)|tend(?:s|ed)?"
    r"|zusammenhang|zusammenhäng\w*|hängt|hängen|assoziiert|korrel\w+|verbunden|einher\w*|verknüpft"
    r"|associée?s?|association|liée?s?|lien|corrél\w+|asociad[oa]s?|asociación|relacionad[oa]s?|relación|vinculad[oa]s?|correlación)\b",
    re.IGNORECASE,
)
_CAUSED = re.compile(
    r"\b(?:caus(?:es?|ed|ing)|leads? to|led to|results? in|raises|raised|lowers|lowered|reduces|reduced|increases|increased|cuts|boosts|prevents|makes|due to|because"
    r"|verursach\w*|führt|führen|erhöht|erhöhen|senkt|senken|steigert|verringert|bewirkt"
    r"|provoque\w*|cause\w*|augmente\w*|réduit|réduisent|entraîne\w*|abaisse\w*|causa\w*|provoca\w*|aumenta\w*|reduce\w*|eleva\w*)\b",
    re.IGNORECASE,
)


_LINKING = tuple(
    """associ correl link relat connect tied go tend zusammenh häng assozi korrel verbunden einher
    verknüpft li corrél asoci relac vincul""".split()  # noqa: SIM905
)
"""With which a word of every match begins."""


@lru_cache(maxsize=8192)
def _links(sentence: str) -> bool:
    if not any(word.startswith(_LINKING) for word in worded(sentence)):
        return False  # to look for a word's start is far cheaper
    return _LINKED.search(sentence) is not None


def claim_raised(
    before: Sequence[Sentence], after: Sequence[Sentence]
) -> tuple[Sentence, Sentence] | None:
    """The sentences of which one says that two things go together, the other that one causes the
    other, where the second text no longer says the former.
    """
    for mine, theirs, turned in ((before, after, False), (after, before, True)):
        linked = [part for part in mine[:_MOST_SENTENCES] if _links(part.text)]
        if not linked or any(_links(part.text) for part in theirs[:_MOST_SENTENCES]):
            continue
        for part in linked[:_MOST_TRIED]:
            told = topic(part.text)
            if _CAUSED.search(part.text):
                continue
            for other in theirs[:_MOST_SENTENCES]:
                shared = len(told & topic(other.text))
                if _CAUSED.search(other.text) and shared >= max(2, 0.4 * len(told)):
                    return (other, part) if turned else (part, other)
    return None


_MODIFIERS = (
    "stunden tages wochen monats quartals halbjahres jahres", "halb voll teil ganz", "kalt warm",
    "netto brutto", "innen außen", "erst zweit dritt letzt", "hin rück", "vor nach haupt",
    "mindest höchst maximal", "ober unter", "früh spät", "sommer winter", "links rechts",
    "inlands auslands", "eltern kinder", "vermieter mieter", "käufer verkäufer",
)  # fmt: skip
_SCALE_OF = {
    modifier: (scale, place)
    for scale, modifiers in enumerate(_MODIFIERS)
    for place, modifier in enumerate(modifiers.split())
}
_COMPOUND = re.compile(
    rf"\b({'|'.join(sorted(_SCALE_OF, key=len, reverse=True))})(\w{{4,}})", re.IGNORECASE
)


@lru_cache(maxsize=8192)
def _compounds(sentence: str) -> Mapping[tuple[int, str], int]:
    """By scale and what the modifier says it of, the place: Halbpension, Vollpension."""
    return {
        (_SCALE_OF[match[1].lower()][0], match[2].lower()): _SCALE_OF[match[1].lower()][1]
        for match in _COMPOUND.finditer(sentence)
    }


def compound_changed(
    before: Sequence[Sentence], after: Sequence[Sentence]
) -> tuple[Sentence, Sentence] | None:
    """The sentences with a German compound whose first part is another of its few: Monatsende,
    Quartalsende. Only where neither text has both.
    """
    mine = [(p, found) for p in before[:_MOST_SENTENCES] if (found := _compounds(p.text))]
    if not mine:
        return None
    theirs = [(p, found) for p in after[:_MOST_SENTENCES] if (found := _compounds(p.text))]
    for part, found in mine[:_MOST_TRIED]:
        for key, place in found.items():
            now = [(other, each[key]) for other, each in theirs if key in each]
            if now and place not in {each for _, each in now}:
                same = {each.get(key) for _, each in mine} - {None}
                if same == {place}:
                    return part, now[0][0]
    return None
