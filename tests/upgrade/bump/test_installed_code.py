"""Code that tests import from where it was installed, in a tree in which a pin has moved."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_modelpin.upgrade.bump.installed_code import copies, installed, on_its_own_code
from pytest_modelpin.upgrade.bump.journal import JournalledMove
from pytest_modelpin.upgrade.bump.replayed_suite import verify
from pytest_modelpin.upgrade.git import git, worktree
from pytest_modelpin.upgrade.suite import Suite

pytestmark = pytest.mark.long

OLD, NEW = "gpt-4o-2024-08-06", "gpt-4o-2024-11-20"
Project = Callable[[str], Path]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Makes a repository with one module that names the old pin, and a test of the new one."""

    def build(module: str) -> Path:
        folder = tmp_path / "repository"
        for name, text in {
            module: f'MODEL = "{OLD}"\n',
            "tests/test_it.py": "from supportbot.bot import MODEL\n"
            f'def test(): assert MODEL == "{NEW}"\n',
            "models.yml": f"models:\n  gpt:\n    production: {NEW}\n",
            "pytest.ini": "[pytest]\n",
        }.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        git(tmp_path, "init", "-q", str(folder))
        git(folder, "add", "--all")
        author = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        git(folder, *author, "commit", "-qm", "A bot")
        return folder

    return build


def move(folder: Path, path: str) -> None:
    file = folder / path
    file.write_text(file.read_text().replace(OLD, NEW))


@pytest.mark.slow
@pytest.mark.parametrize("package", [True, False], ids=["package", "namespace"])
def test_a_move_in_a_second_tree_is_tested_on_the_code_there(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, package: bool
) -> None:
    folder = project("src/supportbot/bot.py")
    if package:
        (folder / "src/supportbot/__init__.py").touch()
        git(folder, "add", "--all")
        git(folder, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "A package")
    # As `pip install -e .` has it, for this process and for the tests'.
    monkeypatch.syspath_prepend(folder / "src")
    monkeypatch.setenv("PYTHONPATH", str(folder / "src"))
    with worktree(folder) as root:
        move(root, "src/supportbot/bot.py")
        moves = JournalledMove("promote", "gpt", OLD, NEW, before={}, written={})
        assert {each.root for each in installed(root)} == {root / "src"}
        verify(Suite(root), tmp_path, moves, ())


def test_what_is_installed_editable_is_the_code_itself(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project("src/supportbot/bot.py")
    monkeypatch.syspath_prepend(folder / "src")
    move(folder, "src/supportbot/bot.py")
    suite = Suite(folder)
    assert on_its_own_code(suite) is suite
    assert not copies(folder)


def test_a_copy_is_named_and_the_working_tree_goes_before_it(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = project("src/supportbot/bot.py")
    copy = tmp_path / "site-packages"
    (copy / "supportbot").mkdir(parents=True)
    (copy / "supportbot/bot.py").write_text(f'MODEL = "{OLD}"\n')
    monkeypatch.syspath_prepend(copy)
    move(folder, "src/supportbot/bot.py")
    assert copies(folder) == ("supportbot",)
    suite = on_its_own_code(Suite(folder, environment={"PYTHONPATH": "theirs"}))
    assert suite.environment["PYTHONPATH"] == os.pathsep.join([str(folder / "src"), "theirs"])


def test_a_script_that_is_called_as_a_module_of_pythons_own_hides_none(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project("scripts/random.py")
    move(folder, "scripts/random.py")
    assert not installed(folder)


def test_a_module_that_nothing_imports_from_elsewhere_is_left_alone(project: Project) -> None:
    folder = project("tools/no_such_module_anywhere.py")
    move(folder, "tools/no_such_module_anywhere.py")
    assert not installed(folder)


def test_outside_of_git_nothing_is_known(tmp_path: Path) -> None:
    assert not installed(tmp_path)


def test_a_module_whose_finder_fails_is_left_alone(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project("src/supportbot/bot.py")
    monkeypatch.setitem(sys.modules, "supportbot", SimpleNamespace(__spec__=None))
    move(folder, "src/supportbot/bot.py")
    assert not installed(folder)
