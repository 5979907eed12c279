"""What a repository is made of, as far as `init` needs it: folders, installing, tests, keys, CI."""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import cached_property
from pathlib import Path

from pytest_modelpin.adopt.contents import TEST_FILE, Contents, contents, runs_tests_past_pytest
from pytest_modelpin.adopt.installing import (
    REQUIREMENTS,
    Install,
    install_of,
    python_of,
    read_toml,
)
from pytest_modelpin.adopt.logical_names import is_of_tests
from pytest_modelpin.adopt.pytest_settings import (
    RootAbove,
    names_of_tests,
    root_above,
    shares_settings,
)
from pytest_modelpin.alarms.scan import Named
from pytest_modelpin.literals import OUR_FOLDERS, files, written
from pytest_modelpin.literals.syntax import ROUTE_READERS
from pytest_modelpin.providers import PROVIDERS, Provider, known_providers, provider_named
from pytest_modelpin.registry import find
from pytest_modelpin.run_git import run_git

_PROJECT_FILES = (
    "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "requirements-dev.txt",
    "Pipfile", "pytest.ini", "tox.ini",
)  # fmt: skip


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
        words |= {word for each in PROVIDERS for word in each.sold_beside}
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


def named_outside(repository: Repository) -> tuple[Named, ...]:
    """The ids in files that no project holds, such as a package that a workspace's members share;
    paths from git's top. Those of tests are left out.
    """
    below = tuple(f"{each.below}/" for each in repository.projects)
    if "./" in below:
        return ()
    outside = [path for path in _below(repository.top, repository.top, files(repository.top))
               if not path.startswith(below)]  # fmt: skip
    found = contents(repository.top, outside, [], []).ids
    return tuple(each for each in found if not is_of_tests(each.path))


def lists_plugin(project: Project) -> bool:
    """Whether the files in which the project says what it needs name pytest-modelpin."""
    lists = dict.fromkeys((*_PROJECT_FILES, *REQUIREMENTS))
    return any(b"pytest-modelpin" in written(project.folder / name) for name in lists)


def speaks_of(project: Project) -> frozenset[str]:
    """By whom the project may ask its models: providers that its ids don't tell, and `litellm`.

    Who sells another's models is left out where the project can ask both: such code is written for
    the maker's ids, which a seller's deployments are only named after.
    """
    said, found = project.contents.words, set[str]()
    for name, told in _told_by().items():
        if said.intersection(told) and not _asks_maker(provider_named(name), project.contents):
            found.add(name)
    return frozenset(found)


def _asks_maker(seller: Provider | None, contents: Contents) -> bool:
    """Whether what speaks of a seller has the maker's key, too.

    It does beside the seller's own, or for the maker's own client where no variable names the
    seller: with the maker's key alone, clients of Azure's were made in 2023.
    """
    maker = provider_named(getattr(seller, "sells", None))
    if seller is None or maker is None or contents.variables.isdisjoint(maker.key_variables):
        return False
    if not contents.variables.isdisjoint(seller.key_variables):
        return True
    beside = getattr(seller, "sold_beside", ())  # a team's own provider lacks it
    named = contents.words.intersection(seller.base_url_variables)
    return not named and not contents.words.isdisjoint(beside)


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
    document = read_toml(folder / "pyproject.toml")
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
        install_of(folder, top),
        python_of(folder),
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
