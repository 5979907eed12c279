"""Python programs without what is taste: names of their own, and ways to say the same."""

from __future__ import annotations

import ast
import warnings

from pytest_modelpin.drift.programs.python_control_flow import (
    READING,
    OneWayRound,
    comprehended,
    filled,
    guarded,
    looked_for,
    named,
    skipped,
)


def read_python(code: str) -> str | None:
    """A Python program without what is taste; None for others.

    Docstrings and annotations go, imports are in order and by full name, and what a program calls
    its own variables doesn't matter: they are numbered as they come. Functions, classes, constants
    and attributes keep their names, which others call them by.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the answer's own code is warned of
            tree = ast.parse(code)
        if not any(not isinstance(node, ast.Expr) for node in tree.body):
            return None  # a line of any language that happens to be an expression of Python's
        aliases: dict[str, str] = {}
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list):
                node.body = _without_docstring(node, _imports_first(body, aliases))  # type: ignore[attr-defined]
        tree = _Plain().visit(_FullNames(aliases).visit(tree))
        for node in reversed(list(ast.walk(tree))):
            for block in ("body", "orelse", "finalbody"):
                statements = getattr(node, block, None)
                if isinstance(statements, list):
                    if isinstance(node, (ast.For, ast.While)):
                        statements = skipped(statements)
                    setattr(node, block, _settled(statements))
        tree = OneWayRound().visit(tree)
        return _told(_Numbered(_own_variables(tree)).visit(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


_LATER = frozenset(("type_params", "is_lazy"))  # what Python 3.11 has no field for


def _told(node: object) -> str:
    """A tree as text, the same on every Python: how alike two programs are is told by it.

    `ast.dump` leaves out empty lists from Python 3.13 on, and `Load()` from 3.15 on.
    """
    if isinstance(node, list):
        return f"[{', '.join(map(_told, node))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    usual = type(node)
    fields = (
        f"{name}={_told(value)}"
        for name, value in ast.iter_fields(node)
        if name not in _LATER and (value is not None or getattr(usual, name, ...) is not None)
    )
    return f"{usual.__name__}({', '.join(fields)})"


def _own_variables(tree: ast.AST) -> frozenset[str]:
    """The names that a program gives its arguments and variables; constants in capitals are not."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
    return frozenset(name for name in found if not name.isupper() or len(name) == 1)


