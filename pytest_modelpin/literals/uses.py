"""What one place in code does with the id that it names.

Most places ask for it. Others are held against ids, as `startswith("gpt-5")` and the expression
`^gpt-5[.]2$` are: written anew, they would tell other models from one another than they do. And
prose speaks of a floating id by its name, which stays true once code asks for the pin.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from pytest_modelpin.literals import Kind
from pytest_modelpin.providers import identify

PATTERN = "part of a pattern that ids are held against"
PREFIX = "ids are told apart by it"
PROSE = "the floating id's name, in prose"
LISTED = "a list or table that names the new id, too"

_SIGN_AHEAD = re.compile(rb"(?:\^|\\[Ab]|\(\?[:=!<][=!]?)\(*$")
_SIGN_BEHIND = re.compile(rb"\\[.\-dDwWsSbBZ(\[]|\(\?|[*+$|\[]|\.[*+]")
"""What regular expressions and globs write beside an id, and little else does: `\\n` ends a line,
and a `?` alone a question."""

_CALL = re.compile(
    rb"\.(?:starts_?with|ends_?with|remove(?:prefix|suffix)|includes|contains|hasPrefix|HasPrefix)"
    rb"\s*\(\s*[\[(]?[^()]*$"
    rb"|\bre\.\w+\s*\(\s*(?:\w+\s*=\s*)?[rRbBuU]{0,2}[\"']$"
    rb"|\b(?:fnmatch(?:case)?|HasPrefix)\s*\([^()]*$",
    re.IGNORECASE,
)
HELD_AGAINST = frozenset({"startswith", "endswith", "removeprefix", "removesuffix"})
"""Methods of Python's strings whose arguments are parts of ids, not ids."""

_WITHIN = re.compile(rb"[\"']\s+in\s")
_LOOKED_AT = 300
"""Bytes ahead in which a call is looked for; what is asked of a longer list of ids is not seen."""

_QUOTES = b"\"'`"
_COMMENT = re.compile(rb"(?:^|\s)#[^\n]*$")


def why_it_stays(text: bytes, start: int, end: int, new: str, kind: Kind | None) -> str | None:
    """Why the id at `text[start:end]` (with its route) is not written anew; None: it is.

    `new` is what would take its place, `kind` how the file is read.
    """
    ahead, behind = text[max(0, start - _LOOKED_AT) : start], text[end : end + 12]
    if _SIGN_AHEAD.search(ahead) or _SIGN_BEHIND.match(behind):
        return PATTERN
    if _CALL.search(ahead):
        return PREFIX
    old = text[start:end].decode()
    if _WITHIN.match(behind) and old in new:
        return PREFIX
    if identify(re.split("[:/]", old)[-1]).kind == "floating" and _is_prose(ahead, behind, kind):
        return PROSE
    return None


def listed_beside(content: bytes, old: str, new: str) -> frozenset[int]:
    """Where `old` ends in Python code as one of a list, or a key of a dictionary, with `new` in it.

    Moved, the list would name `new` twice, and a table of prices tell two of them.
    """
    if old.encode() not in content or new.encode() not in content:
        return frozenset()
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    lines = [0]
    for line in content.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    return frozenset(
        lines[each.end_lineno - 1] + each.end_col_offset - 1  # before the quote
        for node in ast.walk(tree)
        for each in _named_beside(node, old, new)
        if each.end_lineno is not None and each.end_col_offset is not None
    )


def _named_beside(node: ast.AST, old: str, new: str) -> Iterator[ast.Constant]:
    match node:
        case ast.List(elts=each) | ast.Tuple(elts=each) | ast.Set(elts=each):
            members = [one for one in each if isinstance(one, ast.Constant)]
        case ast.Dict(keys=keys):
            members = [one for one in keys if isinstance(one, ast.Constant)]
        case _:
            return
    ids = {one.value: one for one in members if isinstance(one.value, str)}
    if {re.split("[:/]", id)[-1] for id in ids} >= {old, new}:
        yield from (one for id, one in ids.items() if re.split("[:/]", id)[-1] == old)


def _is_prose(ahead: bytes, behind: bytes, kind: Kind | None) -> bool:
    if kind in ("settings", "shell", "dockerfile"):
        return bool(_COMMENT.search(ahead))
    opened, closed = ahead[-1:], behind.removeprefix(b"\\")[:1]
    quotes = b'"' if kind == "json" else _QUOTES
    return not opened or opened not in quotes or opened != closed
