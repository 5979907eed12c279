"""The `sitecustomize` of started Pythons, of which each may be an old one."""

import ast
from pathlib import Path

import pytest

from pytest_modelpin.intercept import hooks
from pytest_modelpin.intercept.answer_caches import MEMOS
from pytest_modelpin.intercept.unseen import child_processes, events
from pytest_modelpin.intercept.unseen.alarm import client_among

FILE = Path(child_processes.IN_CHILDREN, "sitecustomize.py")
TREE = ast.parse(FILE.read_text())


def value_of(name: str) -> object:
    """What the module's constant is, without running the module."""
    for node in TREE.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return ast.literal_eval(node.value)
    raise AssertionError(name)


def test_a_node_names_what_this_process_names():
    text = Path(child_processes.IN_NODES).read_text()
    assert f"process.env.{child_processes.CHILD_OF} " in text
    assert "['socket.connect', " in text
    assert "'Node.js'" in text
    assert client_among(["Node.js"]) == "Node.js"


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ("", "--require {}"),
        ("--max-old-space-size=4096", "--max-old-space-size=4096 --require {}"),
        ("--require {} --trace-warnings", "--require {} --trace-warnings"),
    ],
)
@pytest.mark.parametrize("path", ["/a/listen.cjs", "C:/Program Files/listen.cjs"])
def test_a_nodes_own_options_are_kept(given, options, path, monkeypatch):
    monkeypatch.setattr(child_processes, "IN_NODES", path)
    written = f'"{path}"' if " " in path else path
    assert child_processes._node_options(given.format(written)) == options.format(written)


def test_it_names_what_this_process_names():
    assert value_of("_PARENT") == child_processes.CHILD_OF
    assert frozenset(value_of("_HEARD")) == events.REACHING
    ours = {name for name, hook in hooks._HOOKS.items() if hook == "answer_cache_hook"}
    assert set(value_of("_CACHES")) == ours - set(MEMOS)


def test_a_python_that_is_too_old_to_listen_can_read_it():
    """Python 2 and 3.5 print an error to each such child's stderr otherwise."""
    new = (ast.AnnAssign, ast.JoinedStr, ast.NamedExpr, ast.Nonlocal, ast.AsyncFunctionDef)
    assert not [node for node in ast.walk(TREE) if isinstance(node, new)]
    functions = [node for node in ast.walk(TREE) if isinstance(node, ast.FunctionDef)]
    assert functions
    for each in functions:
        assert each.returns is None
        assert not any(argument.annotation for argument in each.args.args)
        assert not each.args.kwonlyargs
    assert not [node for node in ast.walk(TREE) if isinstance(node, ast.ImportFrom)
                and node.module == "__future__"]  # fmt: skip
