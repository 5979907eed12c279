"""The tokens of a program, and which of its names are variables of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

MOST_TOKENS = 4000
"""Of a program that is read token by token."""

_ENCLOSED = {
    "/*": r"/\*.*?\*/",
    "`": r"`(?:[^`\\]|\\.)*`",
    '"': r'"(?:[^"\\\n]|\\.)*"',
    "'": r"'(?:[^'\\\n]|\\.)*'",
}
"""What has an end of its own, by how it begins."""
_IN_A_LINE = frozenset("\"'")
"""Those that end where their line does."""


@cache  # 16 at most
def _token(unclosed: frozenset[str]) -> re.Pattern[str]:
    """The next token, where nothing is enclosed by what is `unclosed`."""
    comment = r"\#(?![0-9a-fA-F]{3,8}\b)[^\n]*|//[^\n]*|--\s[^\n]*"
    if "/*" not in unclosed:
        comment += "|" + _ENCLOSED["/*"]
    quoted = [_ENCLOSED[mark] for mark in "\"'`" if mark not in unclosed]
    string = "|".join([r'""".*?"""', r"'''.*?'''", *quoted])
    return re.compile(
        rf"""(?P<comment>{comment})
        |(?P<string>{string})
        |(?P<number>\b\d[\w.]*)
        |(?P<word>\w+)
        |(?P<mark>===|!==|==|!=|<=|>=|<>|&&|\|\||->|=>|\+=|-=|\*=|/=|\*\*|::|:=|<<|>>|\+\+|--|[^\w\s])""",
        re.VERBOSE | re.DOTALL,
    )


class Token(NamedTuple):
    """One token, and the line it stands in, from 1."""

    sort: str
    text: str
    line: int


@lru_cache(maxsize=32)  # each sample of a case is held against several
def read_tokens(text: str, *, sql: bool) -> list[Token]:
    """The tokens of a program; no comma before a closing bracket, no semicolon at the end.

    Nobody changes the list.
    """
    tokens, line, at = [], 1, 0
    for match in _matches(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        told = match.group()
        sort = match.lastgroup or "mark"
        if sort == "string":
            told = told.strip("\"'`") if not sql else told
        elif sql and sort == "word":
            told = told.lower()
        tokens.append(Token(sort, told, line))
    while tokens and tokens[-1].text == ";":
        tokens.pop()
    return [
        token
        for token, following in pairwise([*tokens, Token("mark", "", 0)])
        if not (token.text == "," and following.text in (")", "]", "}"))
    ]


def _matches(text: str) -> Iterator[re.Match[str]]:
    """Every token. What has begun and does not end is looked for once, not at each of its kind."""
    at, end = 0, len(text)
    unclosed = for_good = frozenset[str]()
    while at < len(text):
        match = _token(unclosed).search(text, at, end)
        if match is None:
            at, end, unclosed = end, len(text), for_good
            continue
        yield match
        at = match.end()
        begun = _begun(text, match)
        if begun and end == len(text) and begun not in _IN_A_LINE:
            for_good |= {begun}
        elif begun and end == len(text):
            newline = text.find("\n", at)
            end = end if newline < 0 else newline
        if begun:
            unclosed |= {begun}


def _begun(text: str, match: re.Match[str]) -> str:
    """What this mark would begin if it had an end; empty where it is an ordinary one."""
    if match.lastgroup != "mark":
        return ""
    mark = match.group()
    if mark == "/" and text.startswith("*", match.end()):
        return "/*"
    return mark if mark in _ENCLOSED else ""


def renamed(before: list[Token], after: list[Token]) -> bool:
    """Whether all that differs is what two programs call their own variables, one for one."""
    one, other = _terse(before), _terse(after)
    if len(one) != len(other) or len(one) > MOST_TOKENS:
        return False
    names: dict[str, str] = {}
    for place, (token, token_after) in enumerate(zip(one, other, strict=True)):
        if token.sort != token_after.sort:
            return False
        if token.sort != "word":
            if token.text != token_after.text:
                return False
            continue
        if names.setdefault(token.text, token_after.text) != token_after.text:
            return False
        # Attributes and functions are called by their names from elsewhere.
        called = place + 1 < len(one) and one[place + 1].text == "("
        member = place > 0 and one[place - 1].text in (".", "->", "::")
        if token.text != token_after.text and (called or member):
            return False
    renamed = {name: new for name, new in names.items() if name != new}
    return (
        len(set(names.values())) == len(names)
        and all(_declares(one, name) for name in renamed)
        and all(_declares(other, name) for name in renamed.values())
    )


def _terse(tokens: list[Token]) -> list[Token]:
    """Without comments, a line's last semicolon, and brackets around an arrow's one argument."""
    found: list[Token] = []
    for token in tokens:
        last = found[-1] if found else None
        if token.sort == "comment":
            continue
        if last is not None and last.text == ";" and (token.line > last.line or token.text == "}"):
            found.pop()
        if token.text == "=>" and [t.text for t in found[-3::2]] == ["(", ")"]:
            found[-3:] = [found[-2]]
        found.append(token)
    return found


_DECLARING = frozenset(
    "const let var val mut auto int long float double bool string String char for each".split()  # noqa: SIM905
)


def _declares(tokens: list[Token], name: str) -> bool:
    """Whether a program declares a variable, or takes it as a function's argument."""
    arguments: set[str] = set()
    opened: list[int] = []  # where brackets began
    for place, token in enumerate(tokens):
        before = tokens[place - 1].text if place else ""
        following = tokens[place + 1].text if place + 1 < len(tokens) else ""
        if token.text == "(":
            opened.append(place)
        elif token.text == ")" and opened:
            start = opened.pop()
            of_function = {t.text for t in tokens[max(start - 2, 0) : start]} & _FUNCTIONS
            if of_function or following == "=>":
                arguments.update(t.text for t in tokens[start:place] if t.sort == "word")
        elif token.text == name and (before in _DECLARING or following == "=>"):
            return True
    return name in arguments


_FUNCTIONS = frozenset(("function", "fn", "func", "fun", "def"))


def anonymous(program: str) -> list[str]:
    """Its tokens, with variables by the order in which they come in place of their names."""
    tokens = _terse(read_tokens(program, sql=False))
    names = {token.text for token in tokens if token.sort == "word"}
    if len(tokens) > MOST_TOKENS:
        return [token.text for token in tokens]
    own = {name for name in names if _declares(tokens, name)}
    numbers: dict[str, str] = {}
    return [
        numbers.setdefault(token.text, f"${len(numbers)}") if token.text in own else token.text
        for token in tokens
    ]
