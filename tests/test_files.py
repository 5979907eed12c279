import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.files import safe_name, write_atomically


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
