"""What a project's code imports from elsewhere, for projects that list it nowhere.

These are names of modules, and packages may be called otherwise (`yaml` is PyYAML), so they are
told to a person and never installed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import PurePosixPath

_INSTALLED = frozenset({"pytest", "_pytest", "pytest_modelpin", "modelpin_runtime", "syrupy"})
"""Comes with what the workflow installs anyway."""


def unlisted_imports(imports: Iterable[str], paths: Iterable[str]) -> tuple[str, ...]:
    """Those of the imported modules that are neither Python's own nor the project's, sorted.

    `paths` are the project's files.
    """
    code = [PurePosixPath(path) for path in paths if path.endswith(".py")]
    own = {part for path in code for part in (*path.parts[:-1], path.stem)}
    return tuple(sorted({*imports} - own - _INSTALLED - sys.stdlib_module_names))
