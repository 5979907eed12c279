"""What an upgrade changed, as git keeps it."""

import subprocess
import tempfile
from pathlib import Path

import pytest

from pytest_modelpin.adopt.plan import ATTRIBUTES
from pytest_modelpin.errors import UpgradeError
from pytest_modelpin.upgrade import git as git_module
from pytest_modelpin.upgrade.git import changes, write_branch


def git(folder, *arguments):
    identity = ["-c", "user.name=You", "-c", "user.email=you@example.com"]
    command = ["git", *identity, *arguments]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def repository(tmp_path):
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    (tmp_path / "a").write_text("a\n")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "-m", "First")
    return tmp_path


def test_a_hook_of_the_repository_that_fails_keeps_no_bump_from_being_made(repository):
    """Such as Git LFS's, where git-lfs is not installed: no second working tree could be made."""
    for hook in ("post-checkout", "post-index-change", "reference-transaction", "pre-commit"):
        path = repository / ".git" / "hooks" / hook
        path.write_text("#!/bin/sh\nexit 2\n")
        path.chmod(0o755)
    with git_module.worktree(repository) as tree:
        (tree / "a").write_text("b\n")
        files = changes(tree)
    write_branch(repository, "modelpin/support", files, "Move it", at=0)
    assert git(repository, "show", "modelpin/support:a") == "b\n"


@pytest.mark.parametrize("kept", ["the pointer", "the content"])
def test_a_filter_that_fails_keeps_no_bump_from_being_made(repository, kept):
    """Git LFS's, which fetches without the password of the checkout: no tree could be made."""
    (repository / ".gitattributes").write_text("*.bin filter=elsewhere -text\n")
    (repository / "a.bin").write_text("the pointer")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "-m", "Big")
    (repository / "a.bin").write_text(kept)  # as a checkout with `lfs: true` has it
    git(repository, "config", "filter.elsewhere.smudge", "false")
    git(repository, "config", "filter.elsewhere.clean", "printf 'the pointer'; cat >/dev/null")
    git(repository, "config", "filter.elsewhere.required", "true")
    with git_module.worktree(repository) as tree:
        assert (tree / "a.bin").read_text() == kept
        (tree / "a").write_text("b\n")
        assert changes(tree) == {"a": b"b\n"}
    assert git(repository, "status", "--porcelain") == ""


def test_what_goes_wrong_in_a_second_working_tree_names_the_first_ones_files(repository):
    """`rollback --pr` sent people to a models.yml in a folder that was gone."""
    with pytest.raises(UpgradeError) as error, git_module.worktree(repository) as tree:
        raise UpgradeError(f"{tree / 'models.yml'} names no `previous:`.")
    assert str(error.value) == f"{repository / 'models.yml'} names no `previous:`."


def test_a_repository_of_another_user_is_not_called_none(repository, monkeypatch):
    """As in a container's job: it was told to `git init` what it had checked out."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(UpgradeError, match="--add safe"):
        git_module.top(repository)


def test_changes_have_the_line_ends_that_git_keeps(tmp_path):
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "config", "core.autocrlf", "true")
    (tmp_path / ".gitattributes").write_text("* text=auto\n")
    (tmp_path / "a.txt").write_bytes(b"one\r\n")
    (tmp_path / "gone.txt").write_bytes(b"gone\r\n")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "-m", "First")
    (tmp_path / "a.txt").write_bytes(b"two\r\n")
    (tmp_path / "gone.txt").unlink()
    recording = tmp_path / "tests" / "__recordings__" / "v" / "r.json"
    recording.parent.mkdir(parents=True)
    recording.write_bytes(b"")
    assert changes(tmp_path) == {
        "a.txt": b"two\n",
        "gone.txt": None,
        "tests/__recordings__/v/r.json": b"",
    }


@pytest.mark.parametrize(
    "folder",
    ["tests", "src/pkg/tests/unit", "packages/chat/tests", "services/support/tests/llm"],
)
def test_recordings_of_a_new_version_are_part_of_the_changes_wherever_they_lie(folder):
    # Not in `tmp_path`: what git 2.39 reads past the end of a pattern depends on paths' lengths.
    with tempfile.TemporaryDirectory(prefix="modelpin-bump-") as temporary:
        tree = Path(temporary) / "tree"
        recordings = tree / folder / "__recordings__"
        (recordings / "old").mkdir(parents=True)
        (recordings / "old" / "r.json").write_bytes(b"old")
        git(tree, "init", "--quiet")
        git(tree, "add", "--all")
        git(tree, "commit", "--quiet", "-m", "First")
        (recordings / "old").rename(recordings / "new")
        (recordings / "new" / "r.json").write_bytes(b"new")
        assert changes(tree) == {
            f"{folder}/__recordings__/old/r.json": None,
            f"{folder}/__recordings__/new/r.json": b"new",
        }


def test_recordings_that_gitignore_covers_are_part_of_the_changes(tmp_path):
    git(tmp_path, "init", "--quiet")
    (tmp_path / ".gitignore").write_text("*.json\n__pycache__\n")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "-m", "First")
    folder = tmp_path / "tests" / "__recordings__" / "v"
    folder.mkdir(parents=True)
    (folder / "r.json").write_bytes(b"{}")
    (folder / ".writing-abc.tmp").write_bytes(b"{")
    (tmp_path / "tests" / "other.json").write_bytes(b"{}")
    assert changes(tmp_path) == {"tests/__recordings__/v/r.json": b"{}"}


def test_git_lfs_takes_no_recording_where_init_wrote_gitattributes(repository):
    """Many have `*.bin filter=lfs`: a pull request by GitHub's API had pointers alone."""
    git(repository, "config", "filter.elsewhere.clean", "echo a pointer")
    (repository / ".gitattributes").write_text(
        "\n".join(["*.bin filter=elsewhere", *ATTRIBUTES, ""])
    )
    sound = repository / "tests" / "__recordings__" / "v" / "test_a" / "ab.bin"
    sound.parent.mkdir(parents=True)
    sound.write_bytes(b"\xff\r\n")
    git(repository, "add", ".gitattributes")
    git(repository, "commit", "--quiet", "-m", "Attributes")
    assert changes(repository) == {sound.relative_to(repository).as_posix(): b"\xff\r\n"}


