"""The table of a text: its rows by their names, and a row that is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from pytest_modelpin.drift.text.sentences import key_of

_MOST_CELLS = 2000
_FEWEST = 2  # rows of a table that has names to be told apart by


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


def named_rows(text: str) -> Mapping[str, str]:
    """By the first cell of each row, all of the row; empty where two rows have the same name."""
    rows = table(text)[1:]
    found = {key_of(row[0]): " | ".join(row) for row in rows if row[0]}
    return found if len(found) == len(rows) >= _FEWEST else {}


def row_lost(before: str, after: str) -> str | None:
    """A row of the first text's table that the second's, which has fewer, does not have.

    A name that the second text says anywhere is not gone.
    """
    rows, rows_after = named_rows(before), table(after)[1:]
    if not rows or not 0 < len(rows_after) < len(rows):
        return None
    said = key_of(after)
    return next((row for name, row in rows.items() if name not in said), None)
