"""Which values Python code calls a model, and which strings in it are ids of nothing asked."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from pytest_modelpin.literals.uses import HELD_AGAINST

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
ASKS = re.compile(
    rb"\b(?:%s)\s*=|\b(?:%s)\b"
    % tuple("|".join(sorted(each)).encode() for each in (_ASKING, _CLIENTS))
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
            client = _name_of(called) in _CLIENTS
            if client or any(each.arg in _ASKING for each in given):
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
