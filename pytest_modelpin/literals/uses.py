"""What one place in code does with the id that it names; and which of its values are called models.

Most places ask for it. Others are held against ids, as `startswith("gpt-5")` and the expression
`^gpt-5[.]2$` are: written anew, they would tell other models from one another than they do. And
prose speaks of a floating id by its name, which stays true once code asks for the pin.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from pytest_modelpin.literals import Kind, python_tree
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
    tree = python_tree(content)
    if tree is None:
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


SAYS_MODEL = re.compile(r"model|engine|deployment|\bllm\b", re.IGNORECASE)
"""What is called so may hold an id that is spelled like other things."""


def no_ids(node: ast.AST) -> Iterator[ast.AST]:
    """What looks like an id and is asked of nobody: what others are held against, types' lists."""
    match node:
        case ast.JoinedStr(values=values):
            yield from values
        case ast.Subscript(
            value=ast.Name(id="Literal") | ast.Attribute(attr="Literal"),
            slice=ast.Tuple(elts=choices),
        ):
            yield from choices
        case ast.Call(func=ast.Attribute(attr=name), args=arguments) if name in HELD_AGAINST:
            for each in arguments:
                yield from each.elts if isinstance(each, ast.Tuple) else (each,)
        case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()]):
            yield left
        case (
            ast.GeneratorExp(elt=test, generators=[each])
            | ast.ListComp(elt=test, generators=[each])
        ) if isinstance(each.target, ast.Name) and each.target.id in _held_against(test):
            yield from _members(each.iter)


def _held_against(test: ast.AST) -> Iterator[str]:
    """The variables with whose values `test` tells ids apart, as `each in id` does it."""
    for node in ast.walk(test):
        for piece in no_ids(node):
            if isinstance(piece, ast.Name):
                yield piece.id


def _members(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.List(elts=members) | ast.Tuple(elts=members) | ast.Set(elts=members):
            yield from members


def model_values(node: ast.AST) -> Iterator[ast.AST]:
    """The values that Python code calls a model: model="…", {"model": "…"}, MODEL = "…".

    So it does where they stand in for one that is not set: `os.getenv("MODEL", "…")`,
    `model or "…"`, `model: str = Field("…")`, `add_argument("--model", default="…")`, and as the
    default of an argument.
    """
    for value in _called_model(node):
        yield from _stood_in_for(value)
    match node:
        case ast.FunctionDef(args=arguments) | ast.AsyncFunctionDef(args=arguments):
            for name, value in _defaults(arguments):
                if SAYS_MODEL.search(name):
                    yield from _stood_in_for(value)
        case ast.Call(args=[ast.Constant(value=str(name)), *others], keywords=more) if _name_of(
            node.func
        ) in _STANDING_IN and SAYS_MODEL.search(name):
            yield from (*others, *(each.value for each in more if each.arg == "default"))


_ASKING = frozenset({
    "messages", "input", "inputs", "prompt", "base_url", "api_base", "openai_api_base",
})  # fmt: skip
"""Arguments of calls that send a question, or make the client of an address."""
_CLIENTS = frozenset({
    "InferenceClient", "AsyncInferenceClient", "InferenceClientModel", "HuggingFaceEndpoint",
    "HuggingFaceInferenceAPI", "HuggingFaceModel", "ChatTogether", "TogetherLLM", "ChatFireworks",
    "OpenAILike",
})  # fmt: skip
"""Clients of those who host open weights; other classes load the weights themselves."""
_QUESTIONS = frozenset({"chat_completion", "completion", "acompletion", "text_generation"})
"""Functions of Hugging Face's client and of LiteLLM whose first argument is the question."""
ASKS = re.compile(
    rb"\b(?:%s)\s*=|\b(?:%s)\b"
    % tuple("|".join(sorted(each)).encode() for each in (_ASKING, _CLIENTS | _QUESTIONS))
)
"""What Python code that holds such a call says."""
_MODEL_OF_CALL = frozenset({"model", "model_id", "model_name", "repo_id"})


def asked_values(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The values that calls of one file ask a model by, over the wire, as far as the file tells.

    So are those of the names that such a call gives: `MODEL = "…"`, `def ask(model="…")`.
    """
    nodes = list(nodes)
    names = set[str]()
    for value in (given for node in nodes for given in _asked_by(node)):
        match value:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                names.add(name)
            case _:
                yield from _stood_in_for(value)
    for node in nodes:
        for name, value in _defined(node):
            if name in names:
                yield from _stood_in_for(value)


def _asked_by(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Call(func=called, args=arguments, keywords=given):
            name = _name_of(called)
            client = name in _CLIENTS
            if client or name in _QUESTIONS or any(each.arg in _ASKING for each in given):
                yield from (each.value for each in given if each.arg in _MODEL_OF_CALL)
            if client:
                yield from arguments[:1]


def _defined(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Assign(targets=[ast.Name(id=name) | ast.Attribute(attr=name)], value=value):
            yield name, value
        case ast.AnnAssign(
            target=ast.Name(id=name) | ast.Attribute(attr=name), value=ast.expr() as value
        ):
            yield name, value
        case ast.FunctionDef(args=arguments) | ast.AsyncFunctionDef(args=arguments):
            yield from _defaults(arguments)


def _defaults(arguments: ast.arguments) -> Iterator[tuple[str, ast.AST]]:
    names = [*arguments.posonlyargs, *arguments.args]
    for name, value in zip(reversed(names), reversed(arguments.defaults), strict=False):
        yield name.arg, value
    for name, given in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if given is not None:
            yield name.arg, given


_STANDING_IN = frozenset({
    "getenv", "get", "env", "config", "Field", "field", "Option", "Argument", "option", "argument",
    "add_argument", "text_input",
})  # fmt: skip
"""Functions that give a value where there is no other; a model's own class is none of them."""


def _name_of(called: ast.AST) -> str:
    match called:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _stood_in_for(value: ast.AST) -> Iterator[ast.AST]:
    match value:
        case ast.BoolOp(values=values):
            for each in values:
                yield from _stood_in_for(each)
        case ast.IfExp(body=body, orelse=other):
            yield from (*_stood_in_for(body), *_stood_in_for(other))
        case ast.Call(func=called, args=arguments, keywords=more) if (
            _name_of(called) in _STANDING_IN
        ):
            yield from (*arguments, *(each.value for each in more if each.arg == "default"))
        case _:
            yield value


def _called_model(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.keyword(arg=str(name), value=value) if SAYS_MODEL.search(name):
            yield value
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and SAYS_MODEL.search(str(key.value)):
                    yield value
        case ast.Assign() | ast.AnnAssign():
            yield from (value for name, value in _defined(node) if SAYS_MODEL.search(name))
