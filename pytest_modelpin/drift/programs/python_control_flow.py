"""Choices and loops of a Python program in one form each, whichever way they are written.

A guard clause says the same as the condition turned round around the rest, `not (a and b)` as
`not a or not b`, and `a < b` as `b > a`. So each choice is written with the smaller of its test and
what denies it first. A loop that only fills, adds up or looks for something is one expression.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

_DENIED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.GtE: ast.Lt,
    ast.Gt: ast.LtE, ast.LtE: ast.Gt,
}  # fmt: skip
_MIRRORED: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Gt: ast.Lt, ast.GtE: ast.LtE}


class OneWayRound(ast.NodeTransformer):
    """Tests, and what is chosen by them, in one of the forms that say the same."""

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """A chain as its comparisons joined by `and`, each with the smaller side first."""
        self.generic_visit(node)
        sides = [node.left, *node.comparators]
        links = [
            _mirrored(ast.Compare(one, [sign], [other]))
            for one, sign, other in zip(sides[:-1], node.ops, sides[1:], strict=True)
        ]
        return links[0] if len(links) == 1 else ast.BoolOp(ast.And(), list(links))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        """Without brackets that change nothing."""
        self.generic_visit(node)
        return _flattened(node.op, node.values)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        """`not (a < b)` as `b <= a`."""
        self.generic_visit(node)
        return _untrue(node.operand) if isinstance(node.op, ast.Not) else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """`a * a` as `a ** 2`."""
        self.generic_visit(node)
        if (
            isinstance(node.op, ast.Mult)
            and isinstance(node.left, (ast.Name, ast.Attribute))
            and ast.dump(node.left) == ast.dump(node.right)
        ):
            return ast.BinOp(node.left, ast.Pow(), ast.Constant(2))
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        """The smaller test first; `True if a > b else False` as `a > b`."""
        self.generic_visit(node)
        truths = truth(node.body), truth(node.orelse)
        if truths in ((True, False), (False, True)) and _is_truth(node.test):
            return node.test if truths[0] else _untrue(node.test)
        node.test = _tested(node.test)
        opposite = denied(node.test)
        if ast.dump(opposite) < ast.dump(node.test):
            return ast.IfExp(opposite, node.orelse, node.body)
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        """The same of statements, where both sides have some."""
        self.generic_visit(node)
        node.test = _tested(node.test)
        opposite = denied(node.test)
        if node.orelse and ast.dump(opposite) < ast.dump(node.test):
            return ast.If(opposite, node.orelse, node.body)
        return node

    def visit_While(self, node: ast.While) -> ast.AST:
        """Of what is tested only whether it holds matters."""
        self.generic_visit(node)
        node.test = _tested(node.test)
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        """The same."""
        self.generic_visit(node)
        node.test = _tested(node.test)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        """The same."""
        self.generic_visit(node)
        node.ifs = [_tested(test) for test in node.ifs]
        return node


def _tested(test: ast.expr) -> ast.expr:
    """A test as what it is true for: `not not x` as `x`, `not (a and b)` as `not a or not b`."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return denied(_tested(test.operand))
    if isinstance(test, ast.BoolOp):
        return _flattened(test.op, [_tested(value) for value in test.values])
    return test


def _flattened(op: ast.boolop, values: list[ast.expr]) -> ast.BoolOp:
    flat: list[ast.expr] = []
    for value in values:
        same = isinstance(value, ast.BoolOp) and type(value.op) is type(op)
        flat += value.values if same and isinstance(value, ast.BoolOp) else [value]
    return ast.BoolOp(op, flat)


def _mirrored(node: ast.Compare) -> ast.Compare:
    mirrored = _MIRRORED.get(type(node.ops[0]))
    if mirrored is None:
        return node
    return ast.Compare(node.comparators[0], [mirrored()], [node.left])


def truth(node: ast.expr | None) -> bool | None:
    """True or False where an expression is just that; else None."""
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, bool) else None


def _is_truth(test: ast.expr) -> bool:
    """Whether a test is True or False itself, not merely something that counts as either."""
    if isinstance(test, ast.BoolOp):
        return all(map(_is_truth, test.values))
    return isinstance(test, ast.Compare) or (
        isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
    )


def denied(test: ast.expr) -> ast.expr:
    """The test that holds where this one doesn't, with `not` as deep inside as it goes."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        turned = ast.Compare(test.left, [_DENIED[type(test.ops[0])]()], test.comparators)
        return _mirrored(turned)
    if isinstance(test, ast.BoolOp):
        other = ast.Or() if isinstance(test.op, ast.And) else ast.And()
        return ast.BoolOp(other, [denied(value) for value in test.values])
    return ast.UnaryOp(ast.Not(), test)


def _untrue(test: ast.expr) -> ast.expr:
    """`not test` as a value, which is True or False whatever is tested."""
    opposite = denied(test)
    return opposite if _is_truth(opposite) else ast.UnaryOp(ast.Not(), test)


Block = list[ast.stmt]


def guarded(body: Block, settled: Callable[[Block], Block]) -> Block:
    """Statements with what follows a guard clause as its other side, which `settled` reads first.

    After `if a: return 1` the rest is only reached where `a` does not hold.
    """
    for place, statement in enumerate(body):
        rest = body[place + 1 :]
        if isinstance(statement, ast.If) and not statement.orelse and rest and _leaves(statement):
            return [*body[:place], ast.If(statement.test, statement.body, settled(rest))]
    return body


def _leaves(statement: ast.If) -> bool:
    return isinstance(statement.body[-1], (ast.Return, ast.Raise))


def skipped(body: Block) -> Block:
    """The body of a loop without `continue`: `if a: continue` is the rest below `if not a`."""
    for place, statement in enumerate(body):
        rest = body[place + 1 :]
        if (
            isinstance(statement, ast.If)
            and not statement.orelse
            and rest
            and len(statement.body) == 1
            and isinstance(statement.body[0], ast.Continue)
        ):
            return [*body[:place], ast.If(denied(statement.test), skipped(rest), [])]
    return body


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
