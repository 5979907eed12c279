"""The tokens of a program, and which of its names are variables of its own; and JavaScript in
one of the forms that say the same: functions, joined text, steps by one.
"""

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


_LONGEST = 50_000  # characters of a program that is rewritten
_RETURNED = r"\{\s*return\s+([^{};]{1,300});?\s*\}"
_FUNCTION = re.compile(r"\bfunction\s*\(([^(){}]{0,100})\)\s*" + _RETURNED)
_ARROW = re.compile(r"=>\s*" + _RETURNED)
_NAMED = re.compile(
    r"\b(?:const|let|var)\s+(\w{1,60})\s*=\s*(async\s+)?(?:\(([^(){}]{0,200})\)|(\w{1,60}))\s*=>\s*"
)
_TEMPLATE = re.compile(r"`((?:[^`\\\n]|\\.){0,500})`")
_FILLED = re.compile(r"\$\{([^{}`]{1,200})\}")
_STEP = re.compile(  # as a statement: elsewhere its value is the one before the step
    r"((?:^|[;{}\n)])[ \t]{0,80}[A-Za-z_$][\w.$]{0,60})(\+\+|--)(?=[ \t]{0,80}(?:[;)}\n]|$))"
)
_GUARDED = re.compile(r"\b([A-Za-z_$]\w{0,60})(?:\s*!==?\s*(?:null|undefined))?\s*&&\s*\1\.")
_STEPPED = {"++": "+= 1", "--": "-= 1"}


def plain_script(program: str) -> str:
    """The program with functions as arrows and joined text instead of templates.

    Every function that only returns is an arrow, `(a) => b`; one that a constant is set to is
    declared by that name; `a++` is `a += 1`.
    """
    if len(program) > _LONGEST:
        return program
    if "`" in program:
        program = _TEMPLATE.sub(_joined, program)
    if "++" in program or "--" in program:
        program = _STEP.sub(lambda m: f"{m[1]} {_STEPPED[m[2]]}", program)
    if "&&" in program:
        program = _GUARDED.sub(r"\1?.", program)
    if "return" in program:
        program = _ARROW.sub(r"=> \1", _FUNCTION.sub(r"(\1) => \2", program))
    return _declared(program) if "=>" in program else program


def _joined(template: re.Match[str]) -> str:
    """`Hi ${who}!` as 'Hi ' + who + '!'; a template without values as a text."""
    parts = _FILLED.split(template[1])
    told = [
        f"({part.strip()})" if n % 2 and not re.fullmatch(r"[\w.$]+", part.strip())
        else part.strip() if n % 2
        else f"'{part}'"
        for n, part in enumerate(parts)
        if n % 2 or part
    ]  # fmt: skip
    if not any(each.startswith("'") for each in told[:2]):
        told.insert(0, "''")  # values alone would be added up
    return " + ".join(told)


def _declared(program: str) -> str:
    """`const f = (a) => b` as `function f(a) { return b }`, each as far as its end is plain."""
    found: list[str] = []
    at = 0
    for match in _NAMED.finditer(program):
        if match.start() < at:
            continue
        head = f"{match[2] or ''}function {match[1]}({match[3] if match[4] is None else match[4]})"
        if program[match.end() : match.end() + 1] == "{":
            found += [program[at : match.start()], head, " "]
            at = match.end()
            continue
        end = _expression_end(program, match.end())
        if end is None:
            continue
        body = program[match.end() : end].strip()
        found += [program[at : match.start()], head, " { return ", body, "; }"]
        at = end + (program[end : end + 1] == ";")
    return "".join([*found, program[at:]])


def _expression_end(program: str, start: int) -> int | None:
    """Where an expression ends: at a semicolon, or at a line's end outside of brackets."""
    depth = 0
    for place in range(start, min(len(program), start + 1000)):
        char = program[place]
        depth += (char in "([{") - (char in ")]}")
        if depth < 0 or (depth == 0 and char == ";"):
            return place
        if depth == 0 and char == "\n" and program[start:place].strip():
            following = program[place:].lstrip()[:1]
            if following not in ".?:&|+-*/":
                return place
    return len(program) if depth == 0 and len(program) - start < 1000 else None
