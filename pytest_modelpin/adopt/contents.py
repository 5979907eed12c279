"""What a project's files say, as far as `init` and `doctor` ask: each file is opened once."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath

from pytest_modelpin.alarms.scan import Named, ids_asked, ids_named, ids_recorded
from pytest_modelpin.literals import (
    Kind,
    is_forbidden,
    is_recorded_traffic,
    kind_of,
    written,
)
from pytest_modelpin.wording import counted

TEST_FILE = re.compile(r"(?:.*/)?(?:test_[^/]*|[^/]*_test|tests)\.py")
"""What is called as pytest, or Django, wants tests called."""

UNSEEN = {
    "grpc": "gRPC",
    "google.generativeai": "the retired google-generativeai, which speaks gRPC",
    "vertexai": "the Vertex AI SDK, which speaks gRPC",
    "google.cloud.aiplatform": "the Vertex AI SDK, which speaks gRPC",
    "websockets": "websockets",
    "websocket": "websocket-client",
    "pycurl": "pycurl",
    "curl_cffi": "curl_cffi",
    "baml_py": "BAML",
    "niquests": "niquests",
}
"""Modules of clients that no hook records, by what a person calls them."""

_PLAIN_SNAPSHOT = re.compile(
    rb"^[ \t]*(?:async\s+)?def test\w*\([^)]{0,2000}\bsnapshot\b", re.MULTILINE
)
_OTHER_SNAPSHOT = re.compile(rb"\bsnapshot\.(?:assert_match(?:_dir)?\(|snapshot_dir\b)")
"""How tests use the `snapshot` of pytest-snapshot or snapshottest."""
_OTHER_RUNNER = re.compile(rb"^[^#\n]*(?:-m unittest\b|manage\.py test\b)", re.MULTILINE)
_VARIABLE = re.compile(rb"\b[A-Z][A-Z0-9_]*(?:KEY|TOKEN|ID)\b")
_UNSEEN_WORDS = tuple(name.encode() for name in UNSEEN)
_IMPORT = re.compile(
    rb"^[ \t]*(?:import|from)[ \t]+(%s)(?!\w)"
    % b"|".join(re.escape(name) for name in sorted(_UNSEEN_WORDS, key=len, reverse=True)),
    re.MULTILINE,
)
_ANY_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+(\w+)[\w.]*[ \t]+import\b|import[ \t]+(\w[\w., \t]*))", re.MULTILINE
)
_SETTINGS_OF_TESTS = frozenset({"pytest.ini", "pyproject.toml", "tox.ini"})


@dataclass(frozen=True, slots=True)
class Contents:
    """What is said where; paths from the project's folder, with `/`."""

    ids: tuple[Named, ...]
    """The model ids that are hard-coded."""
    variables: frozenset[str]
    """The environment variables for keys that code and settings name."""
    words: frozenset[str]
    """Of the words asked for, those that code, settings or lists of requirements say."""
    plain_snapshots: tuple[str, ...]
    """Test files that take syrupy's own `snapshot`."""
    other_snapshots: tuple[str, ...]
    """Test files that take the `snapshot` of a library with which syrupy can't be loaded."""
    other_runners: tuple[str, ...]
    """Files that run tests by something else than pytest."""
    keys_set: tuple[tuple[str, str], ...]
    """(variable, file:line) where tests put something in a key's place."""
    unseen: tuple[tuple[str, str], ...]
    """(module, file:line) of the first import of each client that no hook sees."""
    unread: tuple[str, ...]
    """Files that may name a model and that may not be read here."""
    recorded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By model id, the files of other libraries' recorded traffic (cassettes) that ask for it."""
    test_data: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By model id, the files of text beside tests that name it, such as streams to be played."""
    imports: frozenset[str] = frozenset()
    """The modules that Python code imports, without what lies in them."""

    @property
    def cassettes(self) -> tuple[str, ...]:
        """The files of recorded traffic in which a model asks or answers, sorted."""
        return tuple(sorted({path for paths in self.recorded.values() for path in paths}))

    @property
    def kept(self) -> Mapping[str, str]:
        """By model id, who needs that code goes on naming it, as the end of a sentence.

        A cassette that is told by what was asked would answer no longer, and a test that compares
        what it plays with what its code names would fail.
        """
        naming = ("file of answers names", "files of answers name")
        asking = ("cassette asks for", "cassettes ask for")
        return {
            id: f"{counted(len(paths), *words)} ({paths[0]})"
            for words, found in ((naming, self.test_data), (asking, self.recorded))
            for id, paths in found.items()
        }


def contents(
    folder: Path, paths: Iterable[str], words: Collection[str], keys: Collection[str]
) -> Contents:
    """Read `paths` below `folder`, and say what they say of `words` and the variables `keys`."""
    reading = _Reading(words, keys)
    for path in paths:
        kind = kind_of(path)
        is_data = _TEST_DATA.search(path) is not None
        if kind is None and not (is_data or path.endswith("Makefile") or _LISTS.search(path)):
            continue
        place = f"{folder}/{path}"
        if is_data:
            reading.look_at_data(path, written(place))
        elif content := written(place):
            reading.look(path, kind, content)
        elif kind and is_forbidden(place):
            reading.unread.append(path)
    return reading.result()


_TEST_DATA = re.compile(r"(?:^|/)tests?/(?:.*/)?(?!requirements)[^/]*\.(?:txt|jsonl|ndjson|sse)$")
"""What tests play or compare with, and no code is."""


_LISTS = re.compile(r"(?:^|/)(?:[\w.-]*requirements[\w.-]*|requirements/[^/]+)\.(?:txt|in)$")
"""Lists of requirements: `requirements-dev.txt`, `requirements/test.in`."""


def runs_tests_past_pytest(content: bytes) -> bool:
    """Whether a file of commands runs tests by something that replays nothing."""
    return bool(_OTHER_RUNNER.search(content))


class _Reading:
    """What is known after some of the files."""

    def __init__(self, words: Collection[str], keys: Collection[str]) -> None:
        self.unread: list[str] = []
        self._sought = {word: word.encode() for word in words}
        self._keys = {name: name.encode() for name in keys}
        self._ids: list[Named] = []
        self._words: set[str] = set()
        self._variables: set[bytes] = set()
        self._snapshots: list[str] = []
        self._other_snapshots: list[str] = []
        self._runners: list[str] = []
        self._keys_set: list[tuple[str, str]] = []
        self._unseen: dict[str, str] = {}
        self._imports: set[str] = set()
        self._recorded: dict[str, list[str]] = {}
        self._test_data: dict[str, list[str]] = {}

    def look(self, path: str, kind: Kind | None, content: bytes) -> None:
        """Take in one file."""
        if kind and is_recorded_traffic(path, content):
            for id in ids_asked(content):
                self._recorded.setdefault(id, []).append(path)
            return
        if kind:
            self._ids += (Named(path, line, id) for line, id in ids_named(path, kind, content))
        names_keys = kind in ("python", "settings", "dockerfile", "shell")
        if names_keys:
            self._variables.update(_VARIABLE.findall(content))
        if names_keys or _LISTS.search(path):
            for word in [word for word, sought in self._sought.items() if sought in content]:
                self._words.add(word)
                del self._sought[word]
        commands = kind in ("settings", "shell") or path.endswith(("Makefile", "noxfile.py"))
        if commands and runs_tests_past_pytest(content):
            self._runners.append(path)
        if kind == "python":
            self._look_at_python(path, content)
        if ("test" in path and path.endswith(".py")) or path in _SETTINGS_OF_TESTS:
            self._keys_set += _keys_set(path, content, self._keys)

    def look_at_data(self, path: str, content: bytes) -> None:
        """Take in one file of what tests play or compare with."""
        for id in ids_recorded(content):
            self._test_data.setdefault(id, []).append(path)

    def _look_at_python(self, path: str, content: bytes) -> None:
        if b"snapshot" in content and TEST_FILE.fullmatch(path):
            if _OTHER_SNAPSHOT.search(content):
                self._other_snapshots.append(path)
            elif _PLAIN_SNAPSHOT.search(content):
                self._snapshots.append(path)
        if any(name in content for name in _UNSEEN_WORDS):
            for found in _IMPORT.finditer(content):
                self._unseen.setdefault(found[1].decode(), _place(path, content, found.start(1)))
        for found in _ANY_IMPORT.finditer(content):
            self._imports.update(_modules(found))

    def result(self) -> Contents:
        """All of it."""
        return Contents(
            tuple(self._ids),
            frozenset(name.decode() for name in self._variables),
            frozenset(self._words),
            tuple(self._snapshots),
            tuple(self._other_snapshots),
            tuple(self._runners),
            tuple(self._keys_set),
            tuple(self._unseen.items()),
            tuple(self.unread),
            {id: tuple(paths) for id, paths in self._recorded.items()},
            {id: tuple(paths) for id, paths in self._test_data.items()},
            frozenset(self._imports),
        )


def _modules(found: re.Match[bytes]) -> Iterator[str]:
    """The modules of one import: `import a.b as c, d` is of `a` and `d`."""
    for part in (found[1] or found[2]).decode("utf-8", "replace").split(","):
        words = part.split()
        if len(words) == 1 or (len(words) == 3 and words[1] == "as"):
            yield words[0].partition(".")[0]


def _keys_set(path: str, content: bytes, keys: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    for name, sought in keys.items():
        said = _sets(name, is_code=path.endswith(".py"))
        if sought in content and (found := said.search(content)):
            yield name, _place(path, content, found.start() + 1)


@cache
def _sets(name: str, *, is_code: bool) -> re.Pattern[bytes]:
    """What gives the environment variable a value; one of Python's own called alike is none."""
    word = re.escape(name).encode()
    line = rb"(?!)" if is_code else rb"^[ \t]*%s[ \t]*=" % word
    return re.compile(
        rb"""environ\[["']%(word)s["']\]\s*=[^=]|setenv\(\s*["']%(word)s["']"""
        rb"""|%(line)s|environ\.update\([^)]*%(word)s""" % {b"word": word, b"line": line},
        re.MULTILINE,
    )


def _place(path: str, content: bytes, offset: int) -> str:
    return f"{path}:{content.count(10, 0, offset) + 1}"


_INSTALLED = frozenset({"pytest", "_pytest", "pytest_modelpin", "modelpin_runtime", "syrupy"})
"""Comes with what the workflow installs anyway."""


def unlisted_imports(imports: Iterable[str], paths: Iterable[str]) -> tuple[str, ...]:
    """Those of the imported modules that are neither Python's own nor the project's, sorted.

    `paths` are the project's files. Packages may be called otherwise than their modules (`yaml` is
    PyYAML), so these are told to a person and never installed.
    """
    code = [PurePosixPath(path) for path in paths if path.endswith(".py")]
    own = {part for path in code for part in (*path.parts[:-1], path.stem)}
    return tuple(sorted({*imports} - own - _INSTALLED - sys.stdlib_module_names))
