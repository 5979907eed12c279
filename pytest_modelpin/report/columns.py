"""Lines and tables within the columns of a terminal: in colours, and with characters twice as wide.

`ansi.wrapped` keeps ids, paths and commands whole; what is laid out here is an answer or a table,
which nobody copies, and always fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from unicodedata import combining, east_asian_width

_CODE_OR_CHARACTER = re.compile(r"\x1b\[[\d;]*m|.", re.DOTALL)
_CODE = re.compile(r"\x1b\[[\d;]*m")
_GAP = "  "  # between the columns of a table


def shown_width(text: str) -> int:
    """How many columns a text takes, codes of colours none, Chinese and the like two."""
    text = _CODE.sub("", text)
    if text.isascii():
        return len(text)
    return sum(map(_width, text))


def fitted(line: str, columns: int | None, hanging: int) -> list[str]:
    """The line in pieces of at most so many columns, broken at blanks, and in a word too long.

    The pieces after the first are indented by `hanging` columns. Colours go on over a break.
    """
    if columns is None or shown_width(line) <= columns:
        return [line]
    pieces = [""]
    room, used = columns, 0
    for word, width in _words(line):
        blank = word.isspace()
        if used + width > room and not blank and used > 0 and width <= columns - hanging:
            pieces[-1] = pieces[-1].rstrip(" ")
            pieces.append("")
            room, used = columns - hanging, 0
        for each in _CODE_OR_CHARACTER.findall(word):
            wide = shown_width(each)
            if used + wide > room:
                if blank:
                    continue
                pieces.append("")
                room, used = columns - hanging, 0
            if blank and used == 0 and len(pieces) > 1:
                continue
            pieces[-1] += each
            used += wide
    first, *rest = (piece for number, piece in enumerate(pieces) if piece or not number)
    return [first.rstrip(" "), *(" " * hanging + piece.rstrip(" ") for piece in rest)]


def table(
    rows: Sequence[Sequence[str]], columns: int | None = None, *, right: bool = False
) -> list[str]:
    """Rows with a heading, the first of them, in columns of one width.

    Where that is too wide, a block a row: its first cell, and each other one below by its heading.
    `right` aligns all but the first to the right.
    """
    widths = [max(map(shown_width, column)) for column in zip(*rows, strict=True)]
    if columns is None or sum(widths) + len(_GAP) * (len(widths) - 1) <= columns:
        return [
            _GAP.join(
                _padded(cell, width, right=right and number > 0)
                for number, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
    heading, *others = rows
    label = max(map(shown_width, heading[1:]), default=0)
    lines: list[str] = []
    for first, *cells in others:
        lines += fitted(first, columns, 2)
        for name, cell in zip(heading[1:], cells, strict=True):
            if cell:
                lines += fitted(f"  {_padded(name, label)}{_GAP}{cell}", columns, label + 4)
    return lines


def _padded(cell: str, width: int, *, right: bool = False) -> str:
    blanks = " " * (width - shown_width(cell))
    return blanks + cell if right else cell + blanks


def _words(line: str) -> Iterator[tuple[str, int]]:
    """Words and the blanks between them, each with the columns it takes."""
    for word in re.findall(r" +|[^ ]+", line):
        yield word, shown_width(word)


def _width(character: str) -> int:
    if combining(character):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
