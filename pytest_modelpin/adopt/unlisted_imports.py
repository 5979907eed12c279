"""What a project's code imports from elsewhere, for projects that list it nowhere.

These are names of modules, and packages may be called otherwise (`yaml` is PyYAML), so they are
told to a person and never installed.
"""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from pytest_modelpin.literals.listing import written

_MOST_FILES = 2_000
"""Files that are read; what a bigger project imports, one of them imports, too."""
_INSTALLED = frozenset({"pytest", "_pytest", "pytest_modelpin", "modelpin_runtime", "syrupy"})
"""Comes with what the workflow installs anyway."""


def unlisted_imports(folder: Path, paths: Sequence[str]) -> tuple[str, ...]:
    """The modules that are neither Python's own nor the project's, sorted.

    What can't be read or parsed is passed over.
    """
    code = [PurePosixPath(path) for path in paths if path.endswith(".py")]
    own = {part for path in code for part in (*path.parts[:-1], path.stem)}
    found = {name for path in code[:_MOST_FILES] for name in _imported(folder / path)}
    return tuple(sorted(found - own - _INSTALLED - sys.stdlib_module_names))


def _imported(path: Path) -> Iterator[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of code that is somebody else's
            tree = ast.parse(written(path))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
