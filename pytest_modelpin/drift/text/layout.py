"""How a text is laid out: openings such as "Sure! Here is…", headings, lists, tables, emphasis."""

from __future__ import annotations

from typing import NamedTuple

from pytest_modelpin.drift.lexicon.phrases import OPENING
from pytest_modelpin.drift.text.markdown import read_markdown


class Layout(NamedTuple):
    """What Markdown a text uses."""

    opening: bool
    headings: int
    items: int
    steps: int
    rows: int
    emphasis: bool

    def __str__(self) -> str:
        parts = [
            (self.opening, "opening courtesy"),
            (self.headings, "headings"),
            (self.items, "bulleted list"),
            (self.steps, "numbered list"),
            (self.rows, "table"),
            (self.emphasis, "emphasis"),
        ]
        return ", ".join(name for present, name in parts if present) or "plain prose"


def layout(text: str) -> Layout:
    """The Markdown structure of a text."""
    read = read_markdown(text)
    return Layout(
        opens_with_courtesy(text), read.headings, read.items, read.steps, read.rows, read.emphasis
    )


def opens_with_courtesy(text: str) -> bool:
    """Whether an answer begins with "Sure! Here is…" or its like instead of the answer."""
    return bool(OPENING.match(text[:400].replace("’", "'").lstrip()))


def says_opening(text: str, other: str) -> bool:
    """Whether the other text says the opening's words too, first or elsewhere."""
    match = OPENING.match(text[:400].replace("’", "'").lstrip())
    if match is None or opens_with_courtesy(other):
        return True
    return match.group().lower() in other.lower()
