"""The lines in which a received answer differs from the accepted one."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from pytest_modelpin.wording import clipped

CONTEXT = 3
"""Unchanged lines shown around a change."""

_COMPARED = 1000  # lines a side; beyond it, matching takes longer than anyone wants to read
_WIDTH = 1000  # characters of a line


def difference(accepted: list[str], received: list[str]) -> Iterator[str]:
    """A unified diff without its file header: lines starting with ``-``, ``+``, space or ``@``.

    Takes a few milliseconds for hundreds of lines, because equal lines at both ends are set aside
    and no two lines are compared letter by letter.
    """
    head = _common(accepted, received)
    tail = _common(accepted[head:][::-1], received[head:][::-1])
    start = max(0, head - CONTEXT)
    old = accepted[start : len(accepted) - max(0, tail - CONTEXT)]
    new = received[start : len(received) - max(0, tail - CONTEXT)]
    left_out = max(len(old), len(new)) - _COMPARED
    matcher = SequenceMatcher(None, old[:_COMPARED], new[:_COMPARED], autojunk=False)
    for group in matcher.get_grouped_opcodes(CONTEXT):
        yield f"@@ line {start + group[0][1] + 1} @@"
        for tag, i, i_end, j, j_end in group:
            if tag == "equal":
                yield from (f" {clipped(line, _WIDTH)}".rstrip() for line in old[i:i_end])
            else:
                yield from (f"-{clipped(line, _WIDTH)}" for line in old[i:i_end])
                yield from (f"+{clipped(line, _WIDTH)}" for line in new[j:j_end])
    if left_out > 0:
        yield f"@@ {left_out} more lines were not compared @@"


def _common(one: list[str], other: list[str]) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
