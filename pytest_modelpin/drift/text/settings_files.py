"""Settings inside a text: TOML, and lines of a name, an equals sign and a value."""

from __future__ import annotations

import re
import tomllib

from pytest_modelpin.drift.text.documents import Document, unfenced
from pytest_modelpin.providers.reply import JSON

_SECTION = re.compile(r"\[\[?[\w.:/ \"'-]{1,100}\]\]?\s*(?:[#;].*)?$")
_ASSIGNED = re.compile(r"(?:export\s+)?([A-Za-z_][\w.-]{0,100})\s*=\s*(.*)$")
_COMMENT = re.compile(r"\s+[#;].*$")
_NOTHING = re.compile(r"\s*(?:[#;].*)?")
_LONGEST = 100_000  # characters
_FEWEST = 2  # lines that say anything; one by itself may be an equation
_PROSE = 6  # words of a value without quote marks that is a sentence rather than a setting


def read_settings(before: str, after: str) -> tuple[Document, Document] | None:
    """What both texts set, in TOML or else in lines of names and values; None unless both do.

    Every line has to set a name, to begin a section or to be a comment.
    """
    if "=" not in before or "=" not in after or max(len(before), len(after)) > _LONGEST:
        return None
    (one, fenced), (other, fenced_after) = unfenced(before), unfenced(after)
    lines, lines_after = _lines(one, _FEWEST), _lines(other, 1)
    if lines is None or lines_after is None:
        return None
    typed, typed_after = _toml(one), _toml(other)
    if typed is None or typed_after is None:
        typed, typed_after = _by_lines(lines), _by_lines(lines_after)
    if not typed or not typed_after:
        return None
    return Document(typed, fenced, False), Document(typed_after, fenced_after, False)


def _lines(text: str, fewest: int) -> list[str] | None:
    """The lines that say anything, where the first of them is one of settings."""
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and line[0] not in "#;"]
    if len(lines) < fewest or not (_SECTION.match(lines[0]) or _ASSIGNED.match(lines[0])):
        return None
    return lines


def _toml(text: str) -> JSON:
    try:
        return _plain(tomllib.loads(text))
    except (ValueError, RecursionError):  # of another form, or a number too long to be read
        return None


def _plain(value: object) -> JSON:
    """A value of TOML as JSON has it; dates as they are written."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, int):
        str(value)  # raises ValueError where it is too long to be written as decimals
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def _by_lines(lines: list[str]) -> JSON:
    """Names and values by section, without quote marks; None where a line says anything else."""
    found: dict[str, JSON] = {}
    section = found
    names: set[str] = set()
    bare: set[str] = set()
    for line in lines:
        if _SECTION.match(line):
            name = _COMMENT.sub("", line).strip("[]\" '")
            known = found.setdefault(name, {})
            if not isinstance(known, dict):
                return None
            section = known
            continue
        match = _ASSIGNED.match(line)
        if match is None:
            return None
        value = match[2].strip()
        quoted = value[:1] in ("'", '"') and value[:1]
        if quoted and (end := value.find(quoted, 1)) > 0:
            if not _NOTHING.fullmatch(value[end + 1 :]):
                return None  # what is told after it is a program's
            value = value[1:end]
        else:
            value = _COMMENT.sub("", value)
            if (
                len(value.split()) > _PROSE
                or value[:1] in ("=", "{")
                or "(" in value
                or "=" in value
            ):
                return None  # an equation or a program
            bare.add(value)
        if match[1] in section:
            return None  # set twice, as a list is in some files: the order says something
        section[match[1]] = value
        names.add(match[1])
    # What is set to another name is a program, whose lines have an order.
    return found if bare.isdisjoint(names) else None
