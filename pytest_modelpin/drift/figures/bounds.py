"""Which figures of a text are the most, and which the least, of what they count.

"At least 20 cm", "20 cm or more" and "no less than 20 cm" are one bound, and so is "more than 20 cm"
for what is asked here: on which side of the figure all lies.
"""

# ruff: noqa: E501 - patterns stay in one piece

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import islice

from pytest_modelpin.drift.figures.numbers import Quantity, Value, same
from pytest_modelpin.drift.figures.quantities import quantities
from pytest_modelpin.drift.lexicon.opposites import DENYING
from pytest_modelpin.drift.text.sentences import Sentence
from pytest_modelpin.drift.text.tokens import levelled, worded

_MOST_SENTENCES = 200  # of a text that are read
_MOST_BOUNDS = 200  # of a sentence

_BOUND = re.compile(
    r"\b(?P<open>up to|as (?:many|much|long) as|bis zu|jusqu'à|hasta|fino a|até)\b"
    r"|\b(?:at most|max(?:imum)?|capped at|höchstens|maximal|au plus|au maximum"
    r"|máxim[oa]|al massimo|massim[oa]|not? (?:over|above|in excess of|plus de|más de)|not exceed(?:ing)?|nicht (?:über|mehr als))\b|最多|至多|最大|以下|以内"
    r"|(?P<least>\b(?:at least|min(?:imum)?|mindestens|wenigstens|au moins|al menos|mínim[oa]|almeno|minim[oa]|pelo menos"
    r"|not (?:under|below)|starting (?:at|from))\b|至少|少なくとも|最低|以上)"
    r"|\b(?:(?P<not>not?|never|n't|nicht|pas|non?)\b[^.,;:]{0,20}?\b)?"
    r"(?:(?P<less>less|fewer|lower|younger|shorter|smaller|lighter|cheaper|cooler|colder|slower|sooner|earlier) than"
    r"|(?P<more>more|(?!rather|other|either|later)\w+er) than)\b"
    r"|\b(?P<above>over|above|exceed(?:s|ing)?|in excess of|über|mehr als|länger als|plus de|au-delà de|más de|superior a|più di|oltre|mais de)\b"
    r"|\b(?P<below>under|below|unter|weniger als|moins de|menos de|inferior a|meno di)\b",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"[ -]?(?:\w+ ){0,2}?(?:(?P<least>(?:or|and) (?:more|over|older|longer|above|up)|upwards|minimum|or higher|at least|oder mehr|ou plus|o más|o più|ou mais)"
    r"|(?:or|and) (?:less|fewer|under|younger|below|shorter)|or lower|maximum|at most|oder weniger|ou moins|o menos|o meno|ou menos|höchstens|maximal)\b",
    re.IGNORECASE,
)
_DEADLINE = re.compile(
    r"\b(?:(?P<least>after|nach|après|después de|dopo|depois de)"
    r"|within|inside(?: of)?|binnen|innerhalb(?: von)?|dans un délai de|en un plazo de|entro|dentro de) ",
    re.IGNORECASE,
)
_BEFORE_FIGURES = frozenset(
    """up many much long bis jusqu hasta fino most max maximum capped maximal plus massimo massima over
    above excess exceed exceeding exceeds least min minimum mindestens wenigstens moins menos almeno
    minimo minima under below starting than mehr mais superior oltre unter weniger inferior
    meno""".split()  # noqa: SIM905
)
"""Words of which every bound before its figure has one, in ASCII."""
_AFTER_FIGURES = frozenset(
    """more over older longer above up upwards minimum higher least mehr plus mais less fewer under
    younger below shorter lower maximum most weniger moins menos meno maximal""".split()  # noqa: SIM905
)
"""The same of bounds behind their figures."""
_REACH = 12  # characters between a bound and its figure
_TIMES = ("second", "month", "workday")

Bounds = Sequence[tuple[Quantity, frozenset[str]]]
"""Figures and how they are bounded: "most", "least" or both."""


