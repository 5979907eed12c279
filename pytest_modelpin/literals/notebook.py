"""The code cells of a Jupyter notebook, each line with its place in the file.

Format: https://nbformat.readthedocs.io/en/latest/format_description.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One line of a code cell."""

    text: str
    start: int
    """Where it stands in the file's text, as JSON writes it."""
    end: int


def code_cells(text: str) -> Iterator[tuple[CodeLine, ...]]:
    """The lines of each code cell; nothing where the text is no notebook.

    What cells have printed is not code, nor is what stands in Markdown.
    """
    try:
        cells = json.loads(text)["cells"]
        at = 0
        for cell in cells:
            source = cell.get("source", ())
            pieces = [source] if isinstance(source, str) else list(source)
            found = []
            for piece in pieces:
                start, end = _place(text, piece, at)
                if start >= 0:
                    found.append(CodeLine(piece, start, end))
                    at = end
            if cell.get("cell_type") == "code":
                yield tuple(found)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return


def _place(text: str, piece: str, after: int) -> tuple[int, int]:
    for ascii_only in (False, True):
        written = json.dumps(piece, ensure_ascii=ascii_only)[1:-1]
        start = text.find(f'"{written}"', after)
        if start >= 0:
            return start + 1, start + 1 + len(written)
    return -1, -1
