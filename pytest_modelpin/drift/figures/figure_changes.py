"""What became of the figures of one sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from pytest_modelpin.drift.drift import DriftKind
from pytest_modelpin.drift.figures.numbers import Quantity, Unmatched, same, unmatched, zones
from pytest_modelpin.drift.figures.quantities import masked, quantities
from pytest_modelpin.drift.figures.quantity_amounts import NUMBER_WORDS
from pytest_modelpin.drift.figures.quantity_words import counts_only, says, says_days
from pytest_modelpin.drift.lexicon.opposites import LIMITING
from pytest_modelpin.drift.text.sentences import Whole, topic
from pytest_modelpin.drift.text.tokens import meaning, worded

_LEAD = 40  # characters between a count and the colon after what it counts
_NEAR = 0.6  # Dice's coefficient of their words


def figures_changed(
    before: str, after: str, all_before: Whole, all_after: Whole
) -> DriftKind | None:
    """`number` where a figure of the sentence changed, `content` where one was lost or added."""
    one, other = quantities(before), quantities(after)
    if not one and not other:
        return None
    if len(one) == len(other) and [q.value for q in one] == [q.value for q in other]:
        return _zones(before, after, one)
    if (unit := _unit_lost(before, after, one, other)) is not None:
        return unit
    if len(one) == len(other) and worded(masked(before)) == worded(masked(after)):
        pairs = [pair for pair in zip(one, other, strict=True) if not same(*pair)]
        return _kind_of(*(q for pair in pairs for q in pair)) if pairs else None
    left = unmatched(one, other)
    if left.before and left.after and topic(before) - _NUMBERS == topic(after) - _NUMBERS:
        return _kind_of(*left.before, *left.after)  # "twice" for "once", in the same words
    unlimited = LIMITING.isdisjoint(worded(after))  # "only by phone" is no longer two ways
    left = Unmatched(
        tuple(
            [
                q
                for q in left.before
                if not (
                    says(after, q)
                    or (unlimited and _counts_what_follows(before, q))
                    or _counts_one(before, q, after)
                )
            ]
        ),
        tuple(
            [
                q
                for q in left.after
                if not (counts_only(q) or says(before, q) or _counts_one(after, q, before))
            ]
        ),
    )
    gone = [q for q in left.before if not q.soft]
    new = [q for q in left.after if not q.soft]
    if (
        left.before
        and left.after
        and _near(before, after)
        and not _moved(left, all_before, all_after)
    ):
        return _kind_of(*gone, *new) if gone and new else "number"
    # In a reworded sentence a figure may have come from, or gone to, a neighbour.
    gone = [q for q in gone if not all_after.gives(q)]
    new = [q for q in new if not all_before.gives(q)]
    if gone and new:
        return _kind_of(*gone, *new)
    telling = (*gone, *(q for q in new if not counts_only(q)))
    days = [q for q in telling if q.sort == "weekday"]
    if days and (says_days(before) or says_days(after)):
        return "number"  # of one's weekends or workdays the other's is none
    if days and frozenset(worded(masked(after))) < frozenset(worded(masked(before))):
        return "content"  # it lost its day and says nothing else
    return "content" if [q for q in telling if q.sort not in ("weekday", "letter")] else None


_NUMBERS = frozenset(map(meaning, NUMBER_WORDS))


def _moved(left: Unmatched, all_before: Whole, all_after: Whole) -> bool:
    """Whether sentences were cut elsewhere: figures of different sorts, all given on both sides.

    Two of one sort that took each other's places are a change, wherever else they stand.
    """
    sorts = {(q.sort, q.unit) for q in left.before}
    return (
        sorts.isdisjoint((q.sort, q.unit) for q in left.after)
        and all(map(all_after.gives, left.before))
        and all(map(all_before.gives, left.after))
    )


_ONE = r"\b(?:an?|one|each|eine?[mnrs]?|une?|un[ao]?|uma?)\s+"


def _counts_one(sentence: str, figure: Quantity, other: str) -> bool:
    """Whether a figure is the one of "1 teaspoon" where the other sentence says "a teaspoon"."""
    if figure.plain != (Decimal(1),):
        return False
    told = sentence[figure.start :].strip()
    of = re.match(r"1\s+([^\W\d_]{3,})", told)
    return of is not None and bool(re.search(_ONE + re.escape(of[1]), other, re.IGNORECASE))


def _counts_what_follows(sentence: str, figure: Quantity) -> bool:
    """Whether a figure only counts what the sentence then lists: "two ways: by mail or phone"."""
    return counts_only(figure) and 0 < sentence.find(":", figure.end) <= figure.end + _LEAD


def _unit_lost(
    before: str, after: str, one: Sequence[Quantity], other: Sequence[Quantity]
) -> DriftKind | None:
    """`content` where a figure stands without its unit in a sentence that is else the same."""
    if len(one) != len(other) or worded(masked(before)) != worded(masked(after)):
        return None
    lost = [
        a.unit != b.unit and None in (a.unit, b.unit) and set(a.plain) & set(b.plain)
        for a, b in zip(one, other, strict=True)
    ]
    return "content" if any(lost) else None


def _zones(before: str, after: str, figures: Sequence[Quantity]) -> DriftKind | None:
    """`number` where the same time is given in another zone, `content` where it is in none."""
    if not any(q.sort == "time" for q in figures):
        return None
    one, other = zones(before), zones(after)
    if one == other:
        return None
    return "number" if one and other else "content"


def _near(before: str, after: str) -> bool:
    """Whether a sentence is the other's but for its figures, or speaks of much the same."""
    template, template_after = worded(masked(before)), worded(masked(after))
    return (
        template == template_after
        or _dice(frozenset(template), frozenset(template_after)) >= _NEAR
        or _dice(topic(before), topic(after)) >= _NEAR
    )


def _kind_of(*figures: Quantity) -> DriftKind:
    """A link or a letter that changed is content; every other figure is a number."""
    return "content" if all(q.sort in ("link", "letter") for q in figures) else "number"


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    if not one and not other:
        return 1.0
    return 2 * len(one & other) / (len(one) + len(other))
