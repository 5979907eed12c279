"""Values that stand beside a name in all of the pin's samples: fields, cells of a table, literals.

A name says where a value belongs, whatever the order of fields, rows and columns. So these are held
one by one, while the text around them is read as prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from pytest_modelpin.drift.drift import Break, DriftKind, drift_of
from pytest_modelpin.drift.figures.numbers import same
from pytest_modelpin.drift.figures.quantities import quantities
from pytest_modelpin.drift.invariants.sample_text import SampleText
from pytest_modelpin.drift.programs.program_code import literal_values, looks_like_code
from pytest_modelpin.drift.text.markdown import table
from pytest_modelpin.drift.text.sentences import key_of, topic
from pytest_modelpin.drift.text.similarity import related
from pytest_modelpin.drift.text.tokens import worded

_LONGEST = 4  # words of a value; a longer one is prose

_Name = TypeVar("_Name")
Cell = tuple[str, str]
"""What the row is of, and the column's head."""


def field_breaks(pins: Sequence[SampleText], candidate: SampleText, where: str) -> Iterable[Break]:
    """Fields and cells to which all of the pin's samples give one value, and this one another."""
    given = _short_fields(candidate.markdown.prose)
    usual = [_short_fields(pin.markdown.prose) for pin in pins] if given else []
    for name, values, now in _beside(usual, given):
        if _agree(values) and not _alike(values[0], now):
            yield _break(name, f"{name}: {values[0]}", f"{name}: {now}", where)
    heads = _heads(pins[0].text)
    if not heads or "|" not in candidate.text:
        return
    for cell, values, now in _beside(
        [_cells(pin.text, heads) for pin in pins], _cells(candidate.text, heads)
    ):
        if _agree(values) and not _alike(values[0], now):
            row, head = cell
            yield _break(cell, f"{row}, {head}: {values[0]}", f"{row}, {head}: {now}", where)


def program_in(text: SampleText) -> str:
    """The program that a text gives: its blocks, or else its paragraphs that are code."""
    if text.is_code:
        return text.text
    if text.markdown.blocks:
        return "\n".join(text.markdown.blocks)
    parts = text.text.split("\n\n")
    return "\n".join(filter(looks_like_code, parts)) if len(parts) > 1 else ""


def _break(name: object, before: str, after: str, where: str) -> Break:
    kind: DriftKind = "number" if quantities(before) and quantities(after) else "content"
    return Break(("field", str(name)), drift_of(kind, where, before, after, "regression"))


def _beside(
    usual: Sequence[Mapping[_Name, str]], now: Mapping[_Name, str]
) -> Iterable[tuple[_Name, list[str], str]]:
    """What all samples of the pin and this one have by the same name."""
    for name, value in now.items():
        if all(name in each for each in usual):
            yield name, [each[name] for each in usual], value


def _agree(values: Sequence[str]) -> bool:
    return all(_alike(values[0], other) for other in values[1:]) and (
        0 < len(values[0].split()) <= _LONGEST
    )


def _alike(one: str, other: str) -> bool:
    """Whether two values may mean the same: another word counts only where nothing ties them."""
    if key_of(one) == key_of(other):
        return True
    figures, figures_after = quantities(one), quantities(other)
    if figures and figures_after:
        return len(figures) != len(figures_after) or all(map(same, figures, figures_after))
    if len(other.split()) > _LONGEST:
        return True
    mine, theirs = topic(one), topic(other)
    return not mine.isdisjoint(theirs) or related(worded(one), worded(other))


_FIELD = re.compile(
    r"^[ \t]*(?:[-*+•]\s+|\d{1,2}[.)]\s+)?[*_]{0,2}(?P<name>[^\W\d_][\w /-]{1,30}?)[*_]{0,2}"
    r"[ \t]*:[*_]{0,2}[ \t]+(?P<value>[^\n]+)$",
    re.MULTILINE,
)
_VALUE_ENDS = re.compile(r"(?<=\w)[.;](?:\s|$)|\s[–—]\s")
_LONGEST_VALUE = 6  # words; a longer one is a sentence, which may say the same in other words


@lru_cache(maxsize=4096)
def _short_fields(text: str) -> Mapping[str, str]:
    """By name, the short value of each field that a text has once."""
    found: dict[str, str] = {}
    several: set[str] = set()
    for match in _FIELD.finditer(text) if ":" in text else ():
        name = " ".join(match["name"].lower().split())
        value = _VALUE_ENDS.split(match["value"], maxsplit=1)[0].strip(" *_`\"'.")
        several.update({name} & found.keys())
        found[name] = value
    return {
        name: value
        for name, value in found.items()
        if name not in several and 0 < len(value.split()) <= _LONGEST_VALUE
    }


def _heads(text: str) -> Sequence[str]:
    rows = table(text)
    return rows[0][1:] if rows else ()


def _cells(text: str, heads: Sequence[str]) -> Mapping[Cell, str]:
    """By row and head, what a table says; its columns are found by what their heads share."""
    rows = table(text)
    if not rows:
        return {}
    columns = {
        head: place
        for head in heads
        for place, told in enumerate(rows[0])
        if place and (key_of(told) == key_of(head) or topic(told) & topic(head))
    }
    return {
        (key_of(row[0]), head): row[place]
        for row in rows[1:]
        for head, place in columns.items()
        if place < len(row)
    }


def literal_breaks(
    pins: Sequence[SampleText], candidates: Sequence[SampleText], where: str
) -> Iterable[Break]:
    """Literals and named arguments that part all programs of the pin's from all of the other's."""
    mine = [literal_values(program_in(pin)) for pin in pins]
    theirs = [literal_values(program_in(each)) for each in candidates]
    gone = frozenset.intersection(*mine).difference(*theirs)
    new = frozenset.intersection(*theirs).difference(*mine)
    if gone or new:
        before = ", ".join(sorted(gone)) or None
        yield Break(
            ("literals",), drift_of("content", where, before, ", ".join(sorted(new)) or None)
        )
