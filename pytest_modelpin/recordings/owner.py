"""Whose recordings they are, where they lie below the folder of their tests, and finding them.

A test's, or those of a fixture that outlives one, at `__recordings__/version/module/name`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from pytest_modelpin.files import OWN_FOLDER, exists, is_file, names_in, read_bytes, safe_name
from pytest_modelpin.recordings.recording_file import Recording, read

SHARED = ("@class", "@module", "@package", "@session")
"""How the names of fixtures end that outlive a test."""

JUDGE = "@judge"
"""How the names of recordings end that hold what a test's judge was asked."""

FOLDER = "__recordings__"
"""Beside the tests that own them, as syrupy keeps `__snapshots__`."""

TRIED = Path(OWN_FOLDER, "recordings")
"""Where runs by hand keep what other versions than the pins say, from the folder they start in."""

_ENDING = "+end"
"""Before one of `SHARED`, in the names of recordings that hold what is asked at its end."""

_LONGEST_PATH = 239  # characters from the repository's root: Windows takes 259 with the root's own
_LONGEST_MODULE = 60
_LONGEST_NAME = 120
_SHORTEST = 24  # of which a hash takes 11
_MARKS = ("models.yml", "pyproject.toml", "pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg")
"""What lies at the top of a project. Without git the outermost of them tells where its root is."""

_DOCTEST = "@doctest"
"""How the name of a module's own doctest ends, which may have a function of the module's name."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A test, or a module's or session's fixture, that asks models."""

    folder: Path
    """The folder of the test's file; its recordings lie beside it."""
    module: str
    """The test's file, by `module_name`."""
    name: str
    """The test's name within its module, parameters and all."""
    node_id: str = field(default="", compare=False)
    """What to give pytest to run it; derived from the rest where empty."""

    @property
    def address(self) -> str:
        """What to give pytest to run this test."""
        return self.node_id or f"{(self.folder / self.module).as_posix()}.py::{self.name}"

    @property
    def test(self) -> str:
        """As the recording itself says whose it is."""
        return f"{self.module}::{self.name}"

    def file(self, version: str, below: Path | None = None) -> Path:
        """Its recording of a version: beside its tests, or in their place, `below`.

        No two owners of a folder get one file, not even on a file system that is blind to case, and
        the path from the repository's root stays below 240 characters.
        """
        below = self.folder if below is None else below
        folder, _ = _module_folder(self.folder, version, self.module, below)
        return folder / self.file_name(version)

    def file_name(self, version: str) -> str:
        """What that file is called."""
        _, longest = _module_folder(self.folder, version, self.module, self.folder)
        return _file_name(self.name, longest)


def module_name(path: Path) -> str:
    """What tells a test file from its neighbours: its stem, as in `test_summary`, if it is Python.

    Any other keeps its suffix: `test_summary.md`, full of doctests, may lie beside it.
    """
    return path.stem if path.suffix == ".py" else path.name


def name_in_module(nodeid: str, *, of_doctest: bool = False) -> str:
    """A test's name within its module, from its node id.

    `of_doctest`: it is a doctest in Python. Then `test_a.py::test_a` is the module's own.
    """
    path, bracket, parameters = nodeid.split("::", 1)[-1].partition("[")
    # In a parameter it is text: `[a::b]` and `[a.b]` are two tests.
    name = path.replace("::", ".") + bracket + parameters
    return name + _DOCTEST if of_doctest and "." not in name else name


def judging_for(owner: Owner) -> Owner:
    """Who owns what the judge of a test's answers is asked.

    Not the test itself: which questions there are depends on the answers that are compared, so
    none of them is ever missing from, or left over in, the test's own recording.
    """
    return replace(owner, name=f"{owner.name}{JUDGE}")


def ending_of(fixture: Owner) -> Owner:
    """Who owns what a fixture that outlives a test asks at its end, behind its `yield`.

    Neither the test in which it ends, which is another one in another order, nor the fixture as
    it is set up, which is recorded by then.
    """
    name, scope, last = fixture.name.rpartition("@")
    return replace(fixture, name=f"{name}{_ENDING}{scope}{last}")


