"""SQL statements without what is taste: aliases, the case of keywords, the order of conditions."""

from __future__ import annotations

import re

_WORD = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|[\w.]+|[^\w\s]")
_ALIAS = re.compile(
    r"\b(?:from|join)\s+([\w.]+)\s+(?:as\s+)?(?!(?:where|on|join|inner|left|right|full|cross|group"
    r"|order|limit|union|using|set|having|offset|natural)\b)([a-z_]\w*)",
    re.IGNORECASE,
)
_TABLE = re.compile(r"\b(?:from|join|update|into)\s+([\w.]+)", re.IGNORECASE)
_SQL_COMMENT = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|(?P<comment>--[^\n]*|/\*.*?\*/)", re.DOTALL)
_CLAUSE_END = frozenset(
    ("group", "order", "limit", "having", "union", "join", "inner", "left", "right", "full",
     "cross", "returning", "offset", ";", ")")
)  # fmt: skip


def _kept_text(match: re.Match[str]) -> str:
    return " " if match["comment"] else match[0]


def read_query(text: str) -> list[str]:
    """An SQL statement's words, tables for their aliases, conditions joined by AND in order."""
    text = _SQL_COMMENT.sub(_kept_text, text)
    tables = {alias.lower(): table.lower() for table, alias in _ALIAS.findall(text)}
    text = _ALIAS.sub(lambda m: m[0][: m.start(1) - m.start()] + m[1], text)
    named = {table.lower() for table in _TABLE.findall(text)}
    words: list[str] = []
    for word in _WORD.findall(text):
        if word[0] in "'\"":
            words.append(word)
            continue
        owner, dot, column = word.lower().partition(".")
        table = tables.get(owner, owner)
        # Of one table alone, a column is the same with or without its name.
        words.append(column if dot and named == {table} else table + dot + column)
    while words and words[-1] == ";":
        words.pop()
    plain = [
        word
        for place, word in enumerate(words)
        if not (word in ("inner", "outer") and "join" in words[place + 1 : place + 2])
        and word != "asc"  # the order that is meant where none is named
    ]
    text = _UNLIKE.sub("!=", " ".join(plain))
    text = _ANY_OF.sub(_as_list, text)
    text = _BETWEEN.sub(r"\1 >= \2 and \1 <= \3", text)
    text = text.replace("> =", ">=").replace("< =", "<=")
    text = _without_column_names(text)
    return _conditions_in_order(_sides_in_order(text.split(" ")))


_UNLIKE = re.compile(r"(?<= )< >(?= )|(?<= )! =(?= )")
_BETWEEN = re.compile(r"(?<!not )([\w.]+) between (\S+) and (\S+)(?= |$)")
_ANY_OF = re.compile(
    r"(?P<column>[\w.]+) = (?P<first>\S+)(?P<more>(?: or (?P=column) = \S+)+)(?! and)"
)
"""One column that may be this or that, of nothing that AND binds closer."""


_COLUMN_NAME = re.compile(r"(\w+ \( [^()]{0,100} \)) as (\w+)(?= |$)")


def _without_column_names(text: str) -> str:
    """What is counted or summed up without a name of its own, and in place of it."""
    for counted, name in _COLUMN_NAME.findall(text)[:20]:
        text = text.replace(f"{counted} as {name}", counted, 1)
        text = " ".join([counted if word == name else word for word in text.split(" ")])
    return text


def _as_list(match: re.Match[str]) -> str:
    """`x = 1 or x = 2` as `x in ( 1 , 2 )`."""
    others = [each.rpartition(" = ")[2] for each in match["more"].split(" or ")[1:]]
    before = match.string[: match.start()].split(" ")[-2:-1]
    if before == ["and"]:
        return match[0]
    return f"{match['column']} in ( {' , '.join([match['first'], *others])} )"


def _sides_in_order(words: list[str]) -> list[str]:
    """Both sides of an equation in order: `a.x = b.y` is `b.y = a.x`, but not in a SET."""
    found = list(words)
    for place in range(1, len(found) - 1):
        one, sign, other = found[place - 1 : place + 2]
        columns = "." in one and "." in other and other[0] not in "'\""
        if sign == "=" and columns and one > other:
            found[place - 1], found[place + 1] = other, one
    return found


def _conditions_in_order(words: list[str]) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(words):
        found.append(words[at])
        at += 1
        if found[-1] not in ("where", "on", "having"):
            continue
        end, depth = at, 0
        while end < len(words) and not (depth == 0 and words[end] in _CLAUSE_END):
            depth += (words[end] == "(") - (words[end] == ")")
            end += 1
        found += _sorted_conditions(words[at:end])
        at = end
    return found


def _sorted_conditions(words: list[str]) -> list[str]:
    """Conditions joined by AND alone, in order; as they are where anything else joins them."""
    parts: list[list[str]] = [[]]
    depth = 0
    between = False
    for word in words:
        depth += (word == "(") - (word == ")")
        if depth == 0 and word == "or":
            return words
        if depth == 0 and word == "between":
            between = True
        if depth == 0 and word == "and" and not between:
            parts.append([])
            continue
        if word == "and":
            between = False
        parts[-1].append(word)
    return [word for n, part in enumerate(sorted(parts)) for word in (["and"] if n else []) + part]
