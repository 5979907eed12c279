"""What a repository is made of, as far as `init` needs it: folders, installing, tests, keys, CI."""

from __future__ import annotations

import os
import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import cached_property
from pathlib import Path
from typing import Any

from pytest_modelpin.adopt.contents import TEST_FILE, Contents, contents, runs_tests_past_pytest
from pytest_modelpin.adopt.pytest_settings import (
    RootAbove,
    names_of_tests,
    root_above,
    shares_settings,
)
from pytest_modelpin.literals import OUR_FOLDERS, files, written
from pytest_modelpin.literals.syntax import ROUTE_READERS
from pytest_modelpin.providers import PROVIDERS, Provider, known_providers, provider_named
from pytest_modelpin.registry import find
from pytest_modelpin.run_git import run_git

_PROJECT_FILES = (
    "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "requirements-dev.txt",
    "Pipfile", "pytest.ini", "tox.ini",
)  # fmt: skip
_REQUIREMENTS = (
    "requirements.txt", "requirements-dev.txt", "requirements-test.txt", "requirements_dev.txt",
    "requirements_test.txt", "dev-requirements.txt", "test-requirements.txt",
    "requirements/base.txt", "requirements/dev.txt", "requirements/test.txt",
)  # fmt: skip
_FOR_TESTS = ("dev", "test", "tests", "testing", "develop")
"""What a dependency group or an extra with pytest in it is called."""

_NEWEST_PYTHON = "3.13"
_OLDEST_PYTHON = 11
"""Of 3: what this distribution requires."""


@dataclass(frozen=True, slots=True)
class Install:
    """How a project's tests are installed, as its owner does it."""

    commands: tuple[str, ...]
    python: str = "python"
    """The interpreter whose environment then holds them."""
    by: str = ""
    """The file that said so; empty where none did."""
    unlisted: tuple[str, ...] = ()
    """Modules that the code imports, where no file lists what to install."""


@dataclass(frozen=True)  # no slots: its contents are read when they are first asked for
class Project:
    """One folder with a models.yml of its own, or that is about to get one."""

    folder: Path
    below: str
    """Its path from git's top, with `/`; `.` where it is the top."""
    paths: tuple[str, ...]
    """Its files, from its folder, with `/`."""
    install: Install
    python: str
    tests: bool
    """Whether it has a file of tests."""
    root_above: RootAbove | None = None
    """Where pytest called here takes another folder for its root."""

    @cached_property
    def contents(self) -> Contents:
        """What its files say. Read once: they may be a hundred thousand."""
        words = {word for told in _told_by().values() for word in told}
        keys = {name for each in known_providers() for name in each.key_variables}
        return contents(self.folder, self.paths, sorted(words), sorted(keys))


@dataclass(frozen=True, slots=True)
class Repository:
    """The whole of it."""

    top: Path
    """Git's top, or the folder itself outside of git."""
    git: bool
    projects: tuple[Project, ...]
    systems: tuple[str, ...]
    """CI systems at hand: `github`, `gitlab`."""
    url: str | None
    """Where it is on the web; None without a remote."""


def read_repository(folder: Path, named: Sequence[str] = ()) -> Repository:
    """What is in the repository of `folder`, whose projects are `named`, else found.

    Without names it is the folder itself or, where that is no Python project, each folder right
    below it, or below those, that is one and has tests. Nothing is run but git, and nothing
    written.
    """
    top = _git(folder, "rev-parse", "--show-toplevel")
    root = Path(top) if top else folder.resolve()
    listed = files(folder)
    folders = [folder / name for name in named] or list(_projects(folder, listed)) or [folder]
    there = [name for name, mark in (("github", ".github"), ("gitlab", ".gitlab-ci.yml"))
             if (root / mark).exists()]  # fmt: skip
    remote = _git(folder, "remote", "get-url", "origin")
    return Repository(
        root,
        top is not None,
        tuple(_project(each, root, _below(folder, each, listed)) for each in folders),
        tuple(there),
        _web(remote) if remote else None,
    )


def past_pytest(repository: Repository, project: Project) -> tuple[str, ...]:
    """Files that run tests by something else than pytest, which replays nothing; from git's top.

    A repository's workflows are those of a project alone at its top, since nobody can tell which
    of several a workflow tests.
    """
    own = [project.folder / path for path in project.contents.other_runners]
    flows = sorted(repository.top.glob(".github/workflows/*.y*ml")) if project.below == "." else []
    past = [*own, *(path for path in flows if runs_tests_past_pytest(written(path)))]
    return tuple(dict.fromkeys(path.relative_to(repository.top).as_posix() for path in past))


