"""Where recordings lie: distinct, and within bounds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_modelpin.recordings.owner import Owner, name_in_module, recorded_base_urls
from pytest_modelpin.session.unused_recordings import orphans

PIN = "gpt-4o-2024-08-06"
FOLDER = Path("/repository/tests")


def ask(url: str, text: str = "hi") -> Any:
    body = {"model": PIN, "messages": [{"role": "user", "content": text}]}
    return httpx.post(f"{url}/v1/chat/completions", json=body).json()


def place(owner: Owner, version: str = PIN) -> Path:
    return owner.file(version, Path())


def test_an_ordinary_test_keeps_its_own_name() -> None:
    found = place(Owner(FOLDER, "test_refund", "test_polite[en-1]"))
    assert found.as_posix() == f"__recordings__/{PIN}/test_refund/test_polite[en-1].json"


def test_colons_in_a_parameter_are_no_class() -> None:
    """Two tests had one file, and what the second recorded replaced what the first had."""
    assert name_in_module("tests/test_a.py::TestIt::test_it[a::b]") == "TestIt.test_it[a::b]"
    names = [name_in_module(f"test_a.py::test_it[{text}]") for text in ("::", ".", "a::b", "a.b")]
    assert len({Owner(Path(), "test_a", name).file_name("v") for name in names}) == 4


@pytest.mark.parametrize("names", [("test_a[A]", "test_a[a]"), ("TestURL.test", "TestUrl.test")])
def test_names_that_differ_in_case_alone_never_share_a_file(names: tuple[str, str]) -> None:
    one, other = (place(Owner(FOLDER, "test_a", name)).as_posix() for name in names)
    assert one.lower() != other.lower()


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1), st.integers(0, 60))
def test_a_path_from_the_root_is_short_and_never_leaves_the_folder(
    version: str, module: str, name: str, depth: int
) -> None:
    folder = Path("/no/repository")
    found = place(Owner(folder, module * 40, name * 40), version)
    assert len(found.parts) == 4
    assert ".." not in found.parts
    assert len(found.as_posix()) < 240


@pytest.mark.parametrize("deep", [0, 3, 10])
def test_a_long_id_in_a_deep_folder_stays_below_240_characters(tmp_path: Path, deep: int) -> None:
    (tmp_path / ".git").mkdir()
    folder = tmp_path.joinpath(*["services"] * deep)
    owner = Owner(folder, "test_" + "m" * 100, f"test_x[{'p' * 300}]")
    version = "accounts/fireworks/models/llama-v3p1-405b-instruct"
    assert len(owner.file(version).relative_to(tmp_path).as_posix()) < 240


@pytest.mark.parametrize("mark", ["models.yml", "pyproject.toml", "tox.ini", None])
@pytest.mark.parametrize("deep", [0, 3, 10])
def test_without_git_a_deep_folder_stays_below_240_characters_too(
    tmp_path: Path, deep: int, mark: str | None
) -> None:
    if mark:
        (tmp_path / mark).touch()
    folder = tmp_path.joinpath(*["services"] * deep)
    found = Owner(folder, "test_" + "m" * 100, f"test_x[{'p' * 300}]").file(PIN)
    assert len(found.relative_to(tmp_path).as_posix()) < 240


def test_a_copy_without_git_has_the_names_of_the_repository(tmp_path: Path) -> None:
    """As in an image that the project's files alone were copied to, whatever lies above."""
    names = []
    for root, mark in (("clone", ".git"), ("image/srv/app", "pyproject.toml")):
        folder = tmp_path / root / f"services/support/{'deep/' * 18}tests"
        folder.mkdir(parents=True)
        (tmp_path / root / mark).touch()
        (tmp_path / root / "services/support/models.yml").touch()
        names.append(place(Owner(folder, "test_a", f"test_x[{'p' * 300}]")))
    assert names[0] == names[1]


def test_a_temporary_file_of_a_killed_process_is_no_recording(
    server: Any, stage: Any, words: Any
) -> None:
    stage.play(words.production("new"), lambda: ask(server.url))
    folder = stage.folder / f"__recordings__/{PIN}/test_summary"
    (folder / ".writing-new.tmp").write_bytes(b'{"schema": 1, "te')
    assert orphans(stage.folder, "test_summary", ["test_short"], [PIN]) == ()


def test_where_recordings_were_made_is_looked_up_by_what_no_test_can_patch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Path.glob goes by os.scandir, which blockbuster lets nobody call within an event loop."""
    path = tmp_path / "__recordings__" / "gpt-4o" / "test_a" / "test_b.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"url": "https://llm.corp/v1/chat/completions"}')
    (path.parent / "notes.txt").write_text('{"url": "https://example.org"}')
    (tmp_path / "__recordings__" / "support.answers").write_text("")
    for name in ("scandir", "listdir", "stat"):
        monkeypatch.delattr(os, name)
    assert recorded_base_urls(tmp_path) == {"https://llm.corp/v1"}
