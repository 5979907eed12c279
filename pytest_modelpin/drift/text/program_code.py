"""Program text compared by its tokens: layout and comments don't matter, names and operators do."""

from __future__ import annotations

import ast
import re
import warnings
from itertools import pairwise
from typing import NamedTuple

from pytest_modelpin.drift.drift import Drift, DriftKind
from pytest_modelpin.drift.severity import drift_of
from pytest_modelpin.drift.text.numbers import unmatched
from pytest_modelpin.drift.text.quantities import quantities

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


_MOST_TOKENS = 4000  # beyond, only the differing lines are compared

_SQL = re.compile(
    r"\s*(?:--[^\n]*\n\s*)*(?:select\b.{1,2000}?\bfrom|insert\s+into|update\s+\S+\s+set|delete\s+from"
    r"|create\s+(?:or\s+replace\s+)?(?:temp\w*\s+|unique\s+)?(?:table|view|index|function)|alter\s+table|drop\s+table"
    r"|with\s+\w+\s+as\s*\()\b",
    re.IGNORECASE | re.DOTALL,
)
_CODE_LINE = re.compile(
    r"^\s*(?:(?:async\s+)?def\s+\w+\s*\(|class\s+\w+\s*[:({]|import\s+[\w.{*]+|from\s+[\w.]+\s+import\b|@\w+"
    r"|(?:export\s+)?(?:async\s+)?function\b[\s\w]*\(|(?:export\s+)?(?:const|let|var)\s+[\w{\[]+.*=|#include\b|#!/"
    r"|(?:public|private|protected|static)\s+[\w<>\[\]]+|fn\s+\w+|func\s+\w+|package\s+\w+|use\s+\w+::|return\b[^.]*;?$"
    r"|(?:if|for|while|switch)\s*\(.*\)\s*\{?$|(?:if|for|while|elif|with)\s.+:$|[\w.]+\(.*\);?$|[\w.\[\]]+\s*[-+*/]?=[^=].*;?$|[}\])]+[;,]?$)"
)
_TOKEN = re.compile(
    r"""(?P<comment>\#(?![0-9a-fA-F]{3,8}\b)[^\n]*|//[^\n]*|--\s[^\n]*|/\*.*?\*/)
    |(?P<string>\"\"\".*?\"\"\"|'''.*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)
    |(?P<number>\b\d[\w.]*)
    |(?P<word>\w+)
    |(?P<mark>===|!==|==|!=|<=|>=|<>|&&|\|\||->|=>|\+=|-=|\*=|/=|\*\*|::|:=|<<|>>|\+\+|--|[^\w\s])""",
    re.VERBOSE | re.DOTALL,
)
_DENIALS = frozenset(("not", "!", "!=", "!==", "<>", "isnt"))
_TRUTHS = frozenset(("true", "false", "==", "!=", "===", "!==", "<>", "="))


class Token(NamedTuple):
    """One token, and the line it stands in, from 1."""

    sort: str
    text: str
    line: int


def is_sql(text: str) -> bool:
    """Whether a text is an SQL statement."""
    return bool(_SQL.match(text))


def looks_like_code(text: str) -> bool:
    """Whether a text without fences is a program: SQL, or most of its lines read like code."""
    if is_sql(text):
        return True
    lines = [line for line in text.splitlines() if line.strip()][:60]
    if not lines or not _CODE_LINE.match(lines[0]):
        return False
    return 2 * sum(bool(_CODE_LINE.match(line)) for line in lines) >= len(lines)


def compare_code(before: str, after: str, where: str = "") -> list[Drift]:
    """How two programs differ: at most one finding of each kind, at the first line concerned."""
    sql = is_sql(before)
    one, other = _tokens(before, sql=sql), _tokens(after, sql=sql)
    told_one = [token.text for token in one if token.sort != "comment"]
    told_other = [token.text for token in other if token.sort != "comment"]
    if told_one != told_other and same_but_for_taste(before, after, sql=sql):
        return [drift_of("wording", where, None, None)]
    if told_one == told_other:
        comments = [t.text for t in one if t.sort == "comment"] == [
            t.text for t in other if t.sort == "comment"
        ]
        if comments and _indents(before) != _indents(after) and not sql and "{" not in before:
            # Where braces don't, indentation says what belongs to what.
            return [drift_of("whitespace", where, before, after, "review")]
        if comments and "".join(before.split()) == "".join(after.split()):
            return [drift_of("whitespace", where, None, None)]
        return [drift_of("wording", where, None, None)]
    return _differences(
        [token for token in one if token.sort != "comment"],
        [token for token in other if token.sort != "comment"],
        before.splitlines(), after.splitlines(), where,
    )  # fmt: skip


def _tokens(text: str, *, sql: bool) -> list[Token]:
    tokens, line, at = [], 1, 0
    for match in _TOKEN.finditer(text):
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


def _indents(text: str) -> list[int]:
    """Each line's depth in the order in which depths appear, so that 2 and 4 spaces are alike."""
    depths: list[int] = []
    levels: list[int] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        indent = len(line.expandtabs(4)) - len(line.lstrip())
        while levels and levels[-1] > indent:
            levels.pop()
        if not levels or levels[-1] < indent:
            levels.append(indent)
        depths.append(len(levels))
    return depths


def _differences(
    one: list[Token], other: list[Token], lines: list[str], lines_after: list[str], where: str
) -> list[Drift]:
    from rapidfuzz.distance import Levenshtein

    if len(one) > _MOST_TOKENS or len(other) > _MOST_TOKENS:
        return [drift_of("content", where)]
    drifts: dict[DriftKind, Drift] = {}
    edits = Levenshtein.opcodes([t.text for t in one], [t.text for t in other])
    for edit in edits:
        if edit.tag == "equal":
            continue
        gone = one[edit.src_start : edit.src_end]
        new = other[edit.dest_start : edit.dest_end]
        kind = _kind(gone, new)
        if kind not in drifts:
            line, line_after = _line_of(one, edit.src_start), _line_of(other, edit.dest_start)
            place = f"{where}, line {line}" if where else f"line {line}"
            drifts[kind] = drift_of(kind, place, _line(lines, line), _line(lines_after, line_after))
    return list(drifts.values())


def _line_of(tokens: list[Token], at: int) -> int:
    """The line of the token at a place, or of the last before it; 1 where there is none at all."""
    return tokens[min(at, len(tokens) - 1)].line if tokens else 1


def _line(lines: list[str], number: int) -> str:
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""


def _kind(gone: list[Token], new: list[Token]) -> DriftKind:
    words = [token.text.lower() for token in (*gone, *new)]
    if gone and new and all(token.sort == "number" for token in (*gone, *new)):
        return "number"
    if words and all(word in _DENIALS or word in _TRUTHS for word in words):
        if len(words) == 1 and words[0] not in _DENIALS:
            return "content"
        return "negation"
    strings = all(token.sort == "string" for token in (*gone, *new))
    if gone and new and strings and all(" " in token.text for token in (*gone, *new)):
        told, told_after = ([q for t in side for q in quantities(t.text)] for side in (gone, new))
        left = unmatched(told, told_after)
        return "number" if left.before and left.after else "wording"
    return "content"
