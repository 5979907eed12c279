"""What an upgrade changed, as git keeps it."""

import subprocess

from pytest_modelpin.upgrade.git import changes


def git(folder, *arguments):
    identity = ["-c", "user.name=You", "-c", "user.email=you@example.com"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


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
