"""How a text is laid out: openings such as "Sure! Here is…", headings, lists, tables, emphasis."""

# ruff: noqa: E501 - tables and patterns stay in one piece

from __future__ import annotations

import re
from typing import NamedTuple

from pytest_modelpin.drift.drift import Drift
from pytest_modelpin.drift.lexicon.phrases import OPENING
from pytest_modelpin.drift.severity import found

_LINE = re.compile(
    r"^[ \t]*(?:(?P<heading>#{1,6}[ \t]+\S)|(?P<item>[-*+•‣◦][ \t]+\S)|(?P<step>\d{1,3}[.)][ \t]+\S)"
    r"|(?P<row>\|[^\n]*\|))",
    re.MULTILINE,
)
_EMPHASIS = re.compile(r"\*\*[^*\n]+\*\*|__[^_\n]+__|(?<!\w)\*[^*\s][^*\n]*\*(?!\w)|`[^`\n]+`")


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
    counts = {"heading": 0, "item": 0, "step": 0, "row": 0}
    # A text of one line that begins with a word needs no search.
    for line in _LINE.finditer(text) if "\n" in text or not text[:1].isalpha() else ():
        counts[line.lastgroup or ""] += 1
    return Layout(
        opens_with_courtesy(text),
        counts["heading"],
        counts["item"],
        counts["step"],
        counts["row"],
        ("*" in text or "_" in text or "`" in text) and bool(_EMPHASIS.search(text)),
    )


def opens_with_courtesy(text: str) -> bool:
    """Whether an answer begins with "Sure! Here is…" or its like instead of the answer."""
    return bool(OPENING.match(text[:400].replace("’", "'").lstrip()))


def _says_opening(text: str, other: str) -> bool:
    """Whether the other text says the opening's words too, first or elsewhere."""
    match = OPENING.match(text[:400].replace("’", "'").lstrip())
    if match is None or opens_with_courtesy(other):
        return True
    return match.group().lower() in other.lower()


def compare_layout(before: str, after: str, where: str = "") -> Drift | None:
    """A `format` drift where the layout changed; at `info` where only emphasis or bullets did."""
    one, other = layout(before), layout(after)
    if one == other:
        return None
    listed, listed_after = one.items + one.steps, other.items + other.steps
    if (
        (one.opening and not _says_opening(before, after))
        or (other.opening and not _says_opening(after, before))
        or bool(one.headings) != bool(other.headings)
        or (listed >= 2 and not listed_after)
        or (listed_after >= 2 and not listed)
        or (one.rows >= 2) != (other.rows >= 2)
    ):
        return found("format", where, str(one), str(other))
    restyled = bool(one.items) != bool(other.items) or one.emphasis != other.emphasis
    return found("format", where, str(one), str(other), "info") if restyled else None
