"""A terminal's colours and columns; in colour, the words that differ in two texts, and a summary.

`wrapped` keeps ids, paths and commands whole; what `fitted` and `table` lay out is an answer or a
table, which nobody copies, and always fits, with characters twice as wide.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, NamedTuple, TextIO
from unicodedata import combining, east_asian_width

_CODES = {"bold": 1, "dim": 2, "strike": 9, "red": 31, "green": 32, "yellow": 33, "cyan": 36}
_OF_WORD: Mapping[str, tuple[str, ...]] = {
    "red": ("red", "bold"),
    "green": ("green", "bold"),
    "inconclusive": ("yellow", "bold"),
    "regression": ("red", "bold"),
    "review": ("yellow",),
    "info": ("dim",),
    "urgent": ("red", "bold"),
    "warn": ("yellow",),
}
"""Verdicts and severities."""
_SEVERITY = re.compile(r"  (regression|review|info)\b")
_WAS, _IS = "    - ", "    + "
_IN_A_LINE = re.compile(
    r"(?P<what>  (?:regression|review|info) .*?: )(?P<before>.*?) -> (?P<after>.*)"
)
_COUNTS = re.compile(r"\b\d+ (failed|lost to provider errors|left out|drifted)\b")
_OF_COUNT = {
    "failed": ("red", "bold"),
    "lost to provider errors": ("yellow",),
    "left out": ("yellow",),
    "drifted": ("yellow",),
}
_STARTS = {"lost: ": ("yellow",), "left out: ": ("yellow",), "alarm: ": ("red", "bold")}
_COMMAND = re.compile(r"`[^`]+`")
_KEPT = "\x1f"  # a blank at which no line is broken; no text that is shown holds it
_TOKEN = re.compile(r"\n|[^\S\n]+|[$€£]?\d[\d.,:/-]*\d|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours text, or leaves it as it is."""

    on: bool = False

    def paint(self, text: str, *names: str) -> str:
        """The text in these colours (`red`, `bold` …), which end with it."""
        if not self.on or not text or not names:
            return text
        codes = ";".join(str(_CODES[name]) for name in names)
        return f"\x1b[{codes}m{text}\x1b[0m"

    def word(self, word: str, text: str | None = None) -> str:
        """A verdict or severity in its own colour; `text` instead of the word itself."""
        return self.paint(word if text is None else text, *_OF_WORD.get(word.lower(), ()))

    def pair(self, before: str, after: str) -> tuple[str, str]:
        """Both texts, the words that went in red and those that came in green."""
        if not self.on:
            return before, after
        pieces = word_diff(before, after)
        return (
            "".join(self.paint(p.text, *_OLD[p.fate]) for p in pieces if p.fate != "new"),
            "".join(self.paint(p.text, *_NEW[p.fate]) for p in pieces if p.fate != "old"),
        )


_OLD = {"same": (), "old": ("red",), "new": ()}
_NEW = {"same": (), "old": (), "new": ("green",)}

PLAIN = Palette()


def palette(stream: TextIO | None = None, environ: Mapping[str, str] = os.environ) -> Palette:
    """Colours where a person looks: on a terminal, unless `NO_COLOR` is set; `FORCE_COLOR` asks.

    Sources of the two variables: https://no-color.org, https://force-color.org.
    """
    stream = stream or sys.stdout
    if environ.get("NO_COLOR"):
        return PLAIN
    if environ.get("FORCE_COLOR"):
        return Palette(on=True)
    return Palette(on=stream.isatty() and environ.get("TERM") != "dumb")


def width(stream: TextIO | None = None, environ: Mapping[str, str] = os.environ) -> int | None:
    """Columns to lay lines out in; None where nobody sees an edge, as in a pipe or a job's log."""
    if environ.get("COLUMNS", "").isdigit():
        return max(40, int(environ["COLUMNS"]))
    if (stream or sys.stdout).isatty():
        return max(40, shutil.get_terminal_size().columns)
    return None


def wrapped(line: str, columns: int | None, hanging: int | None = None) -> list[str]:
    """The line in pieces of at most so many columns, indented alike, broken at blanks alone.

    The pieces after the first are indented by `hanging` columns; by default two more than the
    first. A longer word, such as a case's id or a path, stays whole, and so does a command in
    backticks: it must bear being copied.
    """
    if columns is None or len(line) <= columns:
        return [line]
    indent = len(line) - len(line.lstrip()) + 2 if hanging is None else hanging
    pieces = textwrap.wrap(
        _COMMAND.sub(lambda found: found[0].replace(" ", _KEPT), line),
        columns,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [piece.replace(_KEPT, " ") for piece in pieces] or [line]


class Piece(NamedTuple):
    """Some text in a row with one fate."""

    fate: Literal["same", "old", "new"]
    text: str


def word_diff(before: str, after: str) -> list[Piece]:
    """Two texts as one, numbers kept whole: without what is new it is `before`, else `after`."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    pieces: list[Piece] = []
    for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            pieces.append(Piece("same", "".join(old[i:j])))
            continue
        if i < j:
            pieces.append(Piece("old", "".join(old[i:j])))
        if k < m:
            pieces.append(Piece("new", "".join(new[k:m])))
    return pieces


def styled(line: str, palette: Palette) -> str:
    """A line of the summary with its verdicts, severities and outcomes in colour.

    The line is redacted before: colours come last, so that no secret hides between two codes.
    """
    if match := _SEVERITY.match(line):
        return f"  {palette.word(match[1], match[1])}{line[match.end(1) :]}"
    for start, names in _STARTS.items():
        if line.startswith(start):
            return palette.paint(start, *names) + line[len(start) :]
    return _COUNTS.sub(lambda found: palette.paint(found[0], *_OF_COUNT[found[1]]), line)


def painted(lines: Sequence[str], palette: Palette) -> list[str]:
    """All lines of the summary, `styled`, and in what was and is the words that differ."""
    done: list[str] = []
    for line, after in zip(lines, [*lines[1:], ""], strict=False):
        if line.startswith(_WAS) and after.startswith(_IS):
            old, _ = palette.pair(line[len(_WAS) :], after[len(_IS) :])
            done.append(_WAS + old)
        elif line.startswith(_IS) and done and lines[len(done) - 1].startswith(_WAS):
            _, new = palette.pair(lines[len(done) - 1][len(_WAS) :], line[len(_IS) :])
            done.append(_IS + new)
        elif (match := _IN_A_LINE.match(line)) and match["after"].count(" -> ") == 0:
            old, new = palette.pair(match["before"], match["after"])
            done.append(f"{styled(match['what'], palette)}{old} -> {new}")
        else:
            done.append(styled(line, palette))
    return done


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