class _Numbered(ast.NodeTransformer):
    """Variables by the order in which they come, in place of their names."""

    def __init__(self, own: frozenset[str]) -> None:
        self._own = own
        self._numbers: dict[str, str] = {}

    def _name(self, name: str) -> str:
        if name not in self._own:
            return name
        return self._numbers.setdefault(name, f"${len(self._numbers)}")

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self._name(node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(self._name(node.arg))

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        node.name = self._name(node.name) if node.name else None
        return self.generic_visit(node)

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        return self._comprehended(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        return self._comprehended(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        return self._comprehended(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        return self._comprehended(node)

    def _comprehended(self, node: ast.AST) -> ast.AST:
        """What is looped over first, where its variables come first, as they do in a loop."""
        node.generators = [self.visit(each) for each in node.generators]  # type: ignore[attr-defined]
        return self.generic_visit(node)


class _Plain(ast.NodeTransformer):
    """Without annotations; `x += y` as `x = x + y`, text that is put together in one way."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(node.arg)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None or not isinstance(node.target, ast.Name):
            return self.generic_visit(node)
        return self.generic_visit(ast.Assign([node.target], node.value))

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        if not isinstance(node.target, ast.Name):
            return self.generic_visit(node)
        value = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
        return self.generic_visit(ast.Assign([node.target], value))

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """`len(x) == 0` as `not x`, `len(x) > 0` as `not not x`."""
        counted = node.left
        if (
            isinstance(counted, ast.Call)
            and isinstance(counted.func, ast.Name)
            and counted.func.id == "len"
            and len(counted.args) == len(node.ops) == 1
            and isinstance(node.comparators[0], ast.Constant)
        ):
            sign, number = type(node.ops[0]), node.comparators[0].value
            if (sign, number) in ((ast.Eq, 0), (ast.Lt, 1)):
                return self.generic_visit(ast.UnaryOp(ast.Not(), counted.args[0]))
            if (sign, number) in ((ast.Gt, 0), (ast.NotEq, 0), (ast.GtE, 1)):
                empty = ast.UnaryOp(ast.Not(), counted.args[0])
                return self.generic_visit(ast.UnaryOp(ast.Not(), empty))
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        named = node.func.id if isinstance(node.func, ast.Name) else ""
        if named == "print" and len(node.args) > 1 and not node.keywords:
            spaced: list[ast.AST] = [self.visit(node.args[0])]
            for argument in node.args[1:]:
                spaced += [ast.Constant(" "), self.visit(argument)]
            return ast.Call(self.visit(node.func), [_one_text(spaced)], [])  # type: ignore[list-item]
        if named in READING and len(node.args) == 1 and isinstance(node.args[0], ast.ListComp):
            node.args[0] = ast.GeneratorExp(node.args[0].elt, node.args[0].generators)
        named_open = isinstance(node.func, ast.Name) and node.func.id == "open"
        if named_open and len(node.args) == 2 and getattr(node.args[1], "value", "") == "r":
            del node.args[1]  # the mode that is meant where none is named
        if (made := comprehended(node)) is not None:
            return self.generic_visit(made)
        if named_open and len(node.args) == 1 and node.keywords[:1]:
            first = node.keywords[0]
            if first.arg == "mode":
                node.args.append(first.value)
                del node.keywords[0]
        return self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """A text added to others is one text with these inside."""
        parts = _added(node)
        if any(map(_is_text, parts)):
            return _one_text([self.visit(part) for part in parts])
        return self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return _one_text([self.generic_visit(part) for part in node.values])


def _settled(body: list[ast.stmt]) -> list[ast.stmt]:
    return _terse(guarded(_terse(body), _settled))


def _terse(body: list[ast.stmt]) -> list[ast.stmt]:
    """Statements as the shorter of two ways to say the same.

    A list that a loop fills is a comprehension, a choice between two values one expression, and
    what is named only to be returned is returned.
    """
    found: list[ast.stmt] = []
    for statement in body:
        if isinstance(statement, ast.If):
            statement = _chosen(statement)
        last = found[-1] if found else None
        if last is not None:
            joined = filled(last, statement) or looked_for(last, statement)
            if joined is not None:
                found[-1] = joined
                continue
        if isinstance(statement, ast.Return) and last is not None:
            value = statement.value
            if (
                isinstance(last, ast.Assign)
                and isinstance(value, ast.Name)
                and value.id == named(last)
            ):
                found[-1] = ast.Return(last.value)
                continue
            if isinstance(last, ast.If) and not last.orelse and len(last.body) == 1:
                first = last.body[0]
                if isinstance(first, ast.Return) and first.value and statement.value:
                    found[-1] = ast.Return(ast.IfExp(last.test, first.value, statement.value))
                    continue
        found.append(statement)
    return found


def _chosen(statement: ast.If) -> ast.stmt:
    """`if a: x = 1 else: x = 2` as `x = 1 if a else 2`, and the same of what is returned."""
    if len(statement.body) != 1 or len(statement.orelse) != 1:
        return statement
    one, other = statement.body[0], statement.orelse[0]
    if isinstance(one, ast.Return) and isinstance(other, ast.Return) and one.value and other.value:
        return ast.Return(ast.IfExp(statement.test, one.value, other.value))
    if (
        isinstance(one, ast.Assign)
        and isinstance(other, ast.Assign)
        and named(one) is not None
        and named(one) == named(other)
    ):
        return ast.Assign(one.targets, ast.IfExp(statement.test, one.value, other.value))
    return statement


def _added(node: ast.expr) -> list[ast.expr]:
    """What a sum adds up, from left to right."""
    found: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        found.append(node.right)
        node = node.left
    return [node, *reversed(found)]


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _one_text(parts: list[ast.AST]) -> ast.AST:
    """Constants and values in a row, neighbouring constants joined."""
    found: list[ast.AST] = []
    for part in parts:
        for each in part.values if isinstance(part, ast.JoinedStr) else [part]:
            if isinstance(each, ast.FormattedValue) and each.format_spec is None:
                each = each.value if each.conversion < 0 else each
            last = found[-1] if found else None
            if (
                isinstance(each, ast.Constant)
                and isinstance(last, ast.Constant)
                and isinstance(each.value, str)
                and isinstance(last.value, str)
            ):
                found[-1] = ast.Constant(last.value + each.value)
            else:
                found.append(each)
    if len(found) == 1 and isinstance(found[0], ast.Constant):
        return found[0]
    return ast.JoinedStr(found)  # type: ignore[arg-type]


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
