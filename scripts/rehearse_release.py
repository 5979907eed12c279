"""Builds both distributions as a release would, and says what a stranger could not trust in them.

python scripts/rehearse_release.py FOLDER     # leaves them there; .ci/run checks them further

Each is built from the tree and again from its own sdist: the wheels have to be the same to the
byte, and hold nothing but the package. Needs hatchling. Exit codes: 0 all is well, 1 it is not.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from email.parser import BytesParser
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[1]
PROJECTS = {"pytest_modelpin": ROOT, "modelpin_runtime": ROOT / "runtime"}
IN_SDISTS = {
    "pytest_modelpin": {"pytest_modelpin", "docs", "README.md", "CHANGELOG.md", "LICENSE"},
    "modelpin_runtime": {"modelpin_runtime", "tests", "README.md", "LICENSE"},
}
ALWAYS = {"PKG-INFO", "pyproject.toml", ".gitignore"}
"""What hatchling adds to each sdist."""
NEEDED = (
    "Name", "Version", "Summary", "License-Expression", "License-File", "Requires-Python",
    "Keywords", "Classifier", "Project-URL", "Requires-Dist", "Description-Content-Type",
)  # fmt: skip
DEMO = "pytest_modelpin/demo/project/"
"""A suite that `pytest-modelpin demo` plays: its tests belong to the package."""


def build(folder: Path, target: str, into: Path) -> Path:
    """One distribution of the project in `folder`."""
    before = set(into.iterdir())
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(into)],
        cwd=folder, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    (built,) = set(into.iterdir()) - before
    return built


def build_from(sdist: Path, into: Path) -> Path:
    """The wheel of what an sdist holds."""
    with tempfile.TemporaryDirectory() as place:
        with tarfile.open(sdist) as archive:
            # Python 3.11 has this filter from 3.11.4 on.
            archive.extraction_filter = getattr(tarfile, "data_filter", None)
            archive.extractall(place)  # noqa: S202 — of what was built here just now
        (folder,) = Path(place).iterdir()
        return build(folder, "wheel", into)


def strange_in_wheel(package: str, names: Iterable[str]) -> Iterator[str]:
    """Names that are neither the package nor about it, or that only its tests and CI need."""
    for name in names:
        first, *_ = parts = PurePosixPath(name).parts
        of_tests = {"tests", "benchmarks", ".ci", ".github", "conftest.py"}.intersection(parts)
        ours = first == package or first.endswith(".dist-info")
        left_over = name.endswith((".pyc", ".orig"))
        if not ours or left_over or (of_tests and not name.startswith(DEMO)):
            yield name


def strange_in_sdist(package: str, names: Iterable[str]) -> list[str]:
    """What lies at an sdist's top and does not belong there."""
    tops = {PurePosixPath(name).parts[1] for name in names if "/" in name}
    return sorted(tops - IN_SDISTS[package] - ALWAYS)


def missing(metadata: bytes) -> list[str]:
    """Fields that an index shows and that are not filled in; "Description" is the page itself."""
    message = BytesParser().parsebytes(metadata)
    empty = [field for field in NEEDED if not message.get(field)]
    return empty if str(message.get_payload()).strip() else [*empty, "Description"]


def faults(package: str, folder: Path, into: Path) -> Iterator[str]:
    """Build one of the two, and look at it."""
    sdist, wheel = build(folder, "sdist", into), build(folder, "wheel", into)
    with tempfile.TemporaryDirectory() as again:
        if build_from(sdist, Path(again)).read_bytes() != wheel.read_bytes():
            yield f"{sdist.name} does not build the same wheel as the tree"
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        lacking = missing(archive.read(metadata))
    for name in strange_in_wheel(package, names):
        yield f"{wheel.name} holds {name}"
    if lacking:
        yield f"{wheel.name} lacks {', '.join(lacking)}"
    with tarfile.open(sdist) as archive:
        for name in strange_in_sdist(package, archive.getnames()):
            yield f"{sdist.name} holds {name}"


def main(arguments: list[str]) -> int:
    """Rehearse."""
    into = Path(arguments[0])
    into.mkdir(parents=True, exist_ok=True)
    found = [said for package, folder in PROJECTS.items() for said in faults(package, folder, into)]
    for said in found:
        print(said)
    for path in sorted(into.iterdir()):
        print(f"{path.stat().st_size / 1000:8,.0f} kB  {path.name}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
