"""Choices of a Python program in one form, whichever way round they are written.

A guard clause says the same as the condition turned round around the rest, `not (a and b)` as
`not a or not b`, and `a < b` as `b > a`. So each choice is written with the smaller of its test and
what denies it first.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

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
