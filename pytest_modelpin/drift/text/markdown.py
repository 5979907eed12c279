"""A text as Markdown: code blocks, prose, how it is laid out, and what its table says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pytest_modelpin.drift.lexicon.common_words import OPENING

_MOST_CELLS = 2000


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


@lru_cache(maxsize=256)  # of the texts of a case, each is held against several
def layout(text: str) -> Layout:
    """The Markdown structure of a text."""
    read = read_markdown(text)
    return Layout(
        opens_with_courtesy(text), read.headings, read.items, read.steps, read.rows, read.emphasis
    )


def opens_with_courtesy(text: str) -> bool:
    """Whether an answer begins with "Sure! Here is…" or its like instead of the answer."""
    return _opening(text) is not None


def says_opening(text: str, other: str) -> bool:
    """Whether the other text says the opening's words too, first or elsewhere."""
    match = _opening(text)
    if match is None or opens_with_courtesy(other):
        return True
    return match.group() in other.lower()


def _opening(text: str) -> re.Match[str] | None:
    return OPENING.match(text[:400].lower().replace("’", "'").lstrip())


if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_MARK = r"[ \t]*(?:[#>|`~*+•‣◦-]|\d{1,3}[.)][ \t])"
_FIRST_MARK, _LATER_MARK = re.compile(_MARK), re.compile(rf"\n{_MARK}")
_CLOSING_BAR = re.compile(r"\|[ \t]*$", re.MULTILINE)
_BULLET = re.compile(r"^[ \t]*[•‣◦][ \t]+\S", re.MULTILINE)
"""Bullets that people type and Markdown does not know."""
_EMPHASIS = re.compile(r"\*\*[^*\n]+\*\*|__[^_\n]+__|(?<!\w)\*[^*\s][^*\n]*\*(?!\w)|`[^`\n]+`")
_LONGEST = 50_000  # characters that are read as Markdown; what comes behind is prose


class Markdown(NamedTuple):
    """What Markdown a text uses."""

    prose: str
    """The text without its fenced code blocks."""
    blocks: tuple[str, ...]
    """The code in its fenced blocks; a fence within a longer fence belongs to the code."""
    headings: int
    items: int
    """Of bulleted lists."""
    steps: int
    """Items of numbered lists."""
    rows: int
    """Of tables, their heads included."""
    emphasis: bool


@lru_cache(maxsize=4096)
def read_markdown(text: str) -> Markdown:
    """The blocks of a text; bounded in time whatever it holds."""
    emphasis = ("*" in text or "_" in text or "`" in text) and bool(_EMPHASIS.search(text))
    if not _is_marked(text):
        return Markdown(text, (), 0, 0, 0, 0, emphasis)
    return _read(text, emphasis)


def _is_marked(text: str) -> bool:
    """Whether any line begins or ends as only Markdown's do."""
    return bool(
        _FIRST_MARK.match(text)
        or _LATER_MARK.search(text)
        or ("|" in text and _CLOSING_BAR.search(text))
    )


def _read(text: str, emphasis: bool) -> Markdown:
    # Carriage returns and form feeds end no line here, so that lines can be counted.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    blocks: list[str] = []
    hidden: set[int] = set()
    counts = dict.fromkeys(("heading_open", "bullet", "ordered", "tr_open"), 0)
    lists: list[str] = []
    for token in _tokens(text[:_LONGEST]):
        sort = token.type
        if sort == "fence" and token.map:
            blocks.append(token.content.removesuffix("\n"))
            hidden.update(range(*token.map))
        elif sort in ("bullet_list_open", "ordered_list_open"):
            lists.append(sort.partition("_")[0])
        elif sort in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif sort == "list_item_open" and lists:
            counts[lists[-1]] += 1
        elif sort in counts:
            counts[sort] += 1
    kept = [line for number, line in enumerate(lines) if number not in hidden]
    prose = "\n".join(kept) if hidden else text
    return Markdown(
        prose,
        tuple(blocks),
        counts["heading_open"],
        counts["bullet"] + len(_BULLET.findall(prose)),
        counts["ordered"],
        counts["tr_open"],
        emphasis,
    )


def _tokens(text: str) -> list[Token]:
    return _reader().parse(text)


@cache
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"maxNesting": 20}).enable("table")
    # Blocks are all that is asked for; what stands inside a line is read as words. Four spaces of
    # indentation are as often a list's as a program's.
    reader.core.ruler.disable(["inline", "text_join"])
    return reader.disable(["code", "html_block", "reference"])


@lru_cache(maxsize=4096)
def table(text: str) -> Sequence[Sequence[str]]:
    """The rows of the one table of a text, its head first; empty where there is none or several."""
    if "|" not in text:
        return ()
    rows = [
        [cell.strip(" *_`") for cell in line.strip().strip("|").split("|")]
        for line in text.splitlines()
        if line.count("|") >= 2
    ]
    rules = [place for place, row in enumerate(rows) if all(set(c) <= set("-: ") for c in row)]
    if rules != [1] or len(rows) * len(rows[0]) > _MOST_CELLS:
        return ()
    return [rows[0], *rows[2:]]