@lru_cache(maxsize=8192)
def bounds(sentence: str) -> Bounds:
    """The figures of a sentence that are the most or the least of what they count.

    "Up to 48 hours before" sets no more than "at least 48 hours before" does, and "over 3 days" is
    mostly how long it takes: of times such words say neither.
    """
    before, behind_it = _before_figures(levelled(sentence)), _may_stand_behind(levelled(sentence))
    if not before and not behind_it:
        return ()
    figures = [q for q in quantities(sentence)[:_MOST_BOUNDS] if q.sort == "number" and not q.soft]
    found: dict[int, set[str]] = {}
    for end, side, vague in before:
        place = next((n for n, q in enumerate(figures) if 0 <= q.start - end <= _REACH), None)
        if place is None or (vague and figures[place].unit in _TIMES):
            continue
        found.setdefault(place, set()).add(side)
    for place, figure in enumerate(figures if behind_it else ()):
        behind = _AFTER.match(sentence, figure.end)
        if behind is not None:
            found.setdefault(place, set()).add("least" if behind["least"] else "most")
    return [(figures[place], frozenset(sides)) for place, sides in found.items()]


@lru_cache(maxsize=8192)
def _before_figures(levelled: str) -> Sequence[tuple[int, str, bool]]:
    """The bounds of a levelled sentence that stand before their figures: where each ends, which it
    is, and whether of times it says neither. To look for words is far cheaper than for bounds.
    """
    if levelled.isascii() and _BEFORE_FIGURES.isdisjoint(worded(levelled)):
        return ()
    found = []
    for match in islice(_BOUND.finditer(levelled), _MOST_BOUNDS):
        least = bool(match["least"] or match["above"] or match["more"]) != bool(match["not"])
        vague = bool(match["open"] or match["above"] or match["below"])
        found.append((match.end(), "least" if least else "most", vague))
    return found


@lru_cache(maxsize=8192)
def _may_stand_behind(levelled: str) -> bool:
    """Whether it has a word of a bound that stands behind its figure."""
    return not (levelled.isascii() and _AFTER_FIGURES.isdisjoint(worded(levelled)))


@lru_cache(maxsize=8192)
def deadlines(sentence: str) -> Bounds:
    """The spans of a sentence within which something is, and those after which it is."""
    spans = [q for q in quantities(sentence)[:_MOST_BOUNDS] if q.unit in _TIMES]
    return [
        (span, frozenset(("least" if match["least"] else "most",)))
        for match in (islice(_DEADLINE.finditer(sentence), _MOST_BOUNDS) if spans else ())
        for span in spans
        if 0 <= span.start - match.end() <= _NEAR
    ]


_NEAR = 4  # characters between such a word and its figure: "the"


def bound_turned(
    before: Sequence[Sentence], after: Sequence[Sentence]
) -> tuple[Sentence, Sentence] | None:
    """The sentences of which one gives as the most what the other gives as the least.

    Only where neither text gives the figure as both, and where either denies as the other does:
    "open until 6" is "closed after 6".
    """
    mine = _sides(before[:_MOST_SENTENCES])
    theirs = _sides(after[:_MOST_SENTENCES]) if mine else {}
    for figure, sides, part in mine.values():
        for other, now, part_after in theirs.values():
            if len(sides) != 1 or len(now) != 1 or sides == now or not same(figure, other):
                continue
            if _denies(part.text) == _denies(part_after.text):
                return part, part_after
    return None


def _sides(
    parts: Sequence[Sentence],
) -> Mapping[Value, tuple[Quantity, frozenset[str], Sentence]]:
    found: dict[Value, tuple[Quantity, frozenset[str], Sentence]] = {}
    for part in parts:
        for figure, sides in (*bounds(part.text), *deadlines(part.text)):
            if figure.value in found:
                known, of, first = found[figure.value]
                found[figure.value] = (known, of | sides, first)
            else:
                found[figure.value] = (figure, sides, part)
    return found


def _denies(sentence: str) -> bool:
    """Whether it denies anything but in a bound: "no more than"."""
    rest = _DEADLINE.sub(" ", _BOUND.sub(" ", sentence))
    return not DENYING.isdisjoint(worded(rest))
