"""A move that is killed at any point is undone or finished by the next run."""

import errno
import json
import os
import subprocess
import sys
import threading

import pytest

from pytest_modelpin.cli import main
from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.locks import lock_file
from pytest_modelpin.upgrade.bump import journal
from pytest_modelpin.upgrade.bump.journal import (
    JournalledMove,
    contents,
    journalled,
    one_move_at_a_time,
    put_right,
    recover,
    rewrite,
)
from pytest_modelpin.upgrade.bump.version_files import answers

OLD, NEW = "gpt-4o-2024-08-06", "gpt-4o-2024-11-20"


class Killed(BaseException):
    """Stands for the end of the process: nothing behind it may run."""


@pytest.fixture
def folder(tmp_path):
    put(tmp_path, "models.yml", f"production: {OLD}\n")
    put(tmp_path, "tests/__snapshots__/a.txt", "old answer\n")
    put(tmp_path, f"tests/__recordings__/{OLD}/a.json", "old\n")
    put(tmp_path, f"tests/__recordings__/{NEW}/a.json", "new\n")
    return tmp_path


def put(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def files(root):
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.parts and path.name != "move.lock"
    }


def move(root, **more):
    before = contents(root, [root / "models.yml", *answers(root)])
    return JournalledMove("promote", "a", OLD, NEW, before=before, goes=OLD, **more)


STEPS = [
    lambda root: put(root, f"tests/__recordings__/{NEW}/b.json", "restored\n"),
    lambda root: put(root, "tests/__snapshots__/a.txt", "new answer\n"),
    lambda root: put(root, "tests/__snapshots__/b.txt", "a new case's\n"),
    lambda root: rewrite(root / "models.yml", f"production: {NEW}\n".encode()),
]


def take(root, one, steps, end):
    """The move's steps, and the exception that ends it."""
    try:
        with journalled(root, one):
            for step in steps:
                step(root)
            if end is not None:
                raise end
    except (Killed, KeyboardInterrupt):
        return
    raise AssertionError("nothing ended it")


def go(root, steps, monkeypatch):
    """Make a move that is killed after so many of its steps."""
    written = {"models.yml": f"production: {NEW}\n".encode()}
    comes = (f"tests/__recordings__/{NEW}/b.json",)
    with monkeypatch.context() as patched:
        patched.setattr(journal, "_undo", lambda *_: None)  # a killed process undoes nothing
        take(root, move(root, written=written, comes=comes), STEPS[:steps], Killed())


@pytest.mark.parametrize("steps", range(len(STEPS) + 1))
def test_a_move_that_was_killed_is_undone(folder, monkeypatch, steps):
    before = files(folder)
    go(folder, steps, monkeypatch)
    found = recover(folder)
    assert found is not None
    assert not found.finished
    assert "was undone" in found.sentence
    assert files(folder) == before
    assert recover(folder) is None


def test_doctor_tells_of_a_move_that_was_killed_and_leaves_it(folder, monkeypatch, capsys):
    """Plain `pytest` failed on half of it, and nothing said why."""
    monkeypatch.chdir(folder)
    go(folder, 2, monkeypatch)
    half = files(folder)
    (folder / "models.yml").write_text(f"models: {{a: {{production: {OLD}}}}}\n")
    assert main(["doctor"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert f"move a move of a to {NEW} was broken off" in said
    assert "`pytest-modelpin promote a` again" in said
    (folder / "models.yml").write_text(half["models.yml"])
    assert files(folder) == half


def test_a_move_that_was_killed_behind_its_tests_is_finished(folder, monkeypatch):
    def killed(*_):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(journal, "finish", killed)
        take(folder, move(folder, written={}), STEPS, None)
    found = recover(folder)
    assert found is not None
    assert found.finished
    names = set(files(folder))
    assert f"tests/__recordings__/{OLD}/a.json" not in names
    assert f"tests/__recordings__/{NEW}/b.json" in names
    assert (folder / "models.yml").read_text() == f"production: {NEW}\n"


def test_a_failure_puts_everything_back_at_once(folder):
    comes = (f"tests/__recordings__/{NEW}/b.json",)
    before = files(folder)
    take(folder, move(folder, written={}, comes=comes), STEPS, KeyboardInterrupt())
    assert files(folder) == before


def test_what_a_person_has_changed_since_stays_and_is_named(folder, monkeypatch):
    go(folder, len(STEPS), monkeypatch)
    put(folder, "models.yml", "production: mine\n")
    assert "left as they are: models.yml" in recover(folder).sentence
    assert (folder / "models.yml").read_text() == "production: mine\n"


def test_nothing_is_put_back_over_another_commit(folder, monkeypatch):
    def git(*arguments):
        who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)

    git("init", "-q")
    git("add", "--all")
    git("commit", "-qm", "one")
    go(folder, len(STEPS), monkeypatch)
    git("commit", "-qam", "two")
    with pytest.raises(UpgradeError, match="committed or checked out since"):
        recover(folder)
    assert (folder / "models.yml").read_text() == f"production: {NEW}\n"
    assert recover(folder) is None


def test_a_journal_that_can_not_be_read_says_so(folder):
    put(folder, ".pytest_modelpin/move.json", json.dumps({"schema": 9}))
    with pytest.raises(UpgradeError, match=r"move\.json tells of a move"):
        put_right(folder)


def test_without_a_journal_nothing_is_made(tmp_path):
    assert put_right(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_a_sentence_and_changes_nothing(folder, monkeypatch):
    before = files(folder)

    def full(path, content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(journal, "write_atomically", full)
    with (
        pytest.raises(UpgradeError, match=r"move\.json can't be written \(No space left"),
        journalled(folder, move(folder, written={})),
    ):
        raise AssertionError("nothing may begin before the journal is there")
    assert files(folder) == before


def test_two_moves_at_once_wait_for_each_other(folder, monkeypatch):
    monkeypatch.setattr(journal, "_PATIENCE", 0.0)
    refused = []

    def second():
        try:
            with one_move_at_a_time(folder):
                pass
        except UpgradeError as error:
            refused.append(str(error))

    with one_move_at_a_time(folder):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert "Another process has been moving a pin" in refused[0]
    second()
    assert len(refused) == 1


def test_a_lock_is_given_up_by_death_but_not_while_a_child_holds_on(tmp_path):
    path = tmp_path / "lock"
    with subprocess.Popen(
        [
            sys.executable, "-c",
            "import sys, os, subprocess, pathlib\n"
            "from pytest_modelpin.locks import lock_file\n"
            "with lock_file(pathlib.Path(sys.argv[1])) as held:\n"
            "    child = subprocess.Popen(['cat'], pass_fds=(held,), stdin=sys.stdin)\n"
            "    print(held, flush=True)\n"
            "    os.kill(os.getpid(), 9)\n",
            str(path),
        ],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as holder:  # fmt: skip
        holder.stdout.readline()
        holder.wait()
        with lock_file(path) as held:
            assert held is None
        holder.stdin.close()  # ends the child
        with lock_file(path, patience=30) as held:
            assert held is not None
