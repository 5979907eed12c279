"""Whose recordings a fixture makes that several tests share: told from where it is requested."""

from __future__ import annotations

import inspect
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from pytest_modelpin.recordings.owner import Home, Owner, module_name


def fixture_owner(
    definition: pytest.FixtureDef[Any],
    node: pytest.Item | pytest.Collector,
    *,
    root: Path,
    parameter: tuple[str, str] = ("", ""),
    test: str = "",
) -> Owner:
    """Who owns what a shared fixture asks: the fixture, not the test that happened to be first.

    A class's or module's fixture is set up for each of them anew and belongs to `node`, the class
    or module that requested it; its recordings lie with that module's. Those of a package's or the
    session's lie beside the file that defines it, or beside the root's own tests where a plugin
    does that is installed outside of `root`. `parameter` is what `parameter_of` says, `test` the
    node id of the test for which it is set up: running that one sets it up.
    """
    file = _defined_in(definition)
    if file is None or not file.is_relative_to(root):
        file = root / "conftest.py"
    fixture, scope = definition.argname, definition.scope
    former = Home(file.parent, file.stem, f"{fixture}{parameter[1]}@{scope}")
    fixture += parameter[0]
    _, _, in_class = _base(definition).partition("::")
    if scope in ("class", "module"):
        module, _, inside = node.nodeid.partition("::")
        requested = f"{inside.replace('::', '.')}." if inside else ""
        label = _label(definition, node.nodeid, module)
        name = f"{requested}{fixture}{label}@{scope}"
        owner = Owner(node.path.parent, module_name(node.path), name, node_id=node.nodeid)
    else:
        within = f"{in_class.replace('::', '.')}." if in_class else ""
        owner = Owner(
            file.parent, file.stem, f"{within}{fixture}@{scope}", node_id=test or str(file)
        )
    return owner if owner.home == former else replace(owner, former=former)


def requesting_node(item: pytest.Item, scope: str) -> pytest.Item | pytest.Collector:
    """What requests a shared fixture of `scope` for the test `item`, as pytest tells it."""
    found: pytest.Item | pytest.Collector | None = None
    if scope == "class":
        found = item.getparent(pytest.Class)
    elif scope == "module":
        found = item.getparent(pytest.Module)
    return found or item  # a class's fixture outside of any class is set up for each test


def parameter_of(
    definition: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> tuple[str, str]:
    """What tells apart the variants of a parametrised fixture, now and in releases before.

    A parameter of its own is told by its place, one that tests give it indirectly by its value.
    """
    if not hasattr(request, "param"):
        return "", ""
    index, own = request.param_index, definition.params or ()  # type: ignore[attr-defined]
    before = f"[{index}]" if own else ""
    if index < len(own) and own[index] is request.param:
        return before, before
    plain = isinstance(request.param, str | int | float | Enum | None)
    return f"[={request.param if plain else index}]", before


def _base(definition: pytest.FixtureDef[Any]) -> str:
    """The node id below which the fixture can be requested; empty for all tests."""
    return "" if definition.baseid == "." else definition.baseid


def _label(definition: pytest.FixtureDef[Any], node_id: str, module: str) -> str:
    """Where it is defined, unless that is who requests it: one may override another of its name."""
    base = _base(definition)
    if base == node_id:
        return ""
    place, _, inside = base.partition("::")
    if place == module:
        return f"@{inside.replace('::', '.') or Path(module).stem}"
    file = _defined_in(definition)
    return "@" + ".".join([*Path(place).parts, file.stem if file else "plugin"])


def _defined_in(definition: pytest.FixtureDef[Any]) -> Path | None:
    try:
        return Path(inspect.getfile(inspect.unwrap(definition.func)))
    except TypeError:
        return None
