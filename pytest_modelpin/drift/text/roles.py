"""What stands on which side of a tie: cause and effect, first and then.

All words may still be there where two sides changed places. So a tie is read as its two sides,
whatever the order in which they are told, and is turned where each side has words of the other's
and none of its own.
"""

# ruff: noqa: E501 - patterns stay in one piece

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from pytest_modelpin.drift.text.sentences import Sentence, topic
from pytest_modelpin.drift.text.tokens import worded

_MOST_SENTENCES = 200  # of a text that are read
_MOST_TIES = 100  # of a text that are held against those of the other


_BEING = frozenset(
    """is are was were be been being wird werden wurde wurden est sont été était fue fueron es son será
    estaba estaban está están è sono stato era foi foram estava""".split()  # noqa: SIM905
)
"""Words by which something is done to what stands before them, and which any clause may have."""


class Tie(NamedTuple):
    """Two sides that may not change places, by what their words mean."""

    one: frozenset[str]
    other: frozenset[str]


Read = Callable[[str], Sequence[Tie]]


def _turned(
    before: Sequence[Sentence], after: Sequence[Sentence], read: Read
) -> tuple[Sentence, Sentence] | None:
    """The sentences of which one has a tie whose sides the other has the other way round."""
    mine = [(part, tie) for part in before[:_MOST_SENTENCES] for tie in read(part.text)]
    if not mine:
        return None
    theirs = [(part, tie) for part in after[:_MOST_SENTENCES] for tie in read(part.text)]
    for part, tie in mine[:_MOST_TIES]:
        others = theirs[:_MOST_TIES]
        if any(_kept(tie, now) for _, now in others):
            continue
        for other, now in others:
            if tie.one & now.other and tie.other & now.one:
                return part, other
    return None


def _kept(tie: Tie, now: Tie) -> bool:
    """Whether any word of a side is on the same side of the other tie."""
    return bool(tie.one & now.one) or bool(tie.other & now.other)


def _tie(one: str, other: str) -> Iterable[Tie]:
    """Words of both sides say nothing about either."""
    mine, theirs = topic(one) - _BEING, topic(other) - _BEING
    tie = Tie(mine - theirs, theirs - mine)
    return [tie] if tie.one and tie.other else []


_BECAUSE = re.compile(
    r"(?:^|[,;]?\s)(?:because(?: of)?|due to|owing to|thanks to|weil|wegen|aufgrund|parce qu(?:e |')|puisqu(?:e |')"
    r"|à cause d(?:e |es? |u |')|porque|ya que|puesto que|debido a|a causa de|perché|poiché|pois|já que)"
    r"(?!\s*(?:of\s+)?(?:it|this|that|which|dessen|cela|eso)\b)\s*",
    re.IGNORECASE,
)
_SO = re.compile(
    r"[,;]\s*(?:and )?(?:so|therefore|thus|hence|which is why|weshalb|daher|deshalb|sodass|donc|c'est pourquoi"
    r"|por lo que|por eso|así que|quindi|perciò|portanto)\b[ ,]*",
    re.IGNORECASE,
)
_CAUSED_BY = re.compile(
    r"\b(?:(?:caused|triggered|brought about) by|result(?:s|ed|ing) from|stem(?:s|med|ming)? from|c(?:ame|omes|oming) from"
    r"|(?:is|was|are|were) (?:the|a) (?:result|consequence) of|(?:verursacht|ausgelöst|hervorgerufen) (?:durch|von|vom)"
    r"|(?:causée?s?|provoquée?s?|entraînée?s?) par|(?:causad|provocad|originad)[oa]s? por|(?:causat|provocat)[oaie] da\w*)\b",
    re.IGNORECASE,
)
_CAUSES = re.compile(
    r"\b(?:caus(?:es?|ed)|triggers?|triggered|(?:leads?|led) to|results? in|resulted in|brings? about|brought about|verursach(?:t|en|te|ten)|(?:führ(?:t|en|te|ten)) z(?:u|um|ur)|bewirk(?:t|en|te|ten)"
    r"|(?:a |ont )?(?:causé|provoqué|entraîné)|provoquent?|entraînent?|caus(?:a|an|ó|aron)|provoc(?:a|an|ó|aron)|llev(?:a|ó|aron) a|ha (?:causato|provocato)|provoca(?:no)?|caus(?:ou|aram)|provoc(?:ou|aram))\b",
    re.IGNORECASE,
)


_CAUSING = frozenset(
    """because due owing thanks so therefore thus hence which weil wegen aufgrund weshalb daher deshalb
    sodass parce puisque puisqu cause donc pourquoi porque ya puesto debido causa por así perché
    poiché pois já quindi perciò portanto""".split()  # noqa: SIM905
)
_CAUSING_VERB = re.compile(
    r"caus|trigger|lead|led$|result|consequen|br(?:ing|ought)|stem|came|com(?:es|ing)$|verursach|führ|bewirk|ausgelöst|hervorg|provo|entraîn|llev|origin"
)


@lru_cache(maxsize=20_000)
def _may_cause(word: str) -> bool:
    return _CAUSING_VERB.match(word) is not None