def lists_plugin(project: Project) -> bool:
    """Whether the files in which the project says what it needs name pytest-modelpin."""
    lists = dict.fromkeys((*_PROJECT_FILES, *_REQUIREMENTS))
    return any(b"pytest-modelpin" in written(project.folder / name) for name in lists)


def speaks_of(project: Project) -> frozenset[str]:
    """By whom the project may ask its models: providers that its ids don't tell, and `litellm`.

    Who sells another's models is left out where the project has keys for both: code that can ask
    either is written for the maker's ids, which a seller's deployments are only named after.
    """
    said, keys = project.contents.words, project.contents.variables
    return frozenset(
        name
        for name, told in _told_by().items()
        if said.intersection(told) and not _has_keys_for_both(provider_named(name), keys)
    )


def _has_keys_for_both(seller: Provider | None, keys: frozenset[str]) -> bool:
    maker = provider_named(getattr(seller, "sells", None))
    if seller is None or maker is None:
        return False
    return not keys.isdisjoint(seller.key_variables) and not keys.isdisjoint(maker.key_variables)


def _told_by() -> dict[str, tuple[str, ...]]:
    return {each.name: each.told_by for each in PROVIDERS} | {"litellm": ROUTE_READERS}


def keys_needed(providers: Iterable[str], named: frozenset[str]) -> tuple[str, ...]:
    """The variables with the keys of `providers`: those that the code names, else the SDK's own."""
    needed: list[str] = []
    for provider in sorted(set(providers)):
        known = provider_named(provider)
        if known is None or not known.key_variables:
            continue
        several = getattr(known, "ways_in", ())  # teams' own providers lack it
        ways: Sequence[tuple[str, ...]] = several or [(each,) for each in known.key_variables]
        mine = [way for way in ways if way[0] in named]
        way = min(mine, key=len) if mine else ways[0]
        needed += way
    return tuple(dict.fromkeys(needed))


def _projects(folder: Path, listed: Sequence[str]) -> Iterator[Path]:
    is_project = any((folder / name).exists() for name in _PROJECT_FILES)
    if find(folder) or (is_project and not _only_workspace(folder, listed)):
        yield folder
    else:
        yield from (folder / name for name in _projects_below(folder, listed))


def _projects_below(folder: Path, listed: Sequence[str]) -> Iterator[str]:
    """The folders of `folder`, or of those, that are Python projects with tests."""
    there = frozenset(listed)
    tested = {
        "/".join(parts[:depth])
        for path in listed
        if TEST_FILE.fullmatch(path)
        for parts in [path.split("/")[:-1]]
        for depth in (1, 2)
    }
    for name in sorted({path.rpartition("/")[0] for path in listed if path.count("/") in (1, 2)}):
        if name in tested and any(f"{name}/{each}" in there for each in _PROJECT_FILES):
            yield name


def _only_workspace(folder: Path, listed: Sequence[str]) -> bool:
    """Whether pyproject.toml only holds a workspace or tools' settings together, and no tests."""
    document = _toml(folder / "pyproject.toml")
    tools = document.get("tool", {})
    if not document or "poetry" in tools:
        return False
    if shares_settings(folder):
        return False  # pytest called in a member takes this folder for its root
    if "project" not in document:
        return not any((folder / name).is_dir() for name in ("tests", "test"))
    if "workspace" not in tools.get("uv", {}):
        return False
    # As `uv init` writes it: a package that needs the members, and whose tests are theirs.
    inside = tuple(f"{name}/" for name in _projects_below(folder, listed))
    return all(path.startswith(inside) for path in listed if TEST_FILE.fullmatch(path))


def _project(folder: Path, top: Path, paths: tuple[str, ...]) -> Project:
    return Project(
        folder,
        folder.resolve().relative_to(top.resolve()).as_posix(),
        paths,
        _install(folder, top),
        _python(folder),
        _has_tests(folder, paths),
        root_above(folder, top),
    )


def _has_tests(folder: Path, paths: Iterable[str]) -> bool:
    called = "|".join(translate(each.rpartition("/")[2]) for each in names_of_tests(folder))
    matches = re.compile(called).fullmatch
    return any(matches(path.rpartition("/")[2]) for path in paths)


