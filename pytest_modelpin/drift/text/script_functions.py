"""JavaScript in one of the forms that say the same: functions, joined text, steps by one."""

from __future__ import annotations

import re

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
