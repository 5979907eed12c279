"""The package as a wheel installs it: pytest reads the list of a plugin's files at its start."""

from __future__ import annotations

import csv
from importlib.metadata import distribution
from importlib.util import cache_from_source
from pathlib import Path

import pytest_modelpin

_METADATA = ("METADATA", "entry_points.txt", "top_level.txt", "WHEEL")


def installed(folder: Path) -> Path:
    """A folder for PYTHONPATH that holds the package with the whole list of its files.

    An installation to be edited lists few files. Of one from a wheel, pytest reads them all, byte
    code included, to know in which modules asserts are to be rewritten.
    """
    package = Path(pytest_modelpin.__file__).parent
    found = distribution("pytest-modelpin")
    about = folder / f"pytest_modelpin-{found.version}.dist-info"
    about.mkdir(parents=True)
    (folder / package.name).symlink_to(package, target_is_directory=True)
    for name in _METADATA:
        if text := found.read_text(name):
            (about / name).write_text(text)
    files = [
        Path(package.name, each.relative_to(package))
        for each in sorted(package.rglob("*"))
        if each.is_file() and each.suffix != ".pyc"
    ]
    compiled = [Path(cache_from_source(str(each))) for each in files if each.suffix == ".py"]
    own = [Path(about.name, name) for name in (*_METADATA, "RECORD", "INSTALLER")]
    with (about / "RECORD").open("w", newline="") as record:
        writer = csv.writer(record)
        writer.writerows((each.as_posix(), f"sha256={'0' * 43}", 1000) for each in (*own, *files))
        writer.writerows((each.as_posix(), "", "") for each in compiled)  # as pip lists them
    return folder
