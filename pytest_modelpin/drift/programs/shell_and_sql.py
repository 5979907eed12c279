"""Shell command lines and SQL statements, read as what they do.

`-rn` is `-r -n`, `--recursive` may be `-r`. Which short flag stands for which long one differs from
program to program. Most are the initial of one of the long one's words (`-n` for `--line-number`),
which is what is gone by here: a short flag of one side may stand for a long one of the other where
all else is equal.

SQL is read without what is taste: aliases, the case of keywords, the order of conditions.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

_LONGEST = 2000  # characters of a script that are read
_SHORT = re.compile(r"-[A-Za-z]+$")
_LONG = re.compile(r"--[A-Za-z][\w-]*$")
_THEN = re.compile(r"(?:(?<!\s)\s+)?(?:&&|;)\s+(?=[^'\"]*(?:'[^']*'[^'\"]*|\"[^\"]*\"[^'\"]*)*$)")
"""What joins two commands as well as the end of a line does; not within quotes."""
_COMMAND = re.compile(r"[a-z][\w.+-]*(?:\s|$)")

_REVISION = re.compile(r"(?<=\w)(?:\^|~(?!\d))+$")
"""Parents of a commit as git also writes them: HEAD^ and HEAD~ are HEAD~1."""


def _first_parent(match: re.Match[str]) -> str:
    return f"~{len(match.group())}"


_SEVERAL = 3  # flags in a row
Item = str | tuple[str, ...]
"""A word, a sign between two commands, or flags that stand in a row."""


def same_commands(before: str, after: str) -> bool:
    """Whether two scripts run the same commands but for the spelling of their flags."""
    if max(len(before), len(after)) > _LONGEST or "-" not in before:
        return False
    one, other = _items(before), _items(after)
    flagged = any(isinstance(item, tuple) for item in (*one, *other))
    joined = one.count("\n") > 1
    if not (flagged or joined) or not one:
        return False  # without flags nothing shows that it is a command line at all
    if len(one) == len(other) and all(map(_same_item, one, other)):
        return True
    return flagged and _may_stand(one, other) and _options(one) == _options(other)


def _may_stand(one: Sequence[Item], other: Sequence[Item]) -> bool:
    """Whether each long flag that one side alone has may stand for a short one of the other's."""
    mine, theirs = (
        {flag for item in items if isinstance(item, tuple) for flag in item}
        for items in (one, other)
    )
    long, long_after = (
        sum(flag.startswith("--") for flag in alone) for alone in (mine - theirs, theirs - mine)
    )
    return long <= len(theirs - mine) - long_after and long_after <= len(mine - theirs) - long


def is_command(text: str) -> bool:
    """Whether each line of a text is a command with a flag, and no sentence."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return (
        0 < len(lines) <= _MOST_LINES
        and all(map(_WITH_FLAG.match, lines))
        and not any(line.rstrip()[-1] in ".!?:,;" or ", " in line for line in lines)
        and bool(_items(text))
    )


_MOST_LINES = 20
_LONGEST_LINE = 4_000  # characters
_OF_LINES = ("head", "tail")  # others mean something else by `-5`, such as lines around a match
_COUNT = re.compile(r"-\d+")
_WITH_FLAG = re.compile(r"(?:\$ )?[a-z][\w.+-]*(?: [^\s,]+)* --?[A-Za-z]")


def _same_item(one: Item, other: Item) -> bool:
    return one == other or (
        isinstance(one, tuple) and isinstance(other, tuple) and _same_flags(one, other)
    )


def _options(items: Sequence[Item]) -> object:
    """Command by command, its words in order and what each long flag, or its initial, is given.

    A single flag before a word may be given that word, in whatever order such flags come.
    """
    found: list[tuple[list[str], list[tuple[str, str]]]] = [([], [])]
    for place, item in enumerate(items):
        words, options = found[-1]
        if item == "\n":
            options.sort()
            found.append(([], []))
        elif isinstance(item, tuple):
            following = items[place + 1] if place + 1 < len(items) else ""
            value = following if isinstance(following, str) and len(item) == 1 else ""
            initial = item[0].lstrip("-")[:1] if len(item) == 1 else "".join(item)
            # Few programs follow their own initials here, and what is given tells as much.
            options.append(("" if value.isupper() else initial.lower(), value))
        elif not (place and isinstance(items[place - 1], tuple) and len(items[place - 1]) == 1):
            words.append(item)
    return found


@lru_cache(maxsize=1024)
def _items(text: str) -> Sequence[Item]:
    """Empty where it can't be a script: a line begins unlike a program's name, a quote stays open.

    What a flag is given is a word after it, so flags on either side of a word keep their order.
    """
    found: list[Item] = []
    flags: list[str] = []

    def word(text: str) -> None:
        if flags:
            found.append(tuple(flags))
            flags.clear()
        found.append(text)

    for line in text.replace("\\\n", " ").splitlines():
        line = line.strip().removeprefix("$ ")
        if not line or line.startswith("#"):
            continue
        if len(line) > _LONGEST_LINE or not _COMMAND.match(line):
            return ()
        line = _THEN.sub(" ; ", line)
        try:
            tokens = shlex.split(line, comments=True)
        except ValueError:
            return ()
        for program, each in pairwise(["", *tokens]):
            if program in _OF_LINES and _COUNT.fullmatch(each):  # head -5
                flags.append("-n")
                word(each[1:])
            elif _SHORT.match(each):
                flags += [f"-{letter}" for letter in each[1:]]
            elif each.startswith("--"):
                name, equals, value = each.partition("=")
                flags += [name] if name != "--" else []
                if equals:
                    word(value)
            else:
                word("\n" if each == ";" else _REVISION.sub(_first_parent, each))
        word("\n")
    return tuple(found)


def _same_flags(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether each flag of one side stands for one of the other's."""
    if len(one) != len(other):
        return False
    left = list(other)
    unlike = []
    for flag in one:
        if flag in left:
            left.remove(flag)
        else:
            unlike.append(flag)
    for flag in tuple(unlike):
        match = next((each for each in left if _stands_for(flag, each)), None)
        if match is not None:
            left.remove(match)
            unlike.remove(flag)
    # Among several that are spelt out, the last may have its letter within: `-z` for `--gzip`.
    few = len(unlike) == 1 and len(one) >= _SEVERAL
    return not unlike or (few and _is_within(unlike[0], left[0]))


def _is_within(one: str, other: str) -> bool:
    """Whether one is a short flag whose letter a long one has somewhere."""
    short, long = sorted((one, other), key=len)
    return bool(_SHORT.match(short) and _LONG.match(long)) and short[1].lower() in long[2:]


def _stands_for(one: str, other: str) -> bool:
    """Whether one is a short flag that may be the other, a long one, or the other way round."""
    short, long = sorted((one, other), key=len)
    if not (_SHORT.match(short) and _LONG.match(long)):
        return False
    return short[1].lower() in {word[0].lower() for word in long[2:].split("-") if word}


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
_BETWEEN = re.compile(r"(?<![\w.])(?<!not )([\w.]+) between (\S+) and (\S+)(?= |$)")
_ANY_OF = re.compile(
    r"(?<![\w.])(?P<column>[\w.]+) = (?P<first>\S+)(?P<more>(?: or (?P=column) = \S+)+)(?! and)"
)
"""One column that may be this or that, of nothing that AND binds closer."""


_COLUMN_NAME = re.compile(r"\b(\w+ \( [^()]{0,100} \)) as (\w+)(?= |$)")


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
