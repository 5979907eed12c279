"""Clauses of a text: what is denied, limited or said of what, and which of them are gone.

A rewording takes other words and cuts its sentences elsewhere, but says of each thing what was said
of it. So a clause counts as gone only where the other text has none of its words and makes no
clause of its own that could stand for it, and as exchanged only where two things changed places.
"""

# ruff: noqa: E501 - patterns stay in one piece

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, pairwise

from pytest_modelpin.drift.lexicon.numerals import MONTHS, WEEKDAYS
from pytest_modelpin.drift.lexicon.opposites import NEGATORS
from pytest_modelpin.drift.text.non_answers import courteous, ungreeted
from pytest_modelpin.drift.text.quantities import masked
from pytest_modelpin.drift.text.sentences import Sentence
from pytest_modelpin.drift.text.tokens import CJK, empty, keys_of, meaning, telling, worded

_MOST_SENTENCES = 200  # of a text that are read
_MOST_DENYING = 50  # sentences that are held against those of the other text
_MOST_APART = 60  # pairs of words that stand together in one text only
_MOST_WORDS = 40  # of which any two may have changed places

_CONTRAST = re.compile(r"[,;:()]|\b(?:but|aber|sondern|mais|pero|sino|ma|mas)\b")
_SETTING_APART = NEGATORS - frozenset(("without", "ohne", "sans", "sin", "sem", "senza"))


@lru_cache(maxsize=8192)
def _denied_here(sentence: str) -> Mapping[str, bool]:
    """By word, whether its clause is denied; only in a sentence that also affirms something."""
    if _SETTING_APART.isdisjoint(worded(sentence)):
        return {}
    found: dict[str, bool] = {}
    both: set[str] = set()
    for clause in _CONTRAST.split(masked(sentence).lower()):
        told = worded(clause)
        denies = sum(map(_SETTING_APART.__contains__, told)) % 2 == 1
        for word in told:
            if empty(word) or not word.isalpha() or word in MONTHS or word in WEEKDAYS:
                continue
            if found.setdefault(meaning(word), denies) != denies:
                both.add(meaning(word))
    return {word: denies for word, denies in found.items() if word not in both}


def denied_instead(
    before: Sequence[Sentence], after: Sequence[Sentence]
) -> tuple[Sentence, Sentence] | None:
    """The sentences of which one denies of a thing what it affirms of another, and the other just
    the other way round: "here, but not there" beside "there, but not here".
    """
    mine = [
        (part, denied) for part in before[:_MOST_SENTENCES] if (denied := _denied_here(part.text))
    ]
    if not mine:
        return None
    for part in after[:_MOST_SENTENCES]:
        now = _denied_here(part.text)
        for other, was in mine[:_MOST_DENYING] if now else ():
            turned = [word for word, denies in was.items() if now.get(word, denies) != denies]
            if {was[word] for word in turned} == {True, False}:
                return other, part
    return None


_ARTICLE = (
    r"(?: (?:the|an?|your|its|their|dem|der|den|die|das|les?|la|el|l[oa]s|il|lo)\b| l')? ?"
    r"(?P<{0}>[^\W\d_]{{3,}})"
)
_WHEN = re.compile(
    r"\b(?:before|vor|avant(?: de)?|antes d(?:e|el|o|a)|prima d(?:i|el|ella))"
    + _ARTICLE.format("sooner")
    + r"|\b(?:after|nach|après|después de(?:l)?|depois d(?:e|o|a)|dopo)"
    + _ARTICLE.format("later")
    + r"|(?P<sooner_cjk>[\u4e00-\u9fff])前|(?P<later_cjk>[\u4e00-\u9fff])[后後]",
    re.IGNORECASE,
)
_WHEN_WORDS = frozenset("before vor avant antes prima after nach depois dopo".split())  # noqa: SIM905
"""Words of which every match in ASCII has one."""


@lru_cache(maxsize=8192)
def _moments(sentence: str) -> tuple[frozenset[str], frozenset[str]]:
    """What a sentence says that something is before, and what after."""
    if sentence.isascii() and _WHEN_WORDS.isdisjoint(worded(sentence)):
        return frozenset(), frozenset()  # to look for such a word is far cheaper than for a match
    sooner, later = set(), set()
    for match in _WHEN.finditer(sentence):
        sooner.add((match["sooner"] or match["sooner_cjk"] or "").lower())
        later.add((match["later"] or match["later_cjk"] or "").lower())
    return frozenset(sooner - {""}), frozenset(later - {""})


