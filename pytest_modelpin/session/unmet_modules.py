"""Test modules of which a pin is recorded and that a run did not even collect.

A path on the command line, `--ignore`, `collect_ignore` or `testpaths` left them out, and no hook
of pytest's tells.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from pytest_modelpin.files import safe_name
from pytest_modelpin.recordings.owner import FOLDER
from pytest_modelpin.wording import plural, some

_NOT_OF_THE_PROJECT = frozenset({"node_modules", "site-packages", "__pycache__"})


def unmet(
    top: Path, pins: Iterable[str], collected: Collection[Path], patterns: Sequence[str]
) -> str:
    """A sentence on modules below `top` that have recordings of `pins` and were not collected.

    Empty where there are none. `patterns` say which files are test modules, as `python_files` does:
    what lies under another name is of a fixture, and met with its tests.
    """
    versions = sorted({safe_name(pin) for pin in pins})
    met = {module.resolve() for module in collected}
    missing = [
        module.relative_to(top).as_posix()
        for folder in _with_recordings(top)
        for module in _recorded_modules(folder, versions)
        if module.resolve() not in met and any(fnmatch(module.name, each) for each in patterns)
    ]
    if not missing:
        return ""
    were = plural(len(missing), "was", "were")
    return (
        f"the whole suite did not run: {some(missing)}, of which the pin is recorded, {were} not "
        "collected (by `--tests`, `--ignore`, `testpaths` or the like)"
    )


def _with_recordings(top: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(top):
        if "pyvenv.cfg" in files:
            names.clear()
            continue
        if FOLDER in names:
            yield Path(folder)
        names[:] = sorted(
            name
            for name in names
            if not name.startswith(".") and name not in _NOT_OF_THE_PROJECT and name != FOLDER
        )


def _recorded_modules(folder: Path, versions: Iterable[str]) -> Iterator[Path]:
    """The modules in `folder` that are still there, by what is recorded beside them."""
    names = {
        module.name
        for version in versions
        for module in _folders(folder / FOLDER / version)
        if any(module.glob("*.json"))
    }
    modules = (folder / f"{name}.py" for name in sorted(names))
    return (module for module in modules if module.is_file())


def _folders(path: Path) -> list[Path]:
    return [each for each in path.iterdir() if each.is_dir()] if path.is_dir() else []