def _below(root: Path, folder: Path, listed: Sequence[str]) -> tuple[str, ...]:
    """The files of `root` below `folder`, from there; ours are not among them."""
    below = folder.relative_to(root).as_posix()
    start = "" if below == "." else f"{below}/"
    # They lie side by side in what is sorted: a repository may have a thousand projects.
    first = bisect_left(listed, start)
    last = bisect_left(listed, f"{below}0", first) if start else len(listed)  # 0 comes after /
    mine = (path[len(start) :] for path in listed[first:last])
    return tuple(path for path in mine if not OUR_FOLDERS.intersection(path.split("/")))


def _install(folder: Path, top: Path) -> Install:
    """Its lock file's own tool; else pip with what pyproject.toml, setup.py or lists name."""
    if lock := _nearest(folder, top, "uv.lock"):
        ours = "" if b'"pytest-modelpin"' in written(lock) else "pytest-modelpin"
        version = _python(folder)
        # uv goes by a .python-version that is too old for this plugin unless it is told another.
        told = f" --python {version}" if _named_python(folder) not in ("", version) else ""
        synced = f"uv sync --locked --all-extras --all-groups{told}"
        commands = ["python -m pip install uv", synced]
        python = f"{'../' * _depth(folder, lock.parent)}.venv/bin/python"
        if ours:
            commands.append(f"uv pip install --python {python} {ours}")
        return Install(tuple(commands), python, "uv.lock")
    if _nearest(folder, folder, "poetry.lock"):
        first = "python -m pip install poetry"
        return Install(
            (first, "poetry config virtualenvs.create false", "poetry install --no-interaction"),
            by="poetry.lock",
        )
    if _nearest(folder, folder, "Pipfile.lock"):
        first = "python -m pip install pipenv"
        return Install((first, "pipenv sync --dev --system"), by="Pipfile.lock")
    lists = [name for name in _REQUIREMENTS if (folder / name).is_file()]
    packages = _packages(folder)
    if not (lists or packages):
        return Install(("python -m pip install pytest",))
    words = [*(f"-r {name}" for name in lists), *packages]
    by = lists[0] if lists else ("pyproject.toml" if _toml(folder / "pyproject.toml") else "setup")
    return Install((f"python -m pip install {' '.join(words)}",), by=by)


def _packages(folder: Path) -> list[str]:
    """What pip is told to install of the project itself."""
    document = _toml(folder / "pyproject.toml")
    groups = [name for name in document.get("dependency-groups", {}) if name in _FOR_TESTS]
    words = [f"--group {name}" for name in groups]
    if "project" not in document:
        built = any((folder / name).is_file() for name in ("setup.py", "setup.cfg"))
        return words + (["-e ."] if built or "build-system" in document else [])
    extras = document["project"].get("optional-dependencies", {})
    wanted = ",".join(name for name in extras if name in _FOR_TESTS)
    return [*words, f'-e ".[{wanted}]"' if wanted else "-e ."]


def _python(folder: Path) -> str:
    """The version in .python-version, else the newest that `requires-python` allows.

    A version that is too old for this plugin is passed over: nothing could be installed beside it.
    """
    named = _named_python(folder)
    if named and int(named.split(".")[1]) >= _OLDEST_PYTHON:
        return named
    allowed = str(_toml(folder / "pyproject.toml").get("project", {}).get("requires-python", ""))
    below = re.search(r"<\s*3\.(\d+)", allowed)
    newest = min(int(below[1]) - 1, 13) if below else 13
    return f"3.{newest}" if newest >= _OLDEST_PYTHON else _NEWEST_PYTHON


def _named_python(folder: Path) -> str:
    """The version in .python-version; empty where none is there, or another thing than a number."""
    named = written(folder / ".python-version").decode("utf-8", "replace").strip()
    return named if re.fullmatch(r"3\.\d+(?:\.\d+)?", named) else ""


def _nearest(folder: Path, top: Path, name: str) -> Path | None:
    """The file in `folder` or one above it, up to `top`."""
    for each in (folder, *folder.parents):
        if (each / name).is_file():
            return each / name
        if each.resolve() == top.resolve():
            break
    return None


def _depth(folder: Path, above: Path) -> int:
    return len(folder.resolve().relative_to(above.resolve()).parts)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(written(path).decode("utf-8"))
    except ValueError:
        return {}


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = run_git(folder, *arguments)
    except OSError:
        return None
    return os.fsdecode(done.stdout).strip() or None if done.returncode == 0 else None


def _web(remote: str) -> str | None:
    """`https://host/owner/name` of a remote as git has it."""
    found = re.fullmatch(
        r"(?:https://(?:[^@/]*@)?|git@|ssh://git@)([^/:]+)[/:](.+?)(?:\.git)?/?", remote
    )
    return f"https://{found[1]}/{found[2]}" if found else None
