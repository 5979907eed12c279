"""Where a recording lies below the folder of its tests, `__recordings__/version/module/name`, and
at which addresses the recordings beside a test were made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from pytest_modelpin.files import safe_name
from pytest_modelpin.recordings.owner import Home

FOLDER = "__recordings__"
"""Beside the tests that own them, as syrupy keeps `__snapshots__`."""

TRIED = Path(".pytest_modelpin", "recordings")
"""Where runs by hand keep what other versions than the pins say, from the folder they start in."""

_HERE = Path()
_LONGEST_PATH = 239  # characters from the repository's root: Windows takes 259 with the root's own
_LONGEST_MODULE = 60
_LONGEST_NAME = 120
_SHORTEST = 24  # of which a hash takes 11
_MARKS = ("models.yml", "pyproject.toml", "pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg")
"""What lies at the top of a project. Without git the outermost of them tells where its root is."""
_FORMER_DEPTH = 60  # characters that releases before took for the folder where there was no git


def place(home: Home, version: str, below: Path = _HERE) -> Path:
    """The file of `home`'s recording of a version: from `home.folder` on, or in `below`.

    No two homes of a folder get one place, not even on a file system that is blind to case, and
    the path from the repository's root stays below 240 characters.
    """
    folder, longest = _module_folder(home.folder, version, home.module, below)
    return folder / _file_name(home.name, longest)


def former_places(home: Home, version: str) -> tuple[Path, ...]:
    """Where releases before kept it, as `place`: one file for two names that differ in case, and
    longer names in a deep folder without git.
    """
    folder, longest = _named(version, home.module, _FORMER_DEPTH)
    without_git = folder / _file_name(home.name, longest)
    return tuple(dict.fromkeys((former_place(home, version), without_git)))


def module_folders(folder: Path, module: str, version: str) -> tuple[Path, ...]:
    """The folders where the recordings of a module's tests lie, or lay once."""
    now, _ = _module_folder(folder, version, module, folder)
    without_git, _ = _named(version, module, _FORMER_DEPTH)
    once = folder / former_place(Home(folder, module, ""), version).parent
    return tuple(dict.fromkeys((now, once, folder / without_git)))


def file_names(folder: Path, module: str, names: Iterable[str], version: str) -> frozenset[str]:
    """What the files there are called, of a module's tests of these names, or were called once."""
    _, longest = _module_folder(folder, version, module, folder)
    _, longer = _named(version, module, _FORMER_DEPTH)
    return frozenset(
        each
        for name in names
        for each in (_file_name(name, longest), _file_name(name, longer), _former_name(name))
    )


def former_place(home: Home, version: str) -> Path:
    """As releases before named it: one file for two names that differ in case."""
    return Path(FOLDER) / safe_name(version) / safe_name(home.module) / _former_name(home.name)


def _file_name(name: str, longest: int) -> str:
    return f"{safe_name(name, longest=longest, any_case=True)}.json"


def _former_name(name: str) -> str:
    return f"{safe_name(name)}.json"


@lru_cache(maxsize=256)  # the same for all tests of a module
def _module_folder(folder: Path, version: str, module: str, below: Path) -> tuple[Path, int]:
    """The module's folder, in `below`, and how long a name in it may be."""
    found, longest = _named(version, module, _depth(folder))
    return below / found, longest


@lru_cache(maxsize=256)
def _named(version: str, module: str, depth: int) -> tuple[Path, int]:
    """The module's folder, from that of its tests on, `depth` characters below the root."""
    top = Path(FOLDER) / safe_name(version)
    room = _LONGEST_PATH - depth - len(str(top)) - len("//.json")
    found = top / safe_name(module, longest=min(_LONGEST_MODULE, max(_SHORTEST, room // 2)))
    return found, min(_LONGEST_NAME, max(_SHORTEST, room - len(found.name)))


def _depth(folder: Path) -> int:
    """How many characters lead from the root to `folder`, with the last slash.

    The root is the repository's. Without git, as in an image that only its files were copied to,
    it is the outermost folder that looks like a project's, and all of the path where none does.
    """
    above = (folder, *folder.parents)
    root = next((each for each in above if (each / ".git").exists()), None)
    if root is None:
        projects = [each for each in above if any((each / mark).is_file() for mark in _MARKS)]
        root = projects[-1] if projects else above[-1]
    return 0 if root == folder else len(str(folder.relative_to(root))) + 1


_MOST = 5000  # files looked into
_BEGINNING = 4096  # characters: the first request's URL stands there
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
    for number, path in enumerate((folder / FOLDER).glob("*/*/*.json")):
        if number == _MOST:
            return
        try:
            with path.open(encoding="utf-8", errors="replace") as file:
                found = re.search(_URL, file.read(_BEGINNING))
        except OSError:
            continue
        if found:
            yield json.loads(found[1])
