"""A text as the background of one of its sentences."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from pytest_modelpin.drift.text.language import language
from pytest_modelpin.drift.text.numbers import Figures
from pytest_modelpin.drift.text.quantities import quantities
from pytest_modelpin.drift.text.quantity import Quantity, Value
from pytest_modelpin.drift.text.sentences import Sentence, topic

MOST_FIGURES = 200
"""Figures of a text that are tried one by one; beyond, only the same value counts."""


class Whole:
    """A text as a background: what it says anywhere. Each part is read only when asked for."""

    def __init__(self, text: str, parts: Sequence[Sentence]) -> None:
        self._text = text
        self._parts = parts

    @cached_property
    def text(self) -> str:
        """In lower case."""
        return self._text.lower()

    @cached_property
    def figures(self) -> tuple[Quantity, ...]:
        """Every distinct figure."""
        return tuple(self._by_value.values())

    @cached_property
    def _by_value(self) -> dict[Value, Quantity]:
        return {q.value: q for part in self._parts for q in quantities(part.text)}

    def holds(self, figure: Quantity) -> bool:
        """Whether the text has the figure, in whatever spelling."""
        if figure.value in self._by_value:
            return True
        return self._first_figures.have(figure)

    @cached_property
    def _first_figures(self) -> Figures:
        return Figures(self.figures[:MOST_FIGURES])

    @cached_property
    def topics(self) -> frozenset[str]:
        """The meanings of all its words."""
        return frozenset().union(*(topic(part.text) for part in self._parts))

    def repeats(self, told: frozenset[str], share: float) -> bool:
        """Whether one of the first sentences tells this share of what is told."""
        enough = share * len(told)
        if len(told & self.topics) < enough:
            return False  # not even all sentences together do
        parts = self._parts[:MOST_FIGURES]
        return any(len(told & topic(part.text)) >= enough for part in parts)

    @cached_property
    def english(self) -> bool:
        """Whether it is English, or too short to tell."""
        return self._text.isascii() and language(self._text) in ("en", None)

    @cached_property
    def nouns_capitalised(self) -> bool:
        """True for German, where a capital says nothing."""
        return language(self._text) == "de"
