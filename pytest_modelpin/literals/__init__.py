"""Model ids that a repository's files name literally: finding them, and moving one of them.

Here are the files that a person wrote and that may name a model, and how each is read: one table
for finding and for moving.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pytest_modelpin.files import OWN_FOLDER
from pytest_modelpin.registry import PLACES
from pytest_modelpin.run_git import run_git

Kind = Literal["python", "notebook", "code", "json", "terraform", "settings", "shell", "dockerfile"]

LARGEST = 2_000_000
"""Bytes; a larger file is data or generated, not written."""

OUR_FOLDERS = frozenset({"__recordings__", "__snapshots__", OWN_FOLDER})

_LOCK_FILES = frozenset({"package-lock.json", "pnpm-lock.yaml", "uv.lock", "poetry.lock"})

_KINDS: dict[str, Kind] = {
    **dict.fromkeys((".py", ".pyi"), "python"),
    ".ipynb": "notebook",
    **dict.fromkeys(
        (".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte"), "code"
    ),
    ".json": "json",
    **dict.fromkeys((".go", ".java", ".kt", ".cs", ".rs", ".swift", ".php", ".scala"), "code"),
    **dict.fromkeys((".tf", ".tfvars", ".hcl", ".rb"), "terraform"),
    **dict.fromkeys((".yml", ".yaml", ".toml", ".cfg", ".ini", ".conf", ".env"), "settings"),
    **dict.fromkeys((".sh", ".bash", ".zsh"), "shell"),
    ".dockerfile": "dockerfile",
}  # fmt: skip
"""By extension."""

_DOCKERFILE = re.compile(r"(?:Dockerfile|Containerfile)(?:\..+)?", re.IGNORECASE)


_OF_A_RUN = re.compile(r"(?:^|/)(?:[\w.-]*results|outputs?|logs)/.*\.(?:json|ya?ml)$")
"""What benchmarks and evaluations write: `benchmark_results/2026-07-04.json`."""


def kind_of(path: str) -> Kind | None:
    """How the file at `path` (from the repository's root, with `/`) is read; None: it is not.

    models.yml, recordings and snapshots are not: ids belong there. Nor is what a run has left: the
    ids in it are of those that ran.
    """
    *folders, name = path.split("/")
    if path in PLACES or name in _LOCK_FILES or OUR_FOLDERS.intersection(folders):
        return None
    if _OF_A_RUN.search(path):
        return None
    if name.startswith(".env"):
        return "settings"
    if _DOCKERFILE.fullmatch(name):
        return "dockerfile"
    return _KINDS.get(os.path.splitext(name)[1].lower())  # noqa: PTH122


def forbidden(root: Path, paths: Iterable[str]) -> tuple[str, ...]:
    """Those of `paths` that may name a model and that may not be read here."""
    return tuple(path for path in paths if kind_of(path) and is_forbidden(f"{root}/{path}"))


def is_forbidden(path: str) -> bool:
    """Whether a file is there and may not be read; a link that leads nowhere is not there."""
    if os.access(path, os.R_OK):
        return False
    try:
        os.stat(path)  # noqa: PTH116
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def python_tree(code: str | bytes) -> ast.Module | None:
    """The syntax tree; None where the code is no Python of this version, or nested too deep."""
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return None


def is_registry(path: str, content: bytes) -> bool:
    """Whether a file is the models.yml of some project of the repository: its ids belong there."""
    return path.rsplit("/", 1)[-1] == _REGISTRY_NAME and bool(_NAMES_A_PIN.search(content))


def folder_of_registry(path: str) -> str | None:
    """The folder whose models.yml a path below it is; None of another file."""
    return next((path.removesuffix(end) for end in _REGISTRY_ENDS if path.endswith(end)), None)


def is_recorded_traffic(path: str, content: bytes) -> bool:
    """Whether a file is what another library has recorded: a cassette, an HTTP archive, a snapshot.

    The ids in it are those that were asked and that answered then. Written anew, they would say
    that a version gave answers which another one gave.
    """
    *folders, name = path.split("/")
    if not name.endswith((".yaml", ".yml", ".json")):
        return False
    in_a_library = any(
        folder.endswith("cassettes") or folder in _INLINE_SNAPSHOTS for folder in folders
    )
    return in_a_library or bool(_RECORDED.search(content[:_BEGINNING]))


_INLINE_SNAPSHOTS = ("__inline_snapshot__", ".inline-snapshot")
"""Where inline-snapshot keeps what is too long for code, such as http-snapshot's traffic."""

_BEGINNING = 4_000
_RECORDED = re.compile(
    rb"""^interactions:|"(?:http_)?interactions"\s*:\s*\["""
    rb'''|"log"\s*:\s*\{\s*"(?:_recordingName|version|creator|browser|pages|entries)"''',
    re.MULTILINE,
)
"""How vcrpy's cassettes begin, in YAML and in JSON, Betamax's and those in the HTTP archive format
(http://www.softwareishard.com/blog/har-12-spec/), which Polly.js writes too."""


def beginning(path: Path) -> bytes:
    """The file's first bytes, `LARGEST` at the most; empty where it can't be read."""
    return _first(path, LARGEST)


def written(path: Path | str) -> bytes:
    """The file's bytes; empty where it can't be read, or is too large to be written by a person."""
    content = _first(path, LARGEST + 1)
    return content if len(content) <= LARGEST else b""


_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
"""What a pipe may once hold is not waited for."""


def _first(path: Path | str, size: int) -> bytes:
    """Its first bytes. By the system's own calls: `open` takes three times as long for a file."""
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError:
        return b""
    try:
        content = os.read(descriptor, size)
        while content and (left := size - len(content)) and (more := os.read(descriptor, left)):
            content += more
    except OSError:
        return b""
    finally:
        os.close(descriptor)
    return content


_REGISTRY_NAME = "models.yml"
_REGISTRY_ENDS = sorted((f"/{place}" for place in PLACES), key=len, reverse=True)
"""The longest first: `services/a/config/models.yml` is that of `services/a`."""
_NAMES_A_PIN = re.compile(rb"^[^#\n]*\bproduction\s*:", re.MULTILINE)

_NOT_WRITTEN = frozenset({
    ".git", ".hg", ".venv", "venv", "node_modules", "__pycache__", ".tox", ".nox", ".eggs",
    ".mypy_cache", ".ruff_cache", ".pytest_cache", "build", "dist", "site-packages",
})  # fmt: skip
"""Folders that a walk without git leaves out."""


def files(root: Path, *, deepest: int | None = None) -> list[str]:
    """Paths from `root`, with `/`, sorted; .gitignore holds where `root` is in a git work tree.

    Elsewhere at most `deepest` folders down, if given: `root` may be a home folder or a disk.
    """
    listed = _listed(root, "--cached", "--others", "--exclude-standard")
    return sorted(_walk(root, deepest)) if listed is None else listed


def tracked(root: Path) -> list[str]:
    """Paths from `root`, with `/`, sorted, of what git tracks; empty outside of git."""
    return _listed(root) or []


def _listed(root: Path, *options: str) -> list[str] | None:
    try:
        done = run_git(root, "ls-files", "-z", *options)
    except FileNotFoundError:
        return None
    if done.returncode:
        return None
    return sorted({name for name in os.fsdecode(done.stdout).split("\0") if name})


def _walk(root: Path, deepest: int | None) -> list[str]:
    found = []
    for folder, folders, names in os.walk(root):
        below = Path(folder).relative_to(root)
        at_the_end = deepest is not None and len(below.parts) >= deepest
        folders[:] = [name for name in folders if name not in _NOT_WRITTEN and not at_the_end]
        found += [(below / name).as_posix() for name in names]
    return found