@lru_cache(maxsize=8192)
def causes(sentence: str) -> Sequence[Tie]:
    """What a sentence says is because of what: cause, effect."""
    words = worded(sentence)
    if _CAUSING.isdisjoint(words):  # to look for a word of it is far cheaper
        return _caused(sentence) if any(map(_may_cause, words)) else []
    for part in _PARTS.split(sentence):
        match = _BECAUSE.search(part)
        if match is None:
            continue
        effect, cause = part[: match.start()], part[match.end() :]
        if not effect.strip():
            cause, _, effect = cause.partition(",")
        return list(_tie(cause, effect))
    match = _SO.search(sentence)
    if match is not None:
        return list(_tie(sentence[: match.start()], sentence[match.end() :]))
    return _caused(sentence) if any(map(_may_cause, words)) else []


_PARTS = re.compile(r"[;:]\s")
_AT_LAST = re.compile(
    r"\s*(?:to|finally|eventually|ultimately|in the end|schließlich|letztlich|enfin|finalement|finalmente|al final|infine)\b",
    re.IGNORECASE,
)
"""What goes on in the clause before it: led to this, and in the end to that."""
_LINK = re.compile(r"[;:]|,?\s(?:and|und|et|y|e)\s", re.IGNORECASE)


def _caused(sentence: str) -> Sequence[Tie]:
    """The same where a verb says it: a chain has a tie for each of its links."""
    links: list[tuple[str, str]] = []
    for clause in _LINK.split(sentence):
        if (match := _CAUSED_BY.search(clause)) is not None:
            cause, _, rest = clause[match.end() :].partition(",")
            links.append((cause, f"{clause[: match.start()]} {rest}"))
        elif (match := _CAUSES.search(clause)) is not None:
            links.append((clause[: match.start()], clause[match.end() :]))
        elif links and _AT_LAST.match(clause):
            links[-1] = (links[-1][0], f"{links[-1][1]} {clause}")
    return [tie for cause, effect in links for tie in _tie(cause, effect)]


def cause_turned(
    before: Sequence[Sentence], after: Sequence[Sentence]
) -> tuple[Sentence, Sentence] | None:
    """The sentences of which one gives as the cause what the other gives as its effect."""
    return _turned(before, after, causes)


_THEN = re.compile(
    r"(?:[,;.]|\b(?:and|und|et|y|e)\b)(?P<lead>(?:\s+[^\s,;.]+){0,3}?)\s*\b(?:then|after(?:wards| that)|(?:da|hier)nach|dann"
    r"|anschließend|puis|ensuite|après cela|luego|después|a continuación|poi|dopodiché|depois|em seguida)\b(?!\s+(?:de|d'|que)\b)",
    re.IGNORECASE,
)
_FIRST_LATER = re.compile(
    r"^(?:before|bevor|avant (?:de |d'|que )|antes de )(?P<later>[^,]+),(?P<sooner>.+)$",
    re.IGNORECASE,
)
_LATER_SECOND = re.compile(
    r"^(?P<sooner>.+?),?\s(?:before|bevor|avant (?:de |d'|que )|antes de )\s*(?P<later>[^\d].+)$",
    re.IGNORECASE,
)
_FIRST_SOONER = re.compile(
    r"^(?:after|once|nachdem|sobald|après(?: avoir)? |después de )(?P<sooner>[^,]+),(?P<later>.+)$",
    re.IGNORECASE,
)
_SOONER_SECOND = re.compile(
    r"^(?P<later>.+?),?\s(?:after|once|nachdem|sobald|après (?:avoir )?|después de )\s*(?P<sooner>[^\d].+)$",
    re.IGNORECASE,
)


_THEN_WORDS = frozenset(
    """then afterwards danach hiernach dann anschließend puis ensuite luego después continuación poi
    dopodiché depois seguida first zuerst abord primero""".split()  # noqa: SIM905
)
_ORDERING = _THEN_WORDS | frozenset(
    "before after once bevor nachdem sobald avant après antes cela".split()  # noqa: SIM905
)


@lru_cache(maxsize=8192)
def _orders(sentence: str) -> Sequence[Tie]:
    """What a sentence says is done before what: sooner, later."""
    cues = [word for word in worded(sentence) if word in _ORDERING]
    if not cues or (len(cues) > 1 and not _THEN_WORDS.issuperset(cues)):
        return []  # "free before, not free after" tells no steps
    match = _THEN.search(sentence)
    if match is not None:
        return list(_tie(sentence[: match.start()], match["lead"] + sentence[match.end() :]))
    for pattern in (_FIRST_LATER, _FIRST_SOONER, _LATER_SECOND, _SOONER_SECOND):
        match = pattern.match(sentence)
        if match is not None:
            return list(_tie(match["sooner"], match["later"]))
    return []


def order_turned(
    before: Sequence[Sentence], after: Sequence[Sentence]
) -> tuple[Sentence, Sentence] | None:
    """The sentences of which one does first what the other does second."""
    return _turned(before, after, _orders)
