"""Two answers as one text of words that stayed, went and came; numbers are kept whole."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

_TOKEN = re.compile(r"\n|[^\S\n]+|[$€£]?\d[\d.,:/-]*\d|\w+|[^\w\s]")


class Piece(NamedTuple):
    """Some text in a row with one fate."""

    fate: Literal["same", "old", "new"]
    text: str


def word_diff(before: str, after: str) -> list[Piece]:
    """The pieces in order: without the new ones they are `before`, without the old ones `after`."""
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
