"""A figure of a text, with every value that its spelling may have."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal, NamedTuple

Sort = Literal["number", "date", "time", "weekday", "version", "id", "link", "letter"]
Day = tuple[int | None, int, int | None]
"""Year, month, day; None where the text does not say."""


Value = tuple[Sort, tuple[object, ...], str | None]
"""A figure's sort, readings and unit: what it means, however it is spelled."""


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

    @property
    def value(self) -> Value:
        """Equal where two figures are the same for certain."""
        return self.sort, self.readings, self.unit


def made(sort: Sort, readings: tuple[object, ...], match: re.Match[str]) -> Quantity:
    """The figure that a match is, without unit."""
    return Quantity(sort, readings, (), None, False, match.group(), *match.span())