def is_ending(owner: Owner) -> bool:
    """Whether it is a fixture's at its end."""
    return owner.name.rpartition("@")[0].endswith(_ENDING)


def module_folder(folder: Path, module: str, version: str) -> Path:
    """The folder where the recordings of a module's tests lie."""
    return _module_folder(folder, version, module, folder)[0]


def file_names(folder: Path, module: str, names: Iterable[str], version: str) -> frozenset[str]:
    """What the files there are called, of a module's tests of these names."""
    _, longest = _module_folder(folder, version, module, folder)
    return frozenset(_file_name(name, longest) for name in names)


def _file_name(name: str, longest: int) -> str:
    return f"{safe_name(name, longest=longest, any_case=True)}.json"


@lru_cache(maxsize=256)  # the same for all tests of a module
def _module_folder(folder: Path, version: str, module: str, below: Path) -> tuple[Path, int]:
    """The module's folder, in `below`, and how long a name in it may be."""
    top = Path(FOLDER) / safe_name(version)
    room = _LONGEST_PATH - _depth(folder) - len(str(top)) - len("//.json")
    name = safe_name(module, longest=min(_LONGEST_MODULE, max(_SHORTEST, room // 2)))
    return below / top / name, min(_LONGEST_NAME, max(_SHORTEST, room - len(name)))


@lru_cache(maxsize=64)  # the same for all modules of a folder
def _depth(folder: Path) -> int:
    """How many characters lead from the root to `folder`, with the last slash.

    The root is the repository's. Without git, as in an image that only its files were copied to,
    it is the outermost folder that looks like a project's, and all of the path where none does.
    """
    above = (folder, *folder.parents)
    root = next((each for each in above if exists(each / ".git")), None)
    if root is None:
        projects = [each for each in above if any(is_file(each / mark) for mark in _MARKS)]
        root = projects[-1] if projects else above[-1]
    return 0 if root == folder else len(str(folder.relative_to(root))) + 1


# Finding what is recorded

Relocation = Callable[[Path], Path]
"""From a test's folder to the one where its recordings are looked for."""


def version_folders(folder: Path) -> Iterable[Path]:
    """The folders of all versions recorded beside the tests in `folder`, in order of name."""
    try:
        return sorted(entry for entry in (folder / FOLDER).iterdir() if entry.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return ()


def as_it_is(folder: Path) -> Path:
    """Beside the tests."""
    return folder


def find_recording(owner: Owner, version: str, moved: Relocation) -> tuple[Path, Recording | None]:
    """The owner's recording and its file. Raises RecordingError."""
    path = owner.file(version, moved(owner.folder))
    return path, read(path)


# The addresses that recordings were made at

_MOST_FILES = 5000  # files looked into
_BEGINNING = 4096  # bytes: the first request's URL stands there
_URL = r'"url": ("[^"\\]+")'
_QUESTION = (
    r"/(?:chat/completions|completions|responses|messages|embeddings|moderations)(?:/.*)?$"
    r"|/(?:v\d\w*/)?(?:projects/.*|publishers/.*|models/[^/]+:\w+|model/.*|api/(?:chat|generate))$"
)
"""What stands behind a base URL's path, by the providers' wires."""


@lru_cache(maxsize=64)
def recorded_base_urls(folder: Path) -> frozenset[str]:
    """The base URLs of the recordings of the tests in `folder`; unreadable files are left out."""
    return frozenset(map(base_url, _urls(folder)))


@lru_cache(maxsize=256)  # a suite asks few addresses, each of them often
def base_url(url: str) -> str:
    """The URL of a question without the part that every client adds to its base URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{re.sub(_QUESTION, '', parts.path)}"


def _urls(folder: Path) -> Iterator[str]:
    # Not by `real_files`: what is asked while a module is imported would have pyfakefs forget it.
    top = folder / FOLDER
    modules = (
        top / version / each for version in names_in(top) for each in names_in(top / version)
    )
    files = (module / name for module in modules for name in names_in(module))
    for path in islice((path for path in files if path.suffix == ".json"), _MOST_FILES):
        try:
            found = re.search(_URL, read_bytes(path, _BEGINNING).decode(errors="replace"))
        except OSError:
            continue
        if found:
            yield json.loads(found[1])
