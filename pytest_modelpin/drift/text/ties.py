"""Ties that count in any wording: each finds two sentences, of which one says of a thing what the
other says of another. Here are those to a time, a party and a need.

A tie to a time, a party or a need is told by a word for which few others could stand. So it counts
as another one only where neither text says the other's word at all.
"""

# ruff: noqa: E501 - patterns stay in one piece

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from pytest_modelpin.drift.drift import DriftKind
from pytest_modelpin.drift.lexicon.opposites import CONTRARY, LIMITING, NEGATORS
from pytest_modelpin.drift.text.clauses import (
    denied_instead,
    moment_turned,
)
from pytest_modelpin.drift.text.quantities import quantities
from pytest_modelpin.drift.text.relations import (
    bound_turned,
    hedged,
    move_turned,
    operation_changed,
    opposite_said,
)
from pytest_modelpin.drift.text.roles import (
    cause_turned,
    order_turned,
    parties_turned,
    way_turned,
)
from pytest_modelpin.drift.text.scopes import (
    base_changed,
    claim_raised,
    compound_changed,
    days_dropped,
    denial_lifted,
    exception_turned,
)
from pytest_modelpin.drift.text.sentences import Sentence
from pytest_modelpin.drift.text.similarity import related
from pytest_modelpin.drift.text.tokens import ROOT_LENGTH, meaning, telling, worded

_MOST_SENTENCES = 200  # of a text that are read
_MOST_TRIED = 50  # that are held against those of the other text

_ANCHOR = re.compile(
    r"\s*(?:of|from|after|since|following|before|prior to|ahead of|nach|ab|seit|vor|après|avant|suivant|depuis|à compter|dès"
    r"|después de|antes de|desde|a partir de|dopo|prima d\w*|dalla?|após|antes d[aeo]s?)\b(?P<told>[^,;:.()]*)",
    re.IGNORECASE,
)
_TIMES = ("second", "month", "workday")
_LONGEST_ANCHOR = 3  # telling words of what a time is counted from


@lru_cache(maxsize=8192)
def anchors(sentence: str) -> Sequence[tuple[object, Sequence[str]]]:
    """Each span of time that a sentence counts from something, and from what."""
    found = []
    for figure in quantities(sentence)[:_MOST_TRIED]:
        match = _ANCHOR.match(sentence, figure.end) if figure.unit in _TIMES else None
        if match is not None and (told := telling(match["told"])[:_LONGEST_ANCHOR]):
            found.append((figure.value, told))
    return found


def _keys(words: Sequence[str]) -> frozenset[str]:
    return frozenset(
        key for word in words for key in (meaning(word), word[:ROOT_LENGTH]) if len(key) > 2
    )


def anchor_changed(
    before: Sequence[Sentence], after: Sequence[Sentence]
) -> tuple[Sentence, Sentence] | None:
    """The sentences that count the same time from something else: of delivery, of the order."""
    mine = [(part, each) for part in before[:_MOST_SENTENCES] for each in anchors(part.text)]
    if not mine:
        return None
    theirs = [(part, each) for part in after[:_MOST_SENTENCES] for each in anchors(part.text)]
    tied = [
        (part, other, told[0], now[0])
        for part, (figure, told) in mine[:_MOST_TRIED]
        for other, (same, now) in theirs[:_MOST_TRIED]
        if figure == same and told[0][:ROOT_LENGTH] != now[0][:ROOT_LENGTH]
    ]
    if not tied:
        return None  # the words of two texts are many, and most texts have no such tie
    said, said_after = _starts(before), _starts(after)
    for part, other, told, now in tied:
        if told[:ROOT_LENGTH] in said_after or now[:ROOT_LENGTH] in said:
            continue
        if not related([told], [now]):
            return part, other
    return None


def _starts(parts: Sequence[Sentence]) -> frozenset[str]:
    """How the words of a text begin: what one sends may also be delivered."""
    return frozenset(
        word[:ROOT_LENGTH] for part in parts[:_MOST_SENTENCES] for word in worded(part.text)
    )


_TOLD_APART = frozenset(("party", "side", "span", "gross", "local", "domestic", "sex", "view"))
"""Opposites of which a text that speaks of one alone means just that one."""


