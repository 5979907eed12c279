"""Loops of a Python program that only fill, add up or look for something, as one expression."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from pytest_modelpin.drift.text.python_choices import truth


def named(statement: ast.stmt) -> str | None:
    """The one name that a statement assigns to, if any."""
    if not isinstance(statement, ast.Assign):
        return None
    target = statement.targets[0]
    return target.id if len(statement.targets) == 1 and isinstance(target, ast.Name) else None


def filled(start: ast.stmt, loop: ast.stmt) -> ast.stmt | None:
    """What an empty list, set, dictionary or sum and the loop that fills it are, if any."""
    name = named(start)
    if name is None or not isinstance(start, ast.Assign) or not isinstance(loop, ast.For):
        return None
    last, each = _inside(loop)
    if last is None:
        return None
    made = (
        _appended(start.value, last, each, name)
        or _put(start.value, last, each, name)
        or _added_up(start.value, last, each, name)
    )
    if made is None or any(
        isinstance(node, ast.Name) and node.id == name for node in ast.walk(made)
    ):
        return None  # what the loop itself looks up in what it fills no expression can
    return ast.Assign(start.targets, made)


def looked_for(loop: ast.stmt, end: ast.stmt) -> ast.stmt | None:
    """`for x in xs: if a: return True`, `return False` as `return any(a for x in xs)`."""
    if not isinstance(loop, ast.For) or not isinstance(end, ast.Return):
        return None
    last, each = _inside(loop)
    if not isinstance(last, ast.Return) or not each.ifs:
        return None
    found, otherwise = truth(last.value), truth(end.value)
    test = each.ifs[0] if len(each.ifs) == 1 else ast.BoolOp(ast.And(), each.ifs)
    each = ast.comprehension(each.target, each.iter, [], 0)
    if (found, otherwise) == (True, False):
        return ast.Return(_call("any", test, each))
    if (found, otherwise) == (False, True):
        return ast.Return(_call("all", ast.UnaryOp(ast.Not(), test), each))
    return None


def _inside(loop: ast.For) -> tuple[ast.stmt | None, ast.comprehension]:
    """The one statement of a loop's body below its conditions, and what a comprehension says."""
    body: Sequence[ast.stmt] = loop.body
    tests: list[ast.expr] = []
    while len(body) == 1 and isinstance(body[0], ast.If) and not body[0].orelse:
        tests.append(body[0].test)
        body = body[0].body
    last = body[0] if len(body) == 1 and not loop.orelse else None
    return last, ast.comprehension(loop.target, loop.iter, tests, 0)


def _appended(
    start: ast.expr, last: ast.stmt, each: ast.comprehension, name: str
) -> ast.expr | None:
    call = last.value if isinstance(last, ast.Expr) else None
    if not (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == name
        and len(call.args) == 1
    ):
        return None
    if call.func.attr == "append" and isinstance(start, ast.List) and not start.elts:
        return ast.ListComp(call.args[0], [each])
    if call.func.attr == "add" and _is_call(start, "set"):
        return ast.SetComp(call.args[0], [each])
    return None


def _put(start: ast.expr, last: ast.stmt, each: ast.comprehension, name: str) -> ast.expr | None:
    """A dictionary of which each key is set once a turn."""
    if not isinstance(last, ast.Assign) or len(last.targets) != 1:
        return None
    target = last.targets[0]
    empty = isinstance(start, ast.Dict) and not start.keys
    if not (empty or _is_call(start, "dict")) or not isinstance(target, ast.Subscript):
        return None
    if not isinstance(target.value, ast.Name) or target.value.id != name:
        return None
    return ast.DictComp(target.slice, last.value, [each])


def _added_up(
    start: ast.expr, last: ast.stmt, each: ast.comprehension, name: str
) -> ast.expr | None:
    """`n = 0` and `n = n + x` in a loop."""
    zero = isinstance(start, ast.Constant) and start.value in (0, 0.0)
    value = last.value if isinstance(last, ast.Assign) and named(last) == name else None
    if not (zero and isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add)):
        return None
    if not isinstance(value.left, ast.Name) or value.left.id != name:
        return None
    return _call("sum", value.right, each)


def _is_call(node: ast.expr, name: str) -> bool:
    """Whether an expression calls a function of that name without arguments."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == name
        and not node.args
        and not node.keywords
    )


def _call(name: str, element: ast.expr, each: ast.comprehension) -> ast.expr:
    return summed(ast.Call(ast.Name(name, ast.Load()), [ast.GeneratorExp(element, [each])], []))


def summed(call: ast.Call) -> ast.Call:
    """`sum(x for x in xs)` as `sum(xs)`, and the same of other functions that only read."""
    only = call.args[0] if len(call.args) == 1 else None
    reads = isinstance(call.func, ast.Name) and call.func.id in READING
    if not (reads and isinstance(only, ast.GeneratorExp) and len(only.generators) == 1):
        return call
    each, element = only.generators[0], only.elt
    if not each.ifs and _name(each.target) == _name(element) is not None:
        call.args = [each.iter]
    return call


def _name(node: ast.expr) -> str | None:
    return node.id if isinstance(node, ast.Name) else None


READING = frozenset("sum any all min max sorted set tuple list".split())  # noqa: SIM905
"""Functions to which a list and what makes it are the same."""


def comprehended(call: ast.Call) -> ast.expr | None:
    """`list(filter(lambda x: a, xs))` and `list(map(…))` as the comprehensions that they are."""
    inner = call.args[0] if len(call.args) == 1 and not call.keywords else None
    if not (isinstance(call.func, ast.Name) and call.func.id == "list"):
        return None
    if not (isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name)):
        return None
    if len(inner.args) != 2 or not isinstance(inner.args[0], ast.Lambda):
        return None
    made = inner.args[0]
    if len(made.args.args) != 1:
        return None
    one = made.args.args[0].arg
    target, element = ast.Name(one, ast.Store()), ast.Name(one, ast.Load())
    if inner.func.id == "filter":
        return ast.ListComp(element, [ast.comprehension(target, inner.args[1], [made.body], 0)])
    if inner.func.id == "map":
        return ast.ListComp(made.body, [ast.comprehension(target, inner.args[1], [], 0)])
    return None