def test_a_branch_that_somebody_has_checked_out_does_not_move_beneath_them(repository):
    """Its new commit then lay in the index as undone, and `git commit -a` undid the bump."""
    write_branch(repository, "modelpin/a", {"a": b"b\n"}, "Bump", at=1)
    before = git(repository, "rev-parse", "modelpin/a")
    git(repository, "checkout", "--quiet", "modelpin/a")
    with pytest.raises(UpgradeError, match="modelpin/a is checked out in"):
        write_branch(repository, "modelpin/a", {"a": b"c\n"}, "Bump", at=2)
    assert git(repository, "rev-parse", "modelpin/a") == before
    assert git(repository, "status", "--porcelain", "--untracked-files=no") == ""


def test_a_commit_made_while_the_branch_is_written_is_kept(repository, monkeypatch):
    write_branch(repository, "modelpin/a", {"a": b"b\n"}, "Bump", at=1)
    tree = git(repository, "rev-parse", "modelpin/a^{tree}").strip()
    theirs = git(repository, "commit-tree", tree, "-p", "modelpin/a", "-m", "Mine").strip()
    imported = git_module._import

    def meanwhile(root, stream):
        git(repository, "update-ref", "refs/heads/modelpin/a", theirs)
        imported(root, stream)

    monkeypatch.setattr(git_module, "_import", meanwhile)
    with pytest.raises(UpgradeError, match="update-ref"):
        write_branch(repository, "modelpin/a", {"a": b"c\n"}, "Bump", at=2)
    assert git(repository, "rev-parse", "modelpin/a").strip() == theirs
    assert git(repository, "for-each-ref", "refs/modelpin") == ""


def test_a_second_working_tree_has_what_git_does_not_keep_of_the_first(
    repository, tmp_path_factory
):
    """Generated code and submodules were missing there: no bump of such a suite could be made."""
    shared = tmp_path_factory.mktemp("shared")
    git(shared, "init", "--quiet")
    (shared / "prompts.py").write_text("P = 1\n")
    git(shared, "add", "--all")
    git(shared, "commit", "--quiet", "-m", "Prompts")
    git(
        repository, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", shared, "sub"
    )
    (repository / ".gitignore").write_text("_version.py\nbuilt/\n.env\n__pycache__/\n")
    (repository / "app").mkdir()
    (repository / "app" / "__init__.py").write_text("")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "-m", "A package")
    for name in ("app/_version.py", "built/lib.so", ".env", "app/__pycache__/x.pyc"):
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).write_text(name)
    with git_module.worktree(repository) as tree:
        assert (tree / "app" / "_version.py").read_text() == "app/_version.py"
        assert (tree / "built" / "lib.so").read_text() == "built/lib.so"
        assert (tree / "sub" / "prompts.py").read_text() == "P = 1\n"
        assert not (tree / ".env").exists()
        assert not (tree / "app" / "__pycache__").exists()
        (tree / "a").write_text("b\n")
        assert changes(tree) == {"a": b"b\n"}
    assert (repository / "built" / "lib.so").exists()
    assert (repository / "sub" / "prompts.py").exists()
    assert git(repository, "worktree", "list").count("\n") == 1


@pytest.mark.parametrize("other", ["modelpin", "modelpin/support/old"])
def test_a_branch_whose_name_is_in_the_way_is_named(repository, other):
    """Such as `modelpin`, on which somebody brought the nights in."""
    git(repository, "branch", other)
    with pytest.raises(UpgradeError, match=f"there is one called {other}: .* Rename or delete"):
        write_branch(repository, "modelpin/support", {"a": b"b"}, "Move it", at=0)