def moment_turned(
    before: Sequence[Sentence], after: Sequence[Sentence]
) -> tuple[Sentence, Sentence] | None:
    """The sentences of which one says before a thing what the other says after the same thing.

    Only where neither text says both: "free before check-in, a fee after check-in".
    """
    mine = [_moments(part.text) for part in before[:_MOST_SENTENCES]]
    theirs = [_moments(part.text) for part in after[:_MOST_SENTENCES]]
    (sooner, later), (sooner_after, later_after) = map(_all_moments, (mine, theirs))
    turned = ((sooner & later_after) | (later & sooner_after)) - (
        (sooner & later) | (sooner_after & later_after)
    )
    if not turned:
        return None
    return _saying(turned, before, mine), _saying(turned, after, theirs)


def _all_moments(
    found: Sequence[tuple[frozenset[str], frozenset[str]]],
) -> tuple[frozenset[str], frozenset[str]]:
    return (
        frozenset().union(*(sooner for sooner, _ in found)),
        frozenset().union(*(later for _, later in found)),
    )


def _saying(
    words: frozenset[str],
    parts: Sequence[Sentence],
    moments: Sequence[tuple[frozenset[str], frozenset[str]]],
) -> Sentence:
    return next(
        part
        for part, (sooner, later) in zip(parts, moments, strict=False)
        if words & (sooner | later)
    )


_CONDITION = re.compile(
    r"\b(?:only (?:after|if|when|with|for)|or if|unless|provided(?: that)?|except(?: for| on| in)?"
    r"|nur (?:wenn|nach|mit|für)|sofern|vorausgesetzt|außer|es sei denn"
    r"|sauf(?: si)?|à condition|seulement (?:si|après|avec)|pourvu que"
    r"|salvo(?: que| se)?|excepto|siempre que|solo (?:si|después|con|se|dopo)"
    r"|purché|a patto che|eccetto|tranne|exceto|desde que|(?:só|apenas) (?:se|após|depois|com))\b"
    r"(?P<told>[^,;:.()]+)",
    re.IGNORECASE,
)
_CONDITIONAL = frozenset(
    """only if unless provided except nur sofern vorausgesetzt außer sei sauf condition seulement
    pourvu salvo excepto siempre solo purché patto eccetto tranne exceto desde só
    apenas""".split()  # noqa: SIM905
)
"""Words of which every condition has one: to look for them is far cheaper."""
_PART = re.compile(
    r"[,;]|\b(?:and|or|but|nor|und|oder|aber|et|ou|mais|y|o|pero|e|ma|mas)\b", re.IGNORECASE
)
# Commas and "and" may join two things of one statement, which may change places.
_CLAUSE = re.compile(
    r"[;:()]|\b(?:but|while|whereas|then|aber|während|sondern|mais|puis|tandis|pero|mientras|luego"
    r"|ma|mas|mentre|enquanto)\b",
    re.IGNORECASE,
)
_ALSO = re.compile(r"\b(?:and|or|but|und|oder|aber|et|ou|mais|y|o|pero|e|ma|mas)\b", re.IGNORECASE)


def condition_dropped(before: Sequence[Sentence], after: Sequence[Sentence]) -> Sentence | None:
    """A sentence with a condition or exception of which the other text says no word.

    None where the other text makes a condition of its own of which this one says no word: it may
    be the same in other words.
    """
    lost = list(_unsaid(before, after))
    return lost[0] if len(lost) > sum(1 for _ in _unsaid(after, before)) else None


def _unsaid(parts: Sequence[Sentence], others: Sequence[Sentence]) -> Iterator[Sentence]:
    keys: frozenset[str] | None = None
    for part in _changed(parts, others):
        if _CONDITIONAL.isdisjoint(worded(part.text)):
            continue
        for match in _CONDITION.finditer(part.text):
            told = telling(_ALSO.split(masked(match["told"]), maxsplit=1)[0])
            if keys is None:
                keys = _all_keys(others)
            if told and not _any_said(told, keys):
                yield part


def _changed(parts: Sequence[Sentence], others: Sequence[Sentence]) -> Iterator[Sentence]:
    """The sentences that the other text doesn't have as they are: of what it has nothing is gone."""
    kept = {other.text for other in others[:_MOST_SENTENCES]}
    return (part for part in parts[:_MOST_SENTENCES] if part.text not in kept)


def conjunct_dropped(before: Sequence[Sentence], after: Sequence[Sentence]) -> Sentence | None:
    """A sentence of several parts, joined by "and", "or" or commas, of which one is gone.

    None where anything of the other text is in words that this one doesn't have at all, or where it
    is as long: the part may be there in other words.
    """
    if sum(len(part.text) for part in after) >= sum(len(part.text) for part in before):
        return None
    lost = next(_unsaid_parts(before, after, fewest=2), None)
    return None if lost is None or any(_unsaid_parts(after, before, fewest=1)) else lost