@lru_cache(maxsize=8192)
def _parties(sentence: str) -> Mapping[str, int]:
    """The one of two opposites that a sentence names, by what tells them apart; 0 for both."""
    found: dict[str, int] = {}
    for word in worded(sentence):
        known = CONTRARY.get(word)
        if known is not None and known[0] in _TOLD_APART:
            found[known[0]] = known[1] if found.get(known[0], known[1]) == known[1] else 0
    return found


def party_exchanged(
    before: Sequence[Sentence], after: Sequence[Sentence]
) -> tuple[Sentence, Sentence] | None:
    """The sentences of which one names one of two parties, and the other the other one.

    Only where neither text names both.
    """
    mine = [(part, found) for part in before[:_MOST_SENTENCES] if (found := _parties(part.text))]
    if not mine:
        return None
    theirs = [(part, found) for part in after[:_MOST_SENTENCES] if (found := _parties(part.text))]
    for of in {of for _, found in mine for of in found}:
        named = {found[of] for _, found in mine if of in found}
        now = {found[of] for _, found in theirs if of in found}
        if len(named) == len(now) == 1 and named != now and 0 not in named | now:
            return (
                next(part for part, found in mine if of in found),
                next(part for part, found in theirs if of in found),
            )
    return None


_REQUIRED = re.compile(
    r"\b(?:requir\w+|must|needed|needs?|necessary|mandatory|obligatory|muss|müssen|erforderlich|nötig|notwendig|pflicht"
    r"|obligatoire|doit|doivent|nécessaire|requise?s?|obligatori[oa]s?|debe|deben|necesari[oa]s?|hay que)\b",
    re.IGNORECASE,
)
_WITHOUT = re.compile(
    r"\b(?:without|ohne|sans|sin|senza|sem)\s+(?:(?:an?|the|any|your|eine?n?|un|une|la|le|l'|el)\s+)?(?P<of>[^\W\d_]{3,})",
    re.IGNORECASE,
)
_WITHOUT_WORDS = frozenset(("without", "ohne", "sans", "sin", "senza", "sem"))


def need_dropped(
    before: Sequence[Sentence], after: Sequence[Sentence]
) -> tuple[Sentence, Sentence] | None:
    """The sentences of which one requires what the other does without."""
    if (found := _done_without(after, before)) is not None:
        return found[1], found[0]
    return _done_without(before, after)


def _done_without(
    parts: Sequence[Sentence], others: Sequence[Sentence]
) -> tuple[Sentence, Sentence] | None:
    """A sentence that does without something, and another text's that requires it."""
    for part in parts[:_MOST_SENTENCES]:
        if _WITHOUT_WORDS.isdisjoint(worded(part.text)):
            continue
        for match in _WITHOUT.finditer(part.text):
            rest = worded(part.text[: match.start()] + part.text[match.end() :])
            if not (NEGATORS | LIMITING).isdisjoint(rest):
                continue  # "not without a ticket"
            of = _keys([match["of"].lower()])
            for other in others[:_MOST_SENTENCES]:
                if _needs(other.text, of):
                    return part, other
    return None


def _needs(sentence: str, of: frozenset[str]) -> bool:
    """Whether a sentence that denies nothing requires it."""
    words = worded(sentence)
    return (
        bool(_REQUIRED.search(sentence))
        and NEGATORS.isdisjoint(words)
        and not of.isdisjoint(_keys(telling(sentence)))
    )


Between = Callable[[Sequence[Sentence], Sequence[Sentence]], tuple[Sentence, Sentence] | None]

TIES: Mapping[Between, DriftKind] = {
    bound_turned: "content",
    move_turned: "number",
    operation_changed: "number",
    denied_instead: "negation",
    cause_turned: "content",
    order_turned: "content",
    way_turned: "content",
    parties_turned: "content",
    exception_turned: "content",
    denial_lifted: "negation",
    base_changed: "content",
    days_dropped: "content",
    claim_raised: "content",
    compound_changed: "content",
    anchor_changed: "content",
    party_exchanged: "content",
    need_dropped: "negation",
    moment_turned: "content",
    opposite_said: "content",
    hedged: "content",
}
"""Each with the kind of drift that it shows, in the order in which they are asked."""
