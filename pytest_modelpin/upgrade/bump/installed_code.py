"""Code that moved with a pin and that tests import from elsewhere: from where it was installed.

A package that is installed editable is imported from the user's own tree, not from the second one
in which a bump is tried; and one that is installed as a copy (`pip install .`, tox, nox) from
there, until it is installed again. Both would still ask the old pin.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.upgrade.git import KEPT, git
from pytest_modelpin.upgrade.suite import Suite


@dataclass(frozen=True, slots=True)
class Installed:
    """A file that the working tree has changed, and the one that an import finds in its place."""

    root: Path
    """The folder from which its module would be imported in the working tree."""
    module: str
    """The module's first name: `supportbot`."""
    place: Path
    """The file that is imported."""


def installed(folder: Path) -> tuple[Installed, ...]:
    """The code of `folder` that differs from HEAD and is imported from elsewhere; () without git.

    Judged by this process's own imports, as the tests run by the same interpreter.
    """
    found: list[Installed] = []
    with suppress(UpgradeError):
        top = Path(git(folder, "rev-parse", "--show-toplevel").strip())
        for path in git(top, "diff", "--name-only", "--no-renames", "-z", "HEAD").split("\0"):
            if path and KEPT.isdisjoint(Path(path).parts):
                found += _imported(top, top / path)
    return tuple(found)


def on_its_own_code(suite: Suite) -> Suite:
    """The suite, with what its working tree has changed imported from there."""
    roots = dict.fromkeys(str(each.root) for each in installed(suite.root))
    if not roots:
        return suite
    further = suite.environment.get("PYTHONPATH")
    path = os.pathsep.join([*roots, *([further] if further else ())])
    return replace(suite, environment={**suite.environment, "PYTHONPATH": path})


def copies(folder: Path) -> tuple[str, ...]:
    """The changed modules of `folder` that are installed as copies, which know nothing of it."""
    return tuple(dict.fromkeys(each.module for each in installed(folder)))


def _imported(top: Path, path: Path) -> Iterator[Installed]:
    """Where an import finds this file, if not here; a name of Python's own is never meant."""
    for root in path.parents:
        first, *rest = path.relative_to(root).parts
        module = first if rest else Path(first).stem
        if module.isidentifier() and module not in sys.stdlib_module_names:
            for place in _places(module):
                there = place.joinpath(*rest)
                if there.name == path.name and there.is_file():
                    if not path.is_file() or not there.samefile(path):
                        yield Installed(root, module, there)
                    return
        if root == top:
            return


def _places(module: str) -> list[Path]:
    """The folders of a package, or the file of a module, by the first name alone."""
    try:
        spec = find_spec(module)
    except (ImportError, ValueError, AttributeError):
        return []
    if spec is None:
        return []
    file = [spec.origin] if spec.origin else []
    return [Path(each) for each in spec.submodule_search_locations or file]