def _unsaid_parts(
    parts: Sequence[Sentence], others: Sequence[Sentence], *, fewest: int
) -> Iterator[Sentence]:
    """Sentences with a part of at least so many words, of which the other text has none."""
    keys = _all_keys(others)
    for part in _changed(parts, others):
        if CJK.search(part.text) or courteous(part.text):
            continue
        conjuncts = _PART.split(masked(ungreeted(part.text)))
        for each in conjuncts:
            told = telling(each)
            if fewest > 1 and (len(conjuncts) == 1 or "0" in each or _points_back(each)):
                continue  # no part of several, one that gives a figure, or "after this time"
            if len(told) >= fewest and not _any_said(told, keys):
                yield part


_POINTING = frozenset(
    """this that these those dies diese dieser dieses diesem diesen ce cet cette ces ese esa esos este
    esta estos questo questa quel quella esse essa""".split()  # noqa: SIM905
)


def _points_back(part: str) -> bool:
    """Whether a part begins by pointing at what was said: "after that time", "passé ce délai"."""
    return not _POINTING.isdisjoint(worded(part)[:_POINTS_WITHIN])


_POINTS_WITHIN = 3  # words


def _all_keys(parts: Sequence[Sentence]) -> frozenset[str]:
    return frozenset().union(*(_known(part.text) for part in parts[:_MOST_SENTENCES]))


def _any_said(words: Iterable[str], keys: frozenset[str]) -> bool:
    return any(not keys.isdisjoint(keys_of(word)) for word in words)


@lru_cache(maxsize=8192)
def _known(sentence: str) -> frozenset[str]:
    return frozenset(key for word in worded(sentence) for key in keys_of(word))


@lru_cache(maxsize=8192)
def _clauses(sentence: str) -> Sequence[frozenset[str]]:
    """The words of each clause of a sentence."""
    if not sentence.isascii() and CJK.search(sentence):
        return ()
    return [
        frozenset(
            meaning(word)
            for word in worded(clause)
            if word in _ORDINALS or word.isdigit() or not (empty(word) or len(word) <= 2)
        )
        for clause in _CLAUSE.split(sentence)
    ]


_ORDINALS = frozenset(("first", "second", "third", "last"))


def crossed(before: str, after: str) -> bool:
    """Whether a sentence says of two things each what the other says of the other one.

    "A pays for repairs, B for power" beside "repairs are up to B, and power is up to A": four words,
    each once in either sentence, two and two in a clause, which changed partners.
    """
    one, other = _once(before), _once(after)
    common = sorted(word for word in one if word in other)[:_MOST_WORDS]
    apart = [
        (a, b) for a, b in combinations(common, 2) if one[a] == one[b] and other[a] != other[b]
    ]
    for (a, b), (c, d) in combinations(apart[:_MOST_APART], 2):
        now = [other[word] for word in (a, b, c, d)]
        if one[a] != one[c] and (now[0], now[1]) in ((now[2], now[3]), (now[3], now[2])):
            return True
    return False


@lru_cache(maxsize=8192)
def _once(sentence: str) -> Mapping[str, int]:
    """By word that a sentence has once, the number of its clause."""
    found: dict[str, int] = {}
    several: set[str] = set()
    for number, words in enumerate(_clauses(sentence)):
        several.update(words & found.keys())
        found.update(dict.fromkeys(words, number))
    return {word: number for word, number in found.items() if word not in several}


def names_exchanged(before: str, after: str) -> bool:
    """Whether two names each do what the other did: the word after either was the other's."""
    one, other = _followers(before), _followers(after)
    names = [name for name in one if name in other][:_MOST_WORDS]
    return any(
        one[a] != one[b] and one[a] == other[b] and one[b] == other[a]
        for a, b in combinations(names, 2)
    )


OBJECT_ARTICLES = frozenset(("den", "dem", "einen", "einem"))
_NAME = re.compile(r"\b[A-ZÀ-ÖØ-Þ][\w’'-]+")


@lru_cache(maxsize=8192)
def _followers(sentence: str) -> Mapping[str, str]:
    """By name that a sentence has once, the word that follows it."""
    names = {name.lower() for name in _NAME.findall(sentence)} - MONTHS.keys() - WEEKDAYS.keys()
    if not names:
        return {}
    # In German the article says whose object a noun is, wherever it stands.
    names -= {word for article, word in pairwise(worded(sentence)) if article in OBJECT_ARTICLES}
    words = [word for word in worded(sentence) if not empty(word)]
    counts = Counter(words)
    return {
        word: meaning(following)
        for word, following in pairwise(words)
        if word in names and counts[word] == 1 and following not in names
    }
