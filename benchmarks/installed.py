"""Both distributions as wheels install them: pytest reads the list of a plugin's files."""

from __future__ import annotations

import csv
from importlib.metadata import distribution
from importlib.util import cache_from_source
from pathlib import Path
from types import ModuleType

import modelpin_runtime
import pytest_modelpin

_METADATA = ("METADATA", "entry_points.txt", "top_level.txt", "WHEEL")


def installed(folder: Path) -> Path:
    """A folder for PYTHONPATH that holds both packages with the whole lists of their files.

    An installation to be edited lists few files. Of one from a wheel that has a plugin, pytest
    reads them all, byte code included, to know in which modules asserts are to be rewritten.
    """
    folder.mkdir(parents=True)
    _install("pytest-modelpin", pytest_modelpin, folder)
    _install("pytest-modelpin-runtime", modelpin_runtime, folder)
    return folder


def _install(name: str, module: ModuleType, folder: Path) -> None:
    package = Path(str(module.__file__)).parent
    found = distribution(name)
    about = folder / f"{name.replace('-', '_')}-{found.version}.dist-info"
    about.mkdir()
    (folder / package.name).symlink_to(package, target_is_directory=True)
    for each in _METADATA:
        if text := found.read_text(each):
            (about / each).write_text(text)
    files = [
        Path(package.name, each.relative_to(package))
        for each in sorted(package.rglob("*"))
        if each.is_file() and each.suffix != ".pyc"
    ]
    compiled = [Path(cache_from_source(str(each))) for each in files if each.suffix == ".py"]
    own = [Path(about.name, each) for each in (*_METADATA, "RECORD", "INSTALLER")]
    with (about / "RECORD").open("w", newline="") as record:
        writer = csv.writer(record)
        writer.writerows((each.as_posix(), f"sha256={'0' * 43}", 1000) for each in (*own, *files))
        writer.writerows((each.as_posix(), "", "") for each in compiled)  # as pip lists them
