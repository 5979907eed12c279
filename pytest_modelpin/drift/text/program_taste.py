"""What a language leaves to taste: the order of imports and of conditions, aliases, docstrings."""

from __future__ import annotations

import ast
import re
import warnings

_LONGEST = 50_000  # characters of a program that is parsed
_WORD = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|[\w.]+|[^\w\s]")
_ALIAS = re.compile(
    r"\b(?:from|join)\s+([\w.]+)\s+(?:as\s+)?(?!(?:where|on|join|inner|left|right|full|cross|group"
    r"|order|limit|union|using|set|having|offset|natural)\b)([a-z_]\w*)",
    re.IGNORECASE,
)
_CLAUSE_END = frozenset(
    ("group", "order", "limit", "having", "union", "join", "inner", "left", "right", "full",
     "cross", "returning", "offset", ";", ")")
)  # fmt: skip


def same_but_for_taste(before: str, after: str, *, sql: bool) -> bool:
    """Whether two programs that are written differently do the same for certain."""
    if max(len(before), len(after)) > _LONGEST:
        return False
    if sql:
        return _query(before) == _query(after)
    one = _tree(before)
    return one is not None and one == _tree(after)


def _tree(code: str) -> str | None:
    """A Python program without docstrings, imports in order and by full name; None for others."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the answer's own code is warned of
            tree = ast.parse(code)
        aliases: dict[str, str] = {}
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list):
                node.body = _without_docstring(node, _imports_first(body, aliases))  # type: ignore[attr-defined]
        return ast.dump(_FullNames(aliases).visit(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _imports_first(body: list[ast.stmt], aliases: dict[str, str]) -> list[ast.stmt]:
    """The statements with each run of imports in order, one name an import."""
    found: list[ast.stmt] = []
    run: list[tuple[str, ast.stmt]] = []
    for statement in [*body, None]:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            for alias in statement.names:
                single: ast.stmt
                if isinstance(statement, ast.Import):
                    single = ast.Import([ast.alias(alias.name)])
                    if alias.asname:
                        aliases[alias.asname] = alias.name
                else:
                    single = ast.ImportFrom(
                        statement.module, [ast.alias(alias.name)], statement.level
                    )
                    if alias.asname:
                        aliases[alias.asname] = alias.name
                run.append((ast.dump(single), single))
            continue
        found += [single for _, single in sorted(run, key=lambda pair: pair[0])]
        run = []
        if statement is not None:
            found.append(statement)
    return found


def _without_docstring(node: ast.AST, body: list[ast.stmt]) -> list[ast.stmt]:
    documented = isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
    first = body[0] if body else None
    if (
        documented
        and isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        return body[1:]
    return body


class _FullNames(ast.NodeTransformer):
    """Every name that is an import's alias, as the name it stands for."""

    def __init__(self, aliases: dict[str, str]) -> None:
        self._aliases = aliases

    def visit_Name(self, node: ast.Name) -> ast.AST:
        full = self._aliases.get(node.id)
        if full is None:
            return node
        first, *rest = full.split(".")
        found: ast.expr = ast.Name(first, node.ctx)
        for part in rest:
            found = ast.Attribute(found, part, node.ctx)
        return found


def _query(text: str) -> list[str]:
    """An SQL statement's words, tables for their aliases, conditions joined by AND in order."""
    tables = {alias.lower(): table.lower() for table, alias in _ALIAS.findall(text)}
    text = _ALIAS.sub(lambda m: m[0][: m.start(1) - m.start()] + m[1], text)
    words: list[str] = []
    for word in _WORD.findall(text):
        if word[0] in "'\"":
            words.append(word)
            continue
        owner, dot, column = word.lower().partition(".")
        words.append(tables.get(owner, owner) + dot + column)
    while words and words[-1] == ";":
        words.pop()
    return _conditions_in_order(words)


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
