import asyncio
import errno
import os
import py_compile
import stat
import sys
import threading
from fnmatch import fnmatch
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_modelpin.files import (
    TEMPORARY,
    from_here,
    is_temporary,
    named_content,
    plain_content,
    read_bytes,
    real_files,
    relative_path,
    replace_unchanged,
    safe_name,
    write_atomically,
)


def test_parents_are_made(tmp_path):
    path = tmp_path / "a" / "b.json"
    write_atomically(path, b"x")
    assert path.read_bytes() == b"x"


def test_content_is_replaced_and_nothing_else_left(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("prefix", [None, "elsewhere"])
def test_a_module_of_equal_length_written_in_the_same_second_is_the_one_that_runs(
    tmp_path, monkeypatch, prefix
):
    monkeypatch.setattr(sys, "pycache_prefix", prefix and str(tmp_path / prefix))
    path = tmp_path / "settings.py"
    write_atomically(path, b"PIN = 'gpt-4o-2024-08-06'")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    py_compile.compile(str(path))
    write_atomically(path, b"PIN = 'gpt-4o-2024-11-20'")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    loader = SourceFileLoader("settings", str(path))
    code = loader.get_code("settings")
    assert code is not None
    assert code.co_consts[0] == "gpt-4o-2024-11-20"


def test_a_failed_write_leaves_the_old_content_and_no_temporary_file(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    path.write_bytes(b"old")

    def refuse(self: Path, target: Path) -> Path:
        raise OSError("disk gone")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="disk gone"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
def test_the_file_gets_the_permissions_of_any_new_file(tmp_path):
    ordinary, ours = tmp_path / "ordinary", tmp_path / "ours"
    ordinary.touch()
    write_atomically(ours, b"")
    assert stat.S_IMODE(ours.stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
@pytest.mark.parametrize("mode", [0o755, 0o600, 0o444])
def test_a_file_that_is_there_keeps_its_permissions(tmp_path, mode):
    script = tmp_path / "run.sh"
    script.write_text("old")
    script.chmod(mode)
    write_atomically(script, b"new")
    assert script.read_bytes() == b"new"
    assert stat.S_IMODE(script.stat().st_mode) == mode


@pytest.mark.parametrize("name", ["gpt-4o-2024-11-20", "test_a[x-1]", "model@20240620", "a=b+c"])
def test_a_safe_name_is_kept(name):
    assert safe_name(name) == name


UNSAFE = [
    "..", ".", "", "../../etc/passwd", "a/b", "a\\b", "con", "NUL.txt", "a:b", "x" * 500, "é",
    ".hidden", "end.", "a\0b", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("name", UNSAFE)
def test_an_unsafe_name_is_changed_into_a_safe_one(name):
    safe = safe_name(name)
    assert safe != name
    assert safe_name(safe) == safe


@given(st.text() | st.sampled_from(["con", "Aux.json", "com1"]))
def test_no_name_leaves_its_folder_or_exceeds_what_file_systems_allow(name):
    safe = safe_name(name)
    assert safe.isascii()
    assert Path(safe).name == safe
    assert not set(safe) & set('/\\:*?"<>|\0')
    assert safe[0] != "."
    assert safe.split(".")[0].lower() not in {"con", "prn", "aux", "nul", "com1", "lpt9"}
    assert 0 < len(os.fsencode(safe)) <= 120


@given(st.text(max_size=8), st.text(max_size=8))
def test_two_names_never_collide(first, second):
    assert (safe_name(first) == safe_name(second)) == (first == second)


def test_what_a_killed_process_was_writing_is_told_by_its_name():
    assert is_temporary(".writing-abc123.tmp")
    assert not is_temporary("a.writing-abc123.tmp")


def test_a_stale_temporary_file_is_swept_by_the_next_write(tmp_path):
    left, fresh = tmp_path / ".writing-abc123.tmp", tmp_path / ".writing-other.tmp"
    left.write_bytes(b"half of")
    fresh.write_bytes(b"another process is at it")
    os.utime(left, (left.stat().st_mtime - 7200,) * 2)
    write_atomically(tmp_path / "a.json", b"x")
    assert sorted(path.name for path in tmp_path.iterdir()) == [fresh.name, "a.json"]


def test_a_temporary_file_never_has_the_suffix_of_what_it_becomes(tmp_path, monkeypatch):
    seen = []

    def replace(self: Path, target: Path) -> Path:
        seen.append(self.name)
        raise OSError("killed here")

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(OSError, match="killed here"):
        write_atomically(tmp_path / "a.json", b"x")
    assert [fnmatch(name, TEMPORARY) for name in seen] == [True]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES])
def test_whatever_refuses_a_write_the_error_names_the_file(tmp_path, monkeypatch, number):
    path = tmp_path / "a.json"
    path.write_bytes(b"old")

    def refuse(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError) as failure:
        write_atomically(path, b"new")
    assert (failure.value.errno, failure.value.filename) == (number, str(path))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@given(st.text(max_size=8), st.text(max_size=8))
@example("A", "a")
@example("test_x[Yes]", "test_x[yes]")
@example("x" * 300 + "A", "x" * 300 + "a")
def test_names_that_are_safe_in_any_case_never_collide(first, second):
    one, other = (safe_name(name, any_case=True).lower() for name in (first, second))
    assert (one == other) == (first == second)


@given(st.text(), st.integers(24, 120))
def test_a_name_is_never_longer_than_asked_for(name, longest):
    assert 0 < len(safe_name(name, longest=longest, any_case=True)) <= longest


@pytest.mark.parametrize("is_watched", [True, False])
def test_files_are_looked_at_outside_of_a_loop_that_blockbuster_watches(monkeypatch, is_watched):
    """It goes by whether a loop runs: https://github.com/cbornet/blockbuster."""
    if is_watched:
        monkeypatch.setitem(sys.modules, "blockbuster", sys)

    async def look():
        with real_files():
            found = asyncio._get_running_loop()
        return found, asyncio.get_running_loop()

    inside, after = asyncio.run(look())
    assert (inside is None) == is_watched
    assert after is not None


def test_a_path_is_shown_whatever_a_test_has_put_in_the_place_of_the_working_folder(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "getcwd", lambda: "/")
    assert from_here(tmp_path / "a" / "b.json") == "a/b.json"


def test_what_somebody_has_changed_since_it_was_read_stays(tmp_path):
    path = tmp_path / "models.yml"
    assert replace_unchanged(path, None, b"planned")
    assert not replace_unchanged(path, None, b"planned when there was none")
    path.write_bytes(b"theirs")
    assert not replace_unchanged(path, b"planned", b"ours")
    assert path.read_bytes() == b"theirs"
    assert replace_unchanged(path, b"theirs", b"ours")
    assert path.read_bytes() == b"ours"


def test_the_way_to_a_path_leads_upwards_too(tmp_path):
    assert relative_path(tmp_path / "a" / "b.json", tmp_path) == "a/b.json"
    assert relative_path(tmp_path / "b.json", tmp_path / "a") == "../b.json"


def test_where_no_way_leads_it_is_the_whole_path(tmp_path, monkeypatch):
    def from_another_drive(path, start):
        raise ValueError("path is on mount 'C:', start on mount 'D:'")

    monkeypatch.setattr(os.path, "relpath", from_another_drive)
    whole = (tmp_path / "a.json").resolve().as_posix()
    assert relative_path(tmp_path / "a.json", tmp_path) == whole


needs_pipes = pytest.mark.skipif(sys.platform == "win32", reason="has no named pipes")


@needs_pipes
def test_a_link_into_a_device_or_a_pipe_is_written_to_and_stays(tmp_path):
    """As root, `--sarif /dev/stdout` put a file in the place of the machine's /dev/stdout."""
    (tmp_path / "null").symlink_to(os.devnull)
    write_atomically(tmp_path / "null", b"gone")
    reading, writing = os.pipe()
    (tmp_path / "stdout").symlink_to(f"/dev/fd/{writing}")
    write_atomically(tmp_path / "stdout", b"heard")
    os.close(writing)
    assert os.read(reading, 100) == b"heard"
    os.close(reading)
    assert {each.name: each.is_symlink() for each in tmp_path.iterdir()} == {
        "null": True,
        "stdout": True,
    }


@needs_pipes
def test_a_stream_that_is_a_file_is_added_to_and_its_name_stays(tmp_path):
    with (tmp_path / "out").open("wb", buffering=0) as out:
        (tmp_path / "stdout").symlink_to(f"/dev/fd/{out.fileno()}")
        out.write(b"before ")
        write_atomically(tmp_path / "stdout", b"heard")
    assert (tmp_path / "stdout").is_symlink()
    assert (tmp_path / "out").read_bytes() == b"before heard"


@needs_pipes
def test_nothing_is_written_to_a_pipe_that_nobody_reads(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="nobody reads") as caught:
        write_atomically(tmp_path / "pipe", b"x")
    assert caught.value.filename == str(tmp_path / "pipe")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@needs_pipes
def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="nobody writes to"):
        named_content(tmp_path / "pipe")


@needs_pipes
@pytest.mark.parametrize("read", [read_bytes, plain_content])
@pytest.mark.parametrize("place", ["pipe", "linked", "folder"])
def test_what_is_read_of_a_project_is_a_plain_file(tmp_path, read, place):
    """A pipe in a recording's place was waited for without end."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "linked").symlink_to("pipe")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="it is no plain file"):
        read(tmp_path / place)


@needs_pipes
def test_a_pipe_that_somebody_writes_to_is_read_to_its_end(tmp_path):
    reading, writing = os.pipe()

    def write() -> None:
        for _ in range(3):
            os.write(writing, b"x" * 30_000)
        os.close(writing)

    thread = threading.Thread(target=write)
    thread.start()
    assert named_content(Path(f"/dev/fd/{reading}")) == b"x" * 90_000
    thread.join()
    os.close(reading)


@pytest.mark.parametrize(
    ("place", "error"), [(".", IsADirectoryError), ("none", FileNotFoundError)]
)
def test_what_is_no_file_is_an_error_of_the_system_s(tmp_path, place, error):
    with pytest.raises((error, PermissionError)):
        named_content(tmp_path / place)


@needs_pipes
def test_a_device_is_not_read_without_end():
    with pytest.raises(OSError, match="no plain file"):
        named_content(Path("/dev/zero"))
